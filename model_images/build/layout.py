"""An OCI image layout in a folder: written so that a kill at any moment leaves the old image or the new one, whole.

`image/` holds one manifest in its index.json: the image, or the index of its platforms. `image/referrers/` is a second
layout with what refers to it (SBOM, provenance), so that tools which expect one image in a layout find one.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from model_images.build.cache import file_digest
from model_images.build.documents import INDEX_TYPE, Blob, Descriptor, index_blob
from model_images.build.errors import LayoutError
from model_images.build.layers import Layer
from model_images.build.referrers import Referrer

VERSION = b'{"imageLayoutVersion":"1.0.0"}'
REFERRERS = "referrers"
UNFINISHED = ".unfinished-"
REFERENCE = "org.opencontainers.image.ref.name"  # umoci asks for a name, and takes `latest` where none is given


def check_output(folder: Path) -> None:
    """Refuses an output folder that holds something else than a layout.

    Raises:
        LayoutError: if it does; nothing of it is touched.
    """
    if folder.exists() and not folder.is_dir():
        raise LayoutError(f"{folder}: is a file; allowed: a folder that is new, empty or an image layout")
    others = folder.is_dir() and any(not path.name.startswith(UNFINISHED) for path in folder.iterdir())
    if others and not (folder / "oci-layout").is_file():
        raise LayoutError(f"{folder}: holds other files; allowed: a folder that is new, empty or an image layout")


def write_layout(folder: Path, image: Descriptor, blobs: Iterable[Blob | Layer], referrers: Sequence[Referrer]) -> None:
    """Writes or replaces the image in `folder`; `blobs` are all that `image` leads to.

    Old and new referrers stand side by side while index.json, in one step, comes to name the new image; then the old
    ones go.
    """
    check_output(folder)
    side = folder / REFERRERS
    for layout in (folder, side):  # first: by this file a build that was killed knows its own folder again
        _replace(layout / "oci-layout", VERSION)
    kept = {_put(folder, blob) for blob in blobs}
    kept_beside = {_put(side, blob) for referrer in referrers for blob in referrer.blobs}
    new = [referrer.descriptor for referrer in referrers]
    older: list[Descriptor] = read_index(side)["manifests"] if (side / "index.json").is_file() else []
    both = [*new, *(entry for entry in older if entry not in new)]
    _replace(side / "index.json", index_blob(both).content)
    _replace(folder / "index.json", index_blob([image | {"annotations": {REFERENCE: "latest"}}]).content)
    _replace(side / "index.json", index_blob(new).content)
    _prune(folder, kept)
    _prune(side, kept_beside)


def _put(folder: Path, blob: Blob | Layer) -> str:
    """Puts one blob in its place, unless the layout holds it undamaged; answers its digest."""
    path = blob_path(folder, blob.digest)
    size = blob.size if isinstance(blob, Layer) else len(blob.content)
    if path.is_file() and path.stat().st_size == size and file_digest(path) == blob.digest:
        return blob.digest
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(blob, Blob):
        _replace(path, blob.content)
        return blob.digest
    with _beside(path) as work:
        shutil.copyfile(blob.path, work)
        work.chmod(0o644)
        work.replace(path)
    return blob.digest


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _beside(path) as work:
        work.write_bytes(content)
        work.chmod(0o644)
        work.replace(path)


class _beside:  # noqa: N801  read as a verb: with _beside(path)
    """A new file in the same folder, under another name; removed if it was not renamed."""

    def __init__(self, path: Path) -> None:
        handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
        os.close(handle)
        self._work = Path(name)

    def __enter__(self) -> Path:
        return self._work

    def __exit__(self, *_: object) -> None:
        self._work.unlink(missing_ok=True)


def _prune(folder: Path, kept: set[str]) -> None:
    unfinished = folder.glob(f"{UNFINISHED}*")
    for path in (*unfinished, *(path for path in (folder / "blobs/sha256").iterdir() if _digest(path) not in kept)):
        path.unlink()


def _digest(path: Path) -> str:
    return f"sha256:{path.name}"


def blob_path(folder: Path, digest: str) -> Path:
    """Where a layout holds a blob."""
    algorithm, _, text = digest.partition(":")
    return folder / "blobs" / algorithm / text


def read_index(folder: Path) -> dict[str, Any]:
    """A layout's index.json.

    Raises:
        LayoutError: if `folder` is no layout.
    """
    try:
        return json.loads((folder / "index.json").read_bytes())
    except (OSError, ValueError) as error:
        raise LayoutError(
            f"{folder}: not an image layout ({error}); `python -m model_images build` writes one"
        ) from error


def read_image(folder: Path) -> Descriptor:
    """The one image of a layout, as its index.json describes it."""
    manifests = read_index(folder)["manifests"]
    if len(manifests) != 1:
        raise LayoutError(f"{folder}: index.json names {len(manifests)} images; allowed: one")
    return manifests[0]


def read_blob(folder: Path, descriptor: Descriptor) -> bytes:
    """A blob's content, its size and digest checked.

    Raises:
        LayoutError: if it is missing or damaged.
    """
    path = blob_path(folder, descriptor["digest"])
    if not path.is_file():
        raise LayoutError(f"{path}: missing; build the image again")
    got = file_digest(path)
    if got != descriptor["digest"] or path.stat().st_size != descriptor["size"]:
        raise LayoutError(f"{path}: damaged: its content has the digest {got}; build the image again")
    return path.read_bytes()


def read_json(folder: Path, descriptor: Descriptor) -> dict[str, Any]:
    """A checked blob as JSON."""
    return json.loads(read_blob(folder, descriptor))


def manifests(folder: Path) -> Iterator[tuple[Descriptor, dict[str, Any]]]:
    """The manifests of a layout's image, one a platform, each with its descriptor."""
    image = read_image(folder)
    document = read_json(folder, image)
    if image["mediaType"] == INDEX_TYPE:
        for descriptor in document["manifests"]:
            yield descriptor, read_json(folder, descriptor)
    else:
        yield image, document
