"""Signature Version 4: requests of AWS's services, signed in a header or (presigned) in the query.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. Pure functions of request,
credentials and time. Paths come percent-encoded; only paths without `.` and `..` are signed rightly for services other
than S3, and no other is used here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Credentials(NamedTuple):
    """Who asks. `until`: seconds since 1970 from when they are not valid any more; 0: as long as the process lives."""

    access_key: str
    secret_key: str
    token: str = ""
    until: float = 0.0

    def __repr__(self) -> str:
        """Without the secrets: it may end up in a log."""
        return f"Credentials(access_key={self.access_key!r})"


class Signer(NamedTuple):
    """Signs for one service in one region."""

    service: str
    region: str

    def headers(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        payload_digest: str,
        credentials: Credentials,
        now: datetime,
    ) -> dict[str, str]:
        """`headers` and those that sign the request to `url`, whose path and query are percent-encoded.

        `payload_digest` is the SHA-256 of the body in hexadecimal digits, or UNSIGNED over TLS to S3.
        """
        stamp = _stamp(now)
        signed = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        signed["X-Amz-Date"] = stamp
        if credentials.token:
            signed["X-Amz-Security-Token"] = credentials.token
        if self.service == "s3":
            signed["X-Amz-Content-SHA256"] = payload_digest
        named = {name.lower(): " ".join(value.split()) for name, value in signed.items()}
        named.setdefault("host", host_of(url))
        signature = self._signature(method, url, named, payload_digest, credentials, stamp)
        names = ";".join(sorted(named))
        scope = f"{credentials.access_key}/{self._scope(stamp)}"
        signed["Authorization"] = f"{ALGORITHM} Credential={scope}, SignedHeaders={names}, Signature={signature}"
        return signed

    def presigned(
        self,
        method: str,
        url: str,
        query: Sequence[tuple[str, str]],
        seconds: int,
        credentials: Credentials,
        now: datetime,
    ) -> str:
        """`url`, which has no query yet, with `query` and a signature in it that is valid for `seconds`."""
        stamp = _stamp(now)
        parameters = [
            *query,
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", f"{credentials.access_key}/{self._scope(stamp)}"),
            ("X-Amz-Date", stamp),
            ("X-Amz-Expires", str(seconds)),
            ("X-Amz-SignedHeaders", "host"),
        ]
        if credentials.token:
            parameters.append(("X-Amz-Security-Token", credentials.token))
        whole = f"{url}?{encoded_query(parameters)}"
        payload = UNSIGNED if self.service == "s3" else EMPTY
        signature = self._signature(method, whole, {"host": host_of(url)}, payload, credentials, stamp)
        return f"{whole}&X-Amz-Signature={signature}"

    def _signature(
        self, method: str, url: str, named: Mapping[str, str], payload: str, credentials: Credentials, stamp: str
    ) -> str:
        parts = urlsplit(url)
        # S3 alone takes the path as it stands; the others encode it a second time.
        path = (parts.path or "/") if self.service == "s3" else quote(parts.path or "/", safe="/~")
        pairs = sorted(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
        lines = [
            method,
            path,
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{named[name]}" for name in sorted(named)),
            "",
            ";".join(sorted(named)),
            payload,
        ]
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        text = f"{ALGORITHM}\n{stamp}\n{self._scope(stamp)}\n{digest}"
        key = f"AWS4{credentials.secret_key}".encode()
        for word in (stamp[:8], self.region, self.service, "aws4_request"):
            key = hmac.digest(key, word.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()

    def _scope(self, stamp: str) -> str:
        return f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"


def encoded_query(parameters: Iterable[tuple[str, str]]) -> str:
    """A query as the signature wants it: all but letters, digits and `-_.~` encoded, a blank as %20."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in parameters)


def host_of(url: str) -> str:
    """The Host header of a URL: the port only where it is not its scheme's own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f"{host}:{parts.port}"


def _stamp(now: datetime) -> str:
    return now.strftime("%Y%m%dT%H%M%SZ")
