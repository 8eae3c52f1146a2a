"""Reading from Google's storage API with the service account that the metadata server stands for.

Plain HTTP of Python's library. `STORAGE_EMULATOR_HOST` and `GCE_METADATA_HOST` name other hosts, as they do for
Google's own clients; an emulator is asked without a token unless a metadata server is named too.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator, Mapping
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

import msgspec

STORAGE = "https://storage.googleapis.com"
METADATA = "metadata.google.internal"
_TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105  a path, no secret
# Seconds in which the other side must say something.
_SILENCE_S = 30.0
_METADATA_SILENCE_S = 5.0
_PASSING = frozenset({401, 408, 429, 500, 502, 503, 504})
_REASONS = {
    403: "the service account may not read it (403); grant it roles/storage.objectViewer on the bucket",
    404: "there is no such bucket or object (404); check the name",
}


class Passing(Exception):
    """What may go better a moment later: no connection, a service that is busy, a token that has run out."""


class Denied(Exception):
    """What will not go better: no such thing, or no right to it."""


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float


class GoogleHttp:
    """Gets paths of the storage API."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        emulator = environ.get("STORAGE_EMULATOR_HOST", "").rstrip("/")
        metadata = environ.get("GCE_METADATA_HOST", "")
        if emulator and not emulator.startswith(("http://", "https://")):
            emulator = f"http://{emulator}"
        self._base = emulator or STORAGE
        self._metadata = metadata or ("" if emulator else METADATA)
        self._token = ""
        self._token_until = 0.0
        self._direct = _opener(ProxyHandler({}))
        self._opener = self._direct if emulator else _opener(ProxyHandler())

    def get(self, path: str, block_bytes: int = 1 << 20) -> Iterator[bytes]:
        """The body of an answer 200, block by block. Raises Passing, Denied."""
        headers = {"Accept-Encoding": "identity", **self._authorization()}
        request = Request(self._base + path, headers=headers)  # noqa: S310  http or https, see above
        try:
            yield from _blocks(self._opener, request, block_bytes, _SILENCE_S)
        except Passing:
            self._token_until = 0.0  # perhaps it was the token
            raise

    def _authorization(self) -> dict[str, str]:
        if not self._metadata:
            return {}
        if time.monotonic() > self._token_until:
            url = f"http://{self._metadata}{_TOKEN_PATH}"
            request = Request(url, headers={"Metadata-Flavor": "Google"})
            try:
                text = b"".join(_blocks(self._direct, request, 1 << 20, _METADATA_SILENCE_S))
                token = msgspec.json.decode(text, type=_Token)
            except (Passing, Denied, msgspec.DecodeError) as error:
                raise Passing(
                    f"no credentials: the metadata server at {self._metadata} gave no token: {error}"
                ) from error
            self._token, self._token_until = token.access_token, time.monotonic() + token.expires_in - 60
        return {"Authorization": f"Bearer {self._token}"}


def _opener(proxies: ProxyHandler) -> OpenerDirector:
    """Without redirects: a token goes to nobody but the host that it is for."""
    opener = OpenerDirector()
    for handler in (proxies, HTTPHandler(), HTTPSHandler(), HTTPErrorProcessor(), HTTPDefaultErrorHandler()):
        opener.add_handler(handler)
    return opener


def _blocks(opener: OpenerDirector, request: Request, block_bytes: int, silence_s: float) -> Iterator[bytes]:
    """An answer's body, block by block; what the caller raises in between is the caller's."""
    try:
        answer = opener.open(request, timeout=silence_s)
    except HTTPError as error:
        error.close()
        if error.code in _PASSING:
            raise Passing(f"HTTP {error.code}") from error
        raise Denied(_REASONS.get(error.code, f"HTTP {error.code}")) from error
    except (OSError, http.client.HTTPException) as error:
        raise Passing(_words(error)) from error
    with answer:
        while True:
            try:
                block = answer.read(block_bytes)
            except (OSError, http.client.HTTPException) as error:
                raise Passing(_words(error)) from error
            if not block:
                return
            yield block


def _words(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    return " ".join(str(reason).split()) or type(reason).__name__
