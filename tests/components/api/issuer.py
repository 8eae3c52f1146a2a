"""An issuer of tokens on this machine: its keys, published over TLS, and what it signs."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def encoded(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def rsa_jwk(key: rsa.RSAPrivateKey, kid: str, **more: str) -> dict[str, str]:
    public = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": kid, "n": number(public.n), "e": number(public.e), **more}


def ec_jwk(key: ec.EllipticCurvePrivateKey, kid: str, curve: str = "P-256") -> dict[str, str]:
    public = key.public_key().public_numbers()
    size = (key.curve.key_size + 7) // 8
    x, y = (encoded(value.to_bytes(size, "big")) for value in (public.x, public.y))
    return {"kty": "EC", "kid": kid, "crv": curve, "x": x, "y": y}


def rsa_signature(message: bytes, key: rsa.RSAPrivateKey = RSA_KEY) -> bytes:
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def ec_signature(message: bytes) -> bytes:
    r, s = decode_dss_signature(EC_KEY.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Issuer:
    """Publishes `keys` over HTTPS; `asked` counts how often. `broken`: answers with an error."""

    def __init__(self, folder: Path) -> None:
        self.keys: list[dict[str, str]] = [rsa_jwk(RSA_KEY, "r"), ec_jwk(EC_KEY, "e")]
        self.says: str | None = None  # who it says it is; None: the truth
        self.asked, self.broken = 0, False
        self.certificate = folder / "issuer.pem"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate(folder), None)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def document(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            self.asked += 1
            return {"issuer": self.says or self.url, "jwks_uri": f"{self.url}keys"}
        return {"keys": self.keys} if path == "/keys" else None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = issuer.document(self.path)
                self.send_response(500 if issuer.broken else 200 if found else 404)
                self.end_headers()
                self.wfile.write(json.dumps(found).encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as above
                pass

        return Handler

    def _certificate(self, folder: Path) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.certificate.write_bytes(pem)
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        both = folder / "both.pem"
        both.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form) + pem)
        return both
