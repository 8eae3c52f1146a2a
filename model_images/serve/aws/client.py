"""Signed calls to one service, asked again where that helps: busy, throttled, cut off, credentials run out.

Every call here may be asked twice without harm; whoever adds one that may not must not send it this way. No proxy:
workloads reach AWS by endpoints in their own network.
"""

from __future__ import annotations

import hashlib
import random
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from model_images.serve.aws.connections import Connections, HttpAnswer
from model_images.serve.aws.credentials import CredentialSource
from model_images.serve.aws.endpoints import endpoint_of
from model_images.serve.aws.errors import AwsError, Unreachable
from model_images.serve.aws.signing import Credentials, Signer, encoded_query, host_of

TRIES, ANSWER_S = 6, 30.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
_BUSY = frozenset({408, 429, 500, 502, 503, 504})
_BUSY_CODES = frozenset(
    """
    InternalServerError ItemCollectionSizeLimitExceededException LimitExceededException OperationAborted
    PriorRequestNotComplete ProvisionedThroughputExceededException RequestLimitExceeded RequestTimeout
    RequestTimeoutException SlowDown ThrottledException Throttling ThrottlingException TooManyRequestsException
    TransactionInProgressException
    """.split()
)
_RUN_OUT = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
# Blanks keep the connection while S3 works, any number of them; what else an answer holds may have these words in it.
_ERROR = re.compile(rb"\s*(?:<\?xml[^>]*>)?\s*<Error>")
_XML_CODE, _XML_MESSAGE = re.compile(rb"<Code>([^<]{1,80})</Code>"), re.compile(rb"<Message>([^<]{0,400})")
_JSON_TYPE = re.compile(rb'"__type"\s*:\s*"(?:[^"#]{0,200}#)?([^"#:]{1,80})')
_JSON_MESSAGE = re.compile(rb'"[mM]essage"\s*:\s*"((?:[^"\\]|\\.){0,400})')


class Patience(NamedTuple):
    """How often and how long a call is tried. `until`: the end on the clock of `time.monotonic`, 0 for none."""

    tries: int = TRIES
    answer_s: float = ANSWER_S
    until: float = 0.0


class AwsClient:
    """Calls one service at `base`, or at its endpoint in the region where that is empty. Any thread may call."""

    def __init__(
        self, service: str, environ: Mapping[str, str], base: str = "", source: CredentialSource | None = None
    ) -> None:
        """Connects to nothing yet. Raises AwsError if no region is named."""
        endpoint = endpoint_of(service, environ)
        self._base = base or endpoint.url
        self._path = urlsplit(self._base).path.rstrip("/")
        self._signer = Signer(service, endpoint.region)
        self._source = source or CredentialSource(environ)
        self._connections = Connections(self._base)
        self._origin = self._base.removesuffix(urlsplit(self._base).path)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        patience: Patience = Patience(),  # noqa: B008  a tuple
    ) -> HttpAnswer:
        """The answer, of status 2xx, to a request whose path is percent-encoded.

        Raises:
            AwsError: with AWS's own code; Unreachable where `patience` ended first, NoCredentials without a name.
        """
        target = f"{self._path}{path}{f'?{encoded_query(query)}' if query else ''}"
        digest = hashlib.sha256(body).hexdigest()
        pause_s = FIRST_PAUSE_S
        renewed = False
        for left in reversed(range(patience.tries)):
            credentials = self._source.now()
            outcome = self._tried(method, target, headers or {}, body, digest, credentials, patience)
            if isinstance(outcome, HttpAnswer):
                return outcome
            if outcome.code in _RUN_OUT and not renewed:
                self._source.forget(credentials)
                renewed = True
                continue
            if not isinstance(outcome, Unreachable):
                raise outcome
            wait_s = random.uniform(0, pause_s)  # noqa: S311  clients that were throttled together come back apart
            if not left or (patience.until and time.monotonic() + wait_s >= patience.until):
                raise outcome
            time.sleep(wait_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        raise Unreachable(f"{self._signer.service}: tried {patience.tries} times; credentials have run out")

    def _tried(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        digest: str,
        credentials: Credentials,
        patience: Patience,
    ) -> HttpAnswer | AwsError:
        """One try; Unreachable is what may go better a moment later."""
        service, timeout_s = self._signer.service, patience.answer_s
        if patience.until:
            timeout_s = min(timeout_s, patience.until - time.monotonic())
            if timeout_s <= 0:
                return Unreachable(f"{service}: no answer in time")
        now = datetime.now(UTC)
        signed = self._signer.headers(method, f"{self._origin}{target}", headers, digest, credentials, now)
        try:
            answer = self._connections.ask(method, target, signed, body, timeout_s)
        except OSError as error:
            told = error.strerror or " ".join(str(error).split()) or type(error).__name__
            return Unreachable(f"{service}: {host_of(self._base)}: {told:.200}")
        if answer.status // 100 == 2 and not _failed_late(answer):
            return answer
        return refusal(service, answer)

    def close(self) -> None:
        """Closes idle connections."""
        self._connections.close()


def _failed_late(answer: HttpAnswer) -> bool:
    """S3 may begin an answer with 200, to keep the connection, and end it with an error."""
    return answer.status == 200 and _ERROR.match(answer.body) is not None


def refusal(service: str, answer: HttpAnswer) -> AwsError:
    """An answer that refuses, as the error that it is."""
    code, message = _code(answer), _message(answer.body)
    words = f"{service}: {code or f'HTTP {answer.status}'}{f': {message}' if message else ''}"
    if answer.status in _BUSY or code in _BUSY_CODES or (answer.status == 200):
        return Unreachable(words, code, answer.status)
    return AwsError(words, code, answer.status)


def _code(answer: HttpAnswer) -> str:
    found = _XML_CODE.search(answer.body) or _JSON_TYPE.search(answer.body)
    return found[1].decode("ascii", "replace") if found else ""


def _message(body: bytes) -> str:
    found = _XML_MESSAGE.search(body) or _JSON_MESSAGE.search(body)
    return f"{' '.join(found[1].decode('utf-8', 'replace').split()):.240}" if found else ""
