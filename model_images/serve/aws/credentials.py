"""Whose name requests go out in: variables (Lambda, laptops), or the container's own role (EKS, ECS, Batch, SageMaker).

Only these: an instance's role is the node's, not the model's, and is never asked for. A role's credentials are asked
for again five minutes before they end, beside the calls: those that are still valid serve on, however long it takes.
"""

from __future__ import annotations

import ipaddress
import re
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from model_images.serve.aws.connections import Connections
from model_images.serve.aws.errors import NoCredentials
from model_images.serve.aws.signing import Credentials, host_of

# Where a container's credentials come from: docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
ECS_HOST = "http://169.254.170.2"
_HOSTS = frozenset({"169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost"})
REFRESH_S, LOOK_AGAIN_S = 300.0, 10.0
# Who finds the source silent says so to all who ask within this time.
REFUSED_S = 1.0
_ANSWER_S, _TRIES, _PAUSE_S = 2.0, 3, 0.2
_SOUND = re.compile(r"[!-~]*")
_ALLOWED = (
    "allowed: AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, or a role given to the container "
    "(AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI)"
)


class _Role(msgspec.Struct, rename="pascal"):
    access_key_id: str
    secret_access_key: str
    expiration: datetime
    token: str = ""


class CredentialSource:
    """The credentials that hold now; any thread may ask."""

    def __init__(self, environ: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        self._environ = environ
        self._clock = clock
        # Whoever holds it asks the source.
        self._lock = threading.Lock()
        self._held: Credentials | None = None
        self._next_look = 0.0
        self._refusal = ""
        self._refused_until = 0.0

    def now(self) -> Credentials:
        """Credentials that are valid.

        Raises:
            NoCredentials: in one line that says what is missing.
        """
        held, now = self._held, self._clock()
        if held is None or (held.until and now >= held.until):
            return self._looked(held)
        if now >= self._next_look and self._lock.acquire(blocking=False):
            try:
                threading.Thread(target=self._look_ahead, name="credentials", daemon=True).start()
            except RuntimeError:  # no thread can be started now; those that are held are good
                self._lock.release()
        return held

    def forget(self, credentials: Credentials) -> None:
        """AWS says that these have run out: unless there are others already, the next call waits for the source."""
        with self._lock:
            if self._held is credentials:
                self._held = None

    def _looked(self, known: Credentials | None) -> Credentials:
        """Other credentials than `known`, from the source, whoever gets there first."""
        with self._lock:
            if self._held is not None and self._held is not known:
                return self._held
            if self._clock() < self._refused_until:
                raise NoCredentials(self._refusal)
            try:
                return self._renewed()
            except NoCredentials as error:
                self._refusal, self._refused_until = str(error), self._clock() + REFUSED_S
                raise

    def _look_ahead(self) -> None:
        """In a thread of its own, which has been given the lock."""
        try:
            self._renewed()
        except NoCredentials:  # told when those that are held have ended
            self._next_look = self._clock() + LOOK_AGAIN_S
        finally:
            self._lock.release()

    def _renewed(self) -> Credentials:
        found, now = _checked(self._found()), self._clock()
        # Sources hand out what has little time left as well: then they are asked again soon, not at every call.
        self._next_look = max(found.until - REFRESH_S, now + LOOK_AGAIN_S) if found.until else float("inf")
        self._held = found
        return found

    def _found(self) -> Credentials:
        environ = self._environ
        key, secret = environ.get("AWS_ACCESS_KEY_ID", ""), environ.get("AWS_SECRET_ACCESS_KEY", "")
        if key and secret:
            return Credentials(key, secret, environ.get("AWS_SESSION_TOKEN", ""))
        relative = environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "")
        url = (
            f"{ECS_HOST}/{relative.lstrip('/')}" if relative else environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
        )
        if not url:
            raise NoCredentials(f"credentials: there are none; {_ALLOWED}")
        return self._of_role(url)

    def _of_role(self, url: str) -> Credentials:
        _check_host(url)
        headers = self._authorization()
        parts = urlsplit(url)
        connections = Connections(url)  # not kept: it is asked once in hours
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        told = ""
        for left in reversed(range(_TRIES)):
            try:
                answer = connections.ask("GET", target, headers, b"", _ANSWER_S)
                if answer.status == 200:
                    role = msgspec.json.decode(answer.body, type=_Role)
                    until = role.expiration.replace(tzinfo=role.expiration.tzinfo or UTC).timestamp()
                    return Credentials(role.access_key_id, role.secret_access_key, role.token, until)
                told = f"it answered {answer.status}"
                if answer.status < 500 and answer.status != 429:
                    break
            except msgspec.MsgspecError as error:
                told = f"its answer cannot be read: {error!s:.120}"
                break
            except OSError as error:
                told = error.strerror or str(error) or type(error).__name__
            if left:
                time.sleep(_PAUSE_S)
        raise NoCredentials(f"credentials: {host_of(url)} gave none: {told}; does the container have a role?")

    def _authorization(self) -> dict[str, str]:
        """The token that the source wants to see; its file is read each time, since it is replaced."""
        path = self._environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "")
        try:
            text = Path(path).read_text(encoding="ascii") if path else ""
        except (OSError, UnicodeDecodeError) as error:
            raise NoCredentials(f"credentials: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: {path}: {error}") from error
        text = text or self._environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
        token = text.strip()
        if not (token.isascii() and token.isprintable()):
            # Never the token.
            raise NoCredentials(
                "credentials: the container's authorization token is no header; allowed: one line of ASCII"
            )
        return {"Authorization": token} if token else {}


def _checked(found: Credentials) -> Credentials:
    """Raises NoCredentials for what no header carries, a line break at the end for example; never tells it."""
    for name, value in (("access key", found.access_key), ("secret key", found.secret_key), ("token", found.token)):
        if not _SOUND.fullmatch(value):
            raise NoCredentials(
                f"credentials: the {name} has a blank, a line break or a sign that none has; allowed: as AWS gave it"
            )
    return found


def _check_host(url: str) -> None:
    """A token is told to nobody but the machine itself, or over TLS."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise NoCredentials("credentials: AWS_CONTAINER_CREDENTIALS_FULL_URI cannot be read; allowed: a URL") from None
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if parts.scheme != "https" and not (parts.scheme == "http" and (loopback or host in _HOSTS)):
        allowed = f"https://, a loopback address or one of {', '.join(sorted(_HOSTS))}"
        raise NoCredentials(
            f"credentials: AWS_CONTAINER_CREDENTIALS_FULL_URI: got host {host!r:.80}; allowed: {allowed}"
        )
