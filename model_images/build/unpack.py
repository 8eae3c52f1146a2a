"""An image's layers unpacked into a folder, every digest and diff_id checked on the way."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from model_images.build.cache import cached_folder, file_digest
from model_images.build.errors import LayoutError
from model_images.build.layout import blob_path

WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"


def unpacked(layout: Path, digest: str, manifest: Mapping[str, Any], config: Mapping[str, Any]) -> Path:
    """The root file system of the manifest with this digest, in the cache.

    Raises:
        LayoutError: if a blob is missing or damaged, or a layer's tar is not the one that the config names.
    """
    diff_ids: Sequence[str] = config["rootfs"]["diff_ids"]
    layers: Sequence[Mapping[str, Any]] = manifest["layers"]

    def fill(folder: Path) -> None:
        folder.chmod(0o755)
        for layer, diff_id in zip(layers, diff_ids, strict=True):
            _unpack(blob_path(layout, layer["digest"]), layer["digest"], diff_id, folder)

    return cached_folder("roots", digest.partition(":")[2], fill)


def _unpack(blob: Path, digest: str, diff_id: str, folder: Path) -> None:
    if not blob.is_file() or file_digest(blob) != digest:
        raise LayoutError(f"{blob}: missing or damaged; build or pull the image again")
    try:
        with gzip.open(blob) as file:
            stream = _Hashed(cast("IO[bytes]", file))
            with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as archive:
                for member in archive:
                    _place(archive, member, folder)
            while stream.read(1 << 20):
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise LayoutError(f"{blob}: not a layer: {error}") from error
    if stream.digest() != diff_id:
        raise LayoutError(f"{blob}: its tar has the digest {stream.digest()}; the image's config names {diff_id}")


def _place(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    name = PurePosixPath(member.name)
    path = _inside(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.name == OPAQUE:
        for inside in path.parent.iterdir():
            _remove(inside)
    elif name.name.startswith(WHITEOUT):
        _remove(path.parent / name.name.removeprefix(WHITEOUT))
    elif member.isdir():
        path.mkdir(exist_ok=True)
        path.chmod(member.mode & 0o1777)
    elif member.issym() or member.islnk() or member.isfile():
        if path.is_symlink() or path.is_file():
            path.unlink()  # a layer replaces the file of the one below, it does not write into it
        _write(archive, member, folder, path)


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, path: Path) -> None:
    if member.issym():
        path.symlink_to(member.linkname)
    elif member.islnk():
        path.hardlink_to(_inside(folder, PurePosixPath(member.linkname)))
    elif source := archive.extractfile(member):
        with path.open("wb") as file:
            shutil.copyfileobj(source, file)
        path.chmod(member.mode & 0o777)


def _inside(folder: Path, name: PurePosixPath) -> Path:
    """The path of `name` below `folder`; links on the way must not lead out of it.

    Raises:
        TarError: if they do.
    """
    root = folder.resolve()
    parent = (root / str(name).lstrip("/")).parent.resolve()
    if name.name in {"", ".."} and str(name) != ".":
        raise tarfile.TarError(f"{name} is no name of a file")
    if not parent.is_relative_to(root) and str(name) != ".":
        raise tarfile.TarError(f"{name} leads out of the image")
    return parent / name.name if name.name else root


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class _Hashed:
    """A stream that keeps the digest of what was read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._whole = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self._whole.update(piece)
        return piece

    def digest(self) -> str:
        return f"sha256:{self._whole.hexdigest()}"
