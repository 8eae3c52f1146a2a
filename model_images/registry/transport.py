"""HTTP to one registry: one exchange at a time, with login, and the patience to ask again.

Plain http only to this machine. The environment's proxies are used (HTTPS_PROXY, NO_PROXY); certificates are checked
against the machine's own store (SSL_CERT_FILE).
"""

from __future__ import annotations

import email.utils
import io
import random
import time
import urllib.request
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urljoin, urlsplit

import msgspec
import urllib3
from urllib3.exceptions import HTTPError, LocationParseError, SSLError
from urllib3.response import BaseHTTPResponse, HTTPResponse
from urllib3.util import make_headers, parse_url

from model_images.registry.authorization import Authorization
from model_images.registry.credentials import Login, find_login
from model_images.registry.errors import NotThere, Refused, RegistryError, Unreachable
from model_images.registry.reference import is_loopback

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_STEPS = 8  # redirects and logins within one exchange
CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 120
BLOCK_BYTES = 256 * 1024
ANSWER_LIMIT_BYTES = 16 * 1024 * 1024  # documents; blobs are streamed

Body = Callable[[], Iterable[bytes]]


class Dropped(Exception):
    """The connection broke, or the registry said: later. Asking again may help."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@dataclass(frozen=True, kw_only=True)
class Patience:
    """`attempts` in all; the wait (seconds) doubles up to the longest, unless the registry says how long."""

    attempts: int = 6
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    longest_told_s: float = 300.0

    def wait(self, failures: int, told_s: float | None) -> None:
        """Sleeps before the attempt that follows failure number `failures` (from 1)."""
        own = min(self.first_wait_s * 2 ** (failures - 1), self.longest_wait_s)
        spread = own * random.uniform(0.5, 1.0)  # noqa: S311  keeps many pushers from asking in step; no secret
        time.sleep(min(told_s, self.longest_told_s) if told_s is not None else spread)


class Failure(msgspec.Struct, frozen=True):
    """One of a registry's errors."""

    code: str = ""
    message: str = ""


class Failures(msgspec.Struct, frozen=True):
    """Body of a refusal."""

    errors: tuple[Failure, ...] = ()


class Transport:
    """Connections to one host. Safe to use from several threads."""

    def __init__(
        self,
        host: str,
        patience: Patience = Patience(),
        find: Callable[[str], Login | None] = find_login,
    ) -> None:
        self.host = host
        self.base = f"{'http' if is_loopback(host) else 'https'}://{host}"
        self.patience = patience
        self._pools = _pools(self.base, host)
        self._authorization = Authorization(host, lambda: find(host), self._ask_token_server)

    def url(self, path: str) -> str:
        """`path` may be a path or, as registries give upload locations, a whole address.

        Raises:
            Refused: the address is plain http to another machine.
        """
        return self._safe(urljoin(f"{self.base}/", path))

    def is_ours(self, url: str) -> bool:
        """Whether the login of this registry may be sent there."""
        return url.startswith(f"{self.base}/")

    def blocks(self, answer: BaseHTTPResponse, size: int) -> Iterator[bytes]:
        """The body of a streamed answer. Raises Dropped if it breaks off."""
        try:
            yield from answer.stream(size, decode_content=False)
        except (HTTPError, OSError) as error:
            raise Dropped(" ".join(str(error).split()) or type(error).__name__) from error
        finally:
            answer.release_conn()

    def request(
        self,
        method: str,
        path: str,
        *,
        scope: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        good: Collection[int] = (200,),
    ) -> BaseHTTPResponse:
        """One document asked for or sent, again and again while that may help. The body is read already.

        Raises:
            NotThere, Refused, Unreachable: by status; `good` ones are returned.
        """
        given = None if body is None else lambda: (body,)
        failures = 0
        while True:
            try:
                answer = self.once(method, path, scope=scope, headers=headers, body=given, length=len(body or b""))
                break
            except Dropped as dropped:
                failures += 1
                if failures >= self.patience.attempts:
                    raise self.unreachable(method, path, dropped, failures) from dropped
                self.patience.wait(failures, dropped.wait_s)
        if answer.status not in good:
            raise self.refusal(method, path, answer)
        return answer

    def once(
        self,
        method: str,
        path: str,
        *,
        scope: str,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
        length: int = 0,
        stream: bool = False,
    ) -> BaseHTTPResponse:
        """One exchange, with one new login if the registry asks for it, and redirects followed without the login.

        Raises:
            Dropped: connection broken, or a status that says: later.
        """
        url = self.url(path)
        renewals = 0
        for _ in range(MOST_STEPS):
            sent = dict(headers or {})
            known = self._authorization.header(scope) if self.is_ours(url) else None
            if known:
                sent["Authorization"] = known
            answer = self._exchange(method, url, sent, body, length, stream=stream)
            if answer.status == 401 and self.is_ours(url):
                renewals += 1
                challenge = answer.headers.get("WWW-Authenticate", "")
                if renewals > 2 or not self._authorization.renew(scope, challenge, known):
                    raise self.refusal(method, path, answer)
                continue
            if answer.status in REDIRECTS and method in {"GET", "HEAD"} and "Location" in answer.headers:
                url = self._safe(urljoin(url, answer.headers["Location"]))
                continue
            if answer.status in AGAIN:
                told = _retry_after(answer.headers.get("Retry-After"))
                raise Dropped(f"answered {answer.status}{_said(answer)}", told)
            return answer
        raise Refused(f"{self.host}: {method} {_short(path)}: sent from place to place {MOST_STEPS} times")

    def unreachable(self, method: str, path: str, dropped: Dropped, attempts: int) -> Unreachable:
        """The line for a registry that stays away."""
        return Unreachable(
            f"{self.host}: {method} {_short(path)}: {dropped}; gave up after {attempts} attempts; "
            "the same command goes on where this one stopped"
        )

    def refusal(self, method: str, path: str, answer: BaseHTTPResponse) -> RegistryError:
        """The error for an answer that is not good."""
        line = f"{self.host}: {method} {_short(path)}: answered {answer.status}{_said(answer)}"
        if answer.status == 404:
            return NotThere(f"{line}; the registry does not hold it, or does not show it to this login")
        if answer.status in {401, 403}:
            return Refused(f"{line}; log in, for example `docker login {self.host}`, and check the right to do this")
        return Refused(line)

    def _exchange(
        self, method: str, url: str, headers: dict[str, str], body: Body | None, length: int, *, stream: bool
    ) -> BaseHTTPResponse:
        if body is not None or method in {"POST", "PUT", "PATCH"}:
            headers["Content-Length"] = str(length)
        try:
            answer = self._pools.urlopen(
                method,
                url,
                body=None if body is None else body(),
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
            )
            if not stream or answer.status >= 300:
                answer = _read_all(answer)
        except SSLError as error:
            raise Refused(f"{self.host}: certificate not accepted: {error}; SSL_CERT_FILE names the store") from error
        except (HTTPError, OSError) as error:
            raise Dropped(" ".join(str(error).split()) or type(error).__name__) from error
        return answer

    def _safe(self, target: str) -> str:
        try:
            parts = parse_url(target)  # by the parser that decides where the connection goes
        except LocationParseError as error:
            raise Refused(f"{self.host}: sends us to {target!r}, which is no address") from error
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.host or "")):
            raise Refused(f"{self.host}: sends us to {parts.scheme}://{parts.host}; allowed: https, or this machine")
        return target

    def _ask_token_server(
        self, method: str, url: str, headers: dict[str, str], form: bytes | None
    ) -> tuple[int, bytes]:
        body = None if form is None else lambda: (form,)
        answer = self._exchange(method, url, headers, body, len(form or b""), stream=False)
        if answer.status in AGAIN:
            raise Dropped(f"token server answered {answer.status}", _retry_after(answer.headers.get("Retry-After")))
        return answer.status, answer.data


def _pools(base: str, host: str) -> urllib3.PoolManager:
    timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(base.split(":", 1)[0]) or proxies.get("all")
    if proxy and not is_loopback(host) and not urllib.request.proxy_bypass(host):
        login = parse_url(proxy).auth
        headers = make_headers(proxy_basic_auth=unquote(login)) if login else None
        return urllib3.ProxyManager(proxy, proxy_headers=headers, maxsize=8, timeout=timeout, blocksize=BLOCK_BYTES)
    return urllib3.PoolManager(maxsize=8, timeout=timeout, blocksize=BLOCK_BYTES)


def _read_all(answer: BaseHTTPResponse) -> BaseHTTPResponse:
    """The answer with its document read, unless that would fill our memory, announced or not."""
    content = bytearray()
    for block in answer.stream(BLOCK_BYTES, decode_content=False):
        content += block
        if len(content) > ANSWER_LIMIT_BYTES:
            answer.close()
            raise Refused(f"{answer.geturl() or 'answer'}: more bytes than a document may have: {ANSWER_LIMIT_BYTES}")
    return HTTPResponse(body=io.BytesIO(content), headers=answer.headers, status=answer.status, decode_content=False)


def _retry_after(header: str | None) -> float | None:
    """Seconds or a date (RFC 9110); None where it is neither."""
    if header is None:
        return None
    if header.isascii() and header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _said(answer: BaseHTTPResponse) -> str:
    try:
        errors = msgspec.json.decode(answer.data, type=Failures).errors
    except msgspec.DecodeError:
        return ""
    words = "; ".join(f"{one.code} {one.message}".strip() for one in errors[:2])
    return f" ({words})" if words else ""


def _short(path: str) -> str:
    """Without the query: it may hold an upload's state or a token."""
    return urlsplit(path).path
