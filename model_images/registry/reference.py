"""Where an image lies: `HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]`, and the region that a host names."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from model_images.registry.errors import InputError, Refused

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
REFERENCE = re.compile(
    r"(?P<host>\[[0-9a-f:]+\](?::[0-9]+)?|[A-Za-z0-9.-]+(?::[0-9]+)?)"
    r"/(?P<repository>[a-z0-9]+(?:(?:\.|_|__|-+|/)[a-z0-9]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
# Hosts that name where they store. Artifact Registry's `europe`, `us`, `asia` and gcr.io's prefixes are multi-regions.
REGIONAL_HOSTS = (
    re.compile(r"[0-9]{12}\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?"),
    re.compile(r"[0-9]{12}\.dkr-ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.on\.(?:aws|amazonwebservices\.com\.cn)"),
    re.compile(r"(?P<region>[a-z0-9-]+)-docker\.pkg\.dev"),
    re.compile(r"(?P<region>us|eu|asia)\.gcr\.io"),
)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One place in one registry. `host` holds the port, if any."""

    host: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.host}/{self.repository}{tag}" + (f"@{self.digest}" if self.digest else "")

    @property
    def name(self) -> str:
        """What the registry's API calls the manifest: its digest where given, else the tag, else `latest`."""
        return self.digest or self.tag or "latest"

    @property
    def place(self) -> str:
        """Host and repository."""
        return f"{self.host}/{self.repository}"

    def at(self, digest: str) -> Reference:
        """The same place, by digest."""
        return replace(self, tag=None, digest=digest)


def parse_reference(text: str) -> Reference:
    """Raises InputError for what is no reference; a host is always asked for, since there is no default registry."""
    match = REFERENCE.fullmatch(text)
    host = match["host"] if match else ""
    if match is None or not (host == "localhost" or "." in host or ":" in host):
        raise InputError(
            f"reference: got {text!r}; allowed: HOST[:PORT]/REPOSITORY[:TAG][@sha256:...], lower-case repository, "
            "for example 127.0.0.1:5000/models/fraud:1.2"
        )
    return Reference(host=host, repository=match["repository"], tag=match["tag"], digest=match["digest"])


def parse_digest(text: str) -> str:
    """Raises InputError unless `text` is a whole sha256 digest."""
    if not DIGEST.fullmatch(text):
        raise InputError(f"digest: got {text!r}; allowed: sha256: and 64 hexadecimal digits in lower case")
    return text


def is_loopback(host: str) -> bool:
    """Whether the host (with or without port) is this machine, the only one that is spoken to without TLS."""
    name = host[1:].split("]")[0] if host.startswith("[") else host.rsplit(":", 1)[0] if ":" in host else host
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def region_of(host: str) -> str | None:
    """The region or multi-region in the names of ECR and Artifact Registry hosts; None where a name says nothing."""
    for pattern in REGIONAL_HOSTS:
        if match := pattern.fullmatch(host):
            return match["region"]
    return None


def check_region(reference: Reference, allowed: Collection[str]) -> None:
    """Raises Refused if the registry is not inside `allowed`: regions, or whole hosts the caller knows to be inside.

    Empty means that the caller has no rule. A host that names no region is never taken for one inside. Which regions
    belong to a jurisdiction is not known here; the stacks' residency policy is.
    """
    if not allowed or reference.host in allowed:
        return
    region = region_of(reference.host)
    if region not in allowed:
        raise Refused(
            f"{reference}: the host names {f'region {region}' if region else 'no region'}; allowed regions: "
            f"{', '.join(sorted(allowed))}; name a registry inside them, or give this host in --allowed-regions"
        )
