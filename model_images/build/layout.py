"""An OCI image layout in a folder: written so that a kill at any moment leaves the old image or the new one, whole.

`image/` holds one manifest in its index.json: the image, or the index of its platforms. `image/referrers/` is a second
layout with what refers to it (SBOM, provenance), so that tools which expect one image in a layout find one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from model_images.build.cache import file_digest
from model_images.build.documents import Blob, Descriptor, index_blob
from model_images.build.errors import LayoutError
from model_images.build.layers import Layer
from model_images.build.reading import blob_path, read_index
from model_images.build.referrers import Referrer
from model_images.whole_files import UNFINISHED, beside, replace

VERSION = b'{"imageLayoutVersion":"1.0.0"}'
REFERRERS = "referrers"
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
    images = len(_named(folder))
    if images > 1:
        raise LayoutError(f"{folder}: holds {images} images; allowed: a folder that is new, empty or of one image")


def _named(folder: Path) -> list[Descriptor]:
    """What a layout's index.json names: nothing where it is missing or damaged, since it is written anew."""
    with suppress(LayoutError):
        return read_index(folder).get("manifests", [])
    return []


def write_layout(folder: Path, image: Descriptor, blobs: Iterable[Blob | Layer], referrers: Sequence[Referrer]) -> None:
    """Writes or replaces the image in `folder`; `blobs` are all that `image` leads to.

    Old and new referrers stand side by side while index.json, in one step, comes to name the new image; then the old
    ones go.
    """
    check_output(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        _write(folder, image, blobs, referrers)


def _write(folder: Path, image: Descriptor, blobs: Iterable[Blob | Layer], referrers: Sequence[Referrer]) -> None:
    side = folder / REFERRERS
    for layout in (folder, side):  # first: by this file a build that was killed knows its own folder again
        replace(layout / "oci-layout", VERSION)
    kept = {_put(folder, blob) for blob in blobs}
    kept_beside = {_put(side, blob) for referrer in referrers for blob in referrer.blobs}
    new = [referrer.descriptor for referrer in referrers]
    both = [*new, *(entry for entry in _named(side) if entry not in new)]
    replace(side / "index.json", index_blob(both).content)
    replace(folder / "index.json", index_blob([image | {"annotations": {REFERENCE: "latest"}}]).content)
    replace(side / "index.json", index_blob(new).content)
    _prune(folder, kept)
    _prune(side, kept_beside)


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Other builds into the same folder wait: each takes away what the one before it wrote. A kill ends the wait."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems lock no folder
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _put(folder: Path, blob: Blob | Layer) -> str:
    """Puts one blob in its place, unless the layout holds it undamaged; answers its digest."""
    path = blob_path(folder, blob.digest)
    size = blob.size if isinstance(blob, Layer) else len(blob.content)
    if path.is_file() and path.stat().st_size == size and file_digest(path) == blob.digest:
        return blob.digest
    if isinstance(blob, Blob):
        replace(path, blob.content)
        return blob.digest
    with beside(path) as work:
        shutil.copyfile(blob.path, work)
    return blob.digest


def _prune(folder: Path, kept: set[str]) -> None:
    unfinished = folder.glob(f"{UNFINISHED}*")
    for path in (*unfinished, *(path for path in (folder / "blobs/sha256").iterdir() if _digest(path) not in kept)):
        path.unlink()


def _digest(path: Path) -> str:
    return f"sha256:{path.name}"
