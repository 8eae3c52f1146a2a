"""The header `Authorization` of one registry: Basic, or Bearer tokens of the server that the registry names."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import msgspec

from model_images.registry.credentials import Login
from model_images.registry.errors import Refused
from model_images.registry.reference import is_loopback

CHALLENGE = re.compile(r"(?P<scheme>Bearer|Basic)\s+(?P<parameters>\S.*?)(?=,\s*(?:Bearer|Basic)\s|$)", re.IGNORECASE)
PARAMETER = re.compile(r'([a-zA-Z_]+)="([^"]*)"')

# Asks a token server: (method, url, headers, form) -> (status, body).
Ask = Callable[[str, str, dict[str, str], bytes | None], tuple[int, bytes]]


class TokenAnswer(msgspec.Struct, frozen=True):
    """A token server's answer; which of the two names is used depends on the server."""

    token: str = ""
    access_token: str = ""


@dataclass(frozen=True)
class Challenge:
    """`WWW-Authenticate`, taken apart."""

    scheme: str
    realm: str
    service: str
    scope: str


def parse_challenge(header: str) -> Challenge | None:
    """Bearer where several are offered; None for schemes that are not known here."""
    found: list[Challenge] = []
    for match in CHALLENGE.finditer(header):
        parameters = {key.lower(): value for key, value in PARAMETER.findall(match["parameters"])}
        found.append(
            Challenge(
                match["scheme"].lower(),
                parameters.get("realm", ""),
                parameters.get("service", ""),
                parameters.get("scope", ""),
            )
        )
    return next((one for one in found if one.scheme == "bearer"), found[0] if found else None)


class Authorization:
    """Remembers a header for each scope. The login is only looked up when the registry asks who we are."""

    def __init__(self, host: str, find_login: Callable[[], Login | None], ask: Ask) -> None:
        self._host = host
        self._find_login = find_login
        self._ask = ask
        self._headers: dict[str, str] = {}
        self._login: Login | None = None
        self._looked_up = False
        self._lock = threading.Lock()

    def header(self, scope: str) -> str | None:
        """What is known for `scope`, without asking anyone."""
        return self._headers.get(scope)

    def renew(self, scope: str, header: str, stale: str | None) -> str | None:
        """A new header after a 401 with the challenge `header`; None if there is nothing to offer.

        `stale` is what was refused: if another thread has renewed it since, that is taken.

        Raises:
            Refused: the token server says no, or would have to be asked in the open.
        """
        with self._lock:
            known = self._headers.get(scope)
            if known is not None and known != stale:
                return known
            fresh = self._make(scope, parse_challenge(header))
            if fresh is None or (fresh == stale and fresh.startswith("Basic")):
                return None
            self._headers[scope] = fresh
            return fresh

    def _make(self, scope: str, challenge: Challenge | None) -> str | None:
        if challenge is None:
            return None
        if not self._looked_up:
            self._login, self._looked_up = self._find_login(), True
        if challenge.scheme == "basic":
            return _basic(self._login) if self._login and self._login.user else None
        return f"Bearer {self._token(scope, challenge)}"

    def _token(self, scope: str, challenge: Challenge) -> str:
        server = urlsplit(challenge.realm)
        if server.scheme != "https" and not (server.scheme == "http" and is_loopback(server.hostname or "")):
            raise Refused(
                f"{self._host}: its token server is {challenge.realm!r}; allowed: https, for a login goes there"
            )
        scopes = [one for one in (scope or challenge.scope).split(" ") if one]
        login = self._login
        if login and login.identity_token:
            form = {
                "grant_type": "refresh_token",
                "service": challenge.service,
                "scope": " ".join(scopes),
                "refresh_token": login.identity_token,
                "client_id": "homeport",
            }
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            status, body = self._ask("POST", challenge.realm, headers, urlencode(form).encode())
        else:
            query = urlencode([("service", challenge.service), *(("scope", one) for one in scopes)])
            url = f"{challenge.realm}{'&' if server.query else '?'}{query}"
            headers = {"Authorization": _basic(login)} if login else {}
            status, body = self._ask("GET", url, headers, None)
        return self._read_token(status, body, challenge.realm)

    def _read_token(self, status: int, body: bytes, realm: str) -> str:
        if status != 200:
            raise Refused(
                f"{self._host}: its token server {realm} answered {status}; log in again, for example with "
                f"`docker login {self._host}`, or ask for the right to push there"
            )
        try:
            answer = msgspec.json.decode(body, type=TokenAnswer)
        except msgspec.DecodeError as error:
            raise Refused(f"{self._host}: its token server {realm} answered something that is no token") from error
        token = answer.token or answer.access_token
        if not token or not token.isascii() or any(c.isspace() for c in token):
            raise Refused(f"{self._host}: its token server {realm} answered without a token")
        return token


def _basic(login: Login) -> str:
    return "Basic " + base64.b64encode(f"{login.user}:{login.secret}".encode()).decode()
