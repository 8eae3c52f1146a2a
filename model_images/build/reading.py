"""An OCI image layout read: nothing in it is believed without its digest and the form that it must have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from model_images.build.cache import file_digest
from model_images.build.documents import Descriptor
from model_images.build.errors import LayoutError
from model_images.registry.descriptors import INDEXES, Digest, Manifest

DOCUMENT_BYTES = 16 << 20
Variable = Annotated[str, msgspec.Meta(pattern="^[^=]+=")]


class Started(msgspec.Struct, frozen=True, rename="pascal"):
    """How a container is started, as far as it is read here."""

    env: list[Variable] | None = None
    entrypoint: list[str] | None = None
    cmd: list[str] | None = None
    labels: dict[str, str] | None = None


class Tars(msgspec.Struct, frozen=True):
    """The layers' tars."""

    diff_ids: list[Digest]


class Config(msgspec.Struct, frozen=True):
    """The form that an image's config must have."""

    architecture: str
    os: str
    rootfs: Tars
    config: Started = Started()
    history: list[dict[str, Any]] | None = None


def blob_path(folder: Path, digest: str) -> Path:
    """Where a layout holds a blob."""
    algorithm, _, text = digest.partition(":")
    return folder / "blobs" / algorithm / text


def read_index(folder: Path) -> dict[str, Any]:
    """A layout's index.json.

    Raises:
        LayoutError: if `folder` is no layout.
    """
    path = folder / "index.json"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LayoutError(
            f"{folder}: not an image layout ({error}); `python -m model_images build` writes one"
        ) from error
    return _document(content, Manifest, path)


def read_image(folder: Path) -> Descriptor:
    """The one image of a layout, as its index.json describes it."""
    found = read_index(folder).get("manifests", [])
    if len(found) != 1:
        raise LayoutError(f"{folder}: index.json names {len(found)} images; allowed: one")
    return found[0]


def read_blob(folder: Path, descriptor: Descriptor) -> bytes:
    """A document's content, its size and digest checked.

    Raises:
        LayoutError: if it is missing, damaged or too large for a document.
    """
    path = blob_path(folder, descriptor["digest"])
    if not path.is_file():
        raise LayoutError(f"{path}: missing; build the image again")
    if descriptor["size"] > DOCUMENT_BYTES:
        raise LayoutError(f"{path}: got {descriptor['size']} bytes; allowed for a document: {DOCUMENT_BYTES}")
    got = file_digest(path)
    if got != descriptor["digest"] or path.stat().st_size != descriptor["size"]:
        raise LayoutError(f"{path}: damaged: its content has the digest {got}; build the image again")
    return path.read_bytes()


def read_json(folder: Path, descriptor: Descriptor, shape: type[msgspec.Struct] = Manifest) -> dict[str, Any]:
    """A checked blob as JSON that has the form of `shape`."""
    return _document(read_blob(folder, descriptor), shape, blob_path(folder, descriptor["digest"]))


def _document(content: bytes, shape: type[msgspec.Struct], path: Path) -> dict[str, Any]:
    try:
        msgspec.json.decode(content, type=shape)
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise LayoutError(f"{path}: not what the OCI specification says: {error}; build the image again") from error


def manifests(folder: Path) -> Iterator[tuple[Descriptor, dict[str, Any]]]:
    """The manifests of a layout's image, one a platform, each with its descriptor."""
    image = read_image(folder)
    document = read_json(folder, image)
    if image["mediaType"] in INDEXES:
        for descriptor in document.get("manifests", ()):
            yield descriptor, _image(folder, descriptor)
    else:
        yield image, _image(folder, image)


def _image(folder: Path, descriptor: Descriptor) -> dict[str, Any]:
    manifest = read_json(folder, descriptor)
    if not manifest.get("config") or not manifest.get("layers"):
        raise LayoutError(f"{folder}: {descriptor['digest']} is no image: it names no config or no layers")
    return manifest


def read_config(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The config of an image's manifest, which must name the tar of each layer.

    Raises:
        LayoutError: if it does not.
    """
    config = read_json(folder, manifest["config"], Config)
    named, layers = len(config["rootfs"]["diff_ids"]), len(manifest["layers"])
    if named != layers:
        raise LayoutError(f"{folder}: the config names {named} layers, the manifest {layers}; build the image again")
    return config
