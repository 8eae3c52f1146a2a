"""The OCI image specification's documents, as far as they are read here. Unknown fields are ignored, bytes are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from model_images.registry.errors import DigestDiffers, RegistryError

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
INDEXES = (INDEX, DOCKER_LIST)
MANIFESTS = (MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_LIST)

# Digests become names of files: anything else than a digest would be a path that a stranger chose.
Digest = Annotated[str, msgspec.Meta(pattern=r"^sha256:[0-9a-f]{64}\Z")]
Size = Annotated[int, msgspec.Meta(ge=0)]


class Document(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Base: camel-case keys, as the specification writes them."""


class Descriptor(Document, frozen=True, kw_only=True):
    """Names content by digest and size (bytes)."""

    media_type: str
    digest: Digest
    size: Size
    artifact_type: str | None = None
    annotations: Mapping[str, str] | None = None
    platform: Mapping[str, Any] | None = None


class Manifest(Document, frozen=True, kw_only=True):
    """An image, an artifact, or an index of them (`manifests`)."""

    media_type: str | None = None
    artifact_type: str | None = None
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    manifests: tuple[Descriptor, ...] = ()
    subject: Descriptor | None = None
    annotations: Mapping[str, str] | None = None

    @property
    def blobs(self) -> tuple[Descriptor, ...]:
        """Config and layers, each digest once."""
        found = ((self.config,) if self.config else ()) + self.layers
        return tuple({blob.digest: blob for blob in found}.values())


class ImageConfig(msgspec.Struct, frozen=True, rename={"labels": "Labels"}):
    """The part of an image's configuration that holds the labels."""

    labels: Mapping[str, str] | None = None


class Image(msgspec.Struct, frozen=True):
    """An image's configuration."""

    config: ImageConfig | None = None


Shape = TypeVar("Shape")


def read(content: bytes, shape: type[Shape], where: str) -> Shape:
    """`content` as JSON of the given shape; `where` names it in the error."""
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RegistryError(f"{where}: not what the OCI specification says: {error}; got {content[:60]!r}") from error


def digest_of(content: bytes) -> str:
    """`sha256:...`."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def digest_of_file(path: Path) -> str:
    """`sha256:...` of a file of any size."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def check_digest(content: bytes, digest: str, where: str) -> None:
    """Raises DigestDiffers unless the content is what its name says."""
    if (got := digest_of(content)) != digest:
        raise DigestDiffers(f"{where}: got content with digest {got}; asked for {digest}; nothing was taken over")


def document(content: Mapping[str, Any]) -> bytes:
    """JSON with one form for one content: sorted keys, no spaces."""
    return msgspec.json.encode(content, order="sorted")
