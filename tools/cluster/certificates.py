"""The certificates of the test cluster: two authorities, what they signed, and a kubeconfig for each client."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tools.offline.files import make_folder, write_whole

LOOPBACK = "127.0.0.1"
SERVICE_ADDRESS = "10.96.0.1"  # of the Service `kubernetes`, the first of the range of Services
_ADMINISTRATORS = "system:masters"
_CLIENTS = (
    ("admin", _ADMINISTRATORS, "homeport-admin"),
    ("kube-controller-manager", "", "system:kube-controller-manager"),
    ("kube-scheduler", "", "system:kube-scheduler"),
    ("kwok", _ADMINISTRATORS, "kwok"),
)
_SERVER_NAMES = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost")
_LIFE = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A key that signs, and its own certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def write_certificates(folder: Path, *, server: str) -> None:
    """All of a new cluster whose API server answers at the address `server`, below the folder."""
    make_folder(folder)
    clients, front = _authority(folder, "ca", "homeport"), _authority(folder, "front-proxy-ca", "homeport-front-proxy")
    _leaf(folder, "apiserver", clients, "", "kube-apiserver", addresses=(LOOPBACK, SERVICE_ADDRESS))
    _leaf(folder, "apiserver-kubelet-client", clients, _ADMINISTRATORS, "kube-apiserver-kubelet-client")
    _leaf(folder, "front-proxy-client", front, "", "front-proxy-client")
    _leaf(folder, "kwok-serving", clients, "", "kwok", addresses=(LOOPBACK,))
    tokens = ec.generate_private_key(ec.SECP256R1())
    _write_key(folder / "tokens.key", tokens)
    public = tokens.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    write_whole(folder / "tokens.pub", public.decode())
    for name, group, user in _CLIENTS:
        _leaf(folder, name, clients, group, user)
        write_whole(folder / f"{name}.kubeconfig", _kubeconfig(folder, name, server))


def _authority(folder: Path, file: str, name: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = _usage(signs=True)
    certificate = (
        _begun(subject, subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder, file, key, certificate)
    return Authority(key=key, certificate=certificate)


def _leaf(
    folder: Path, file: str, authority: Authority, group: str, user: str, *, addresses: tuple[str, ...] = ()
) -> None:
    """Kubernetes reads who a client is from the subject: the common name is the user, the organization its group."""
    key = ec.generate_private_key(ec.SECP256R1())
    words = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []
    subject = x509.Name([*words, x509.NameAttribute(NameOID.COMMON_NAME, user)])
    begun = (
        _begun(subject, authority.certificate.subject, key.public_key())
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    if addresses:
        names = [x509.DNSName(name) for name in _SERVER_NAMES]
        numbers = [x509.IPAddress(IPv4Address(address)) for address in addresses]
        begun = begun.add_extension(x509.SubjectAlternativeName([*names, *numbers]), critical=False)
    _write(folder, file, key, begun.sign(authority.key, hashes.SHA256()))


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(folder: Path, file: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    _write_key(folder / f"{file}.key", key)
    write_whole(folder / f"{file}.crt", certificate.public_bytes(serialization.Encoding.PEM).decode())


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    write_whole(path, text.decode())


def _kubeconfig(folder: Path, name: str, server: str) -> str:
    def inline(file: str) -> str:
        return base64.b64encode((folder / file).read_bytes()).decode()

    cluster = {"server": server, "certificate-authority-data": inline("ca.crt")}
    user = {"client-certificate-data": inline(f"{name}.crt"), "client-key-data": inline(f"{name}.key")}
    config: dict[str, object] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "homeport",
        "contexts": [{"name": "homeport", "context": {"cluster": "homeport", "user": name}}],
        "clusters": [{"name": "homeport", "cluster": cluster}],
        "users": [{"name": name, "user": user}],
    }
    return json.dumps(config, indent=2) + "\n"
