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
from model_images.build.reading import blob_path

WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"
# What reading a tar raises that was not written by a tar program.
DAMAGED = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, OverflowError, RecursionError)


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
            stream = Hashed(cast("IO[bytes]", file), most=shutil.disk_usage(folder).free // 10 * 9)
            with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as archive:
                for member in archive:
                    _place(archive, member, folder)
            while stream.read(1 << 20):
                pass
    except DAMAGED as error:
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
        hidden = name.name.removeprefix(WHITEOUT)
        if hidden in {"", ".", ".."}:
            raise tarfile.TarError(f"{name} takes nothing away that has a name")
        _remove(path.parent / hidden)
    elif member.isdir():
        if path.is_symlink() or not path.is_dir():
            _remove(path)  # a link here may lead out of the image
            path.mkdir()
        path.chmod(member.mode & 0o1777)
    elif member.issym() or member.islnk() or member.isfile():
        if not name.name:
            raise tarfile.TarError(f"{member.name!r} is no name of a file")
        _remove(path)  # a layer replaces what is in the one below, it does not write into it
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


class Hashed:
    """A stream that keeps the digest of what was read from it, and ends with a TarError after `most` bytes."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream, self._whole, self._left = stream, hashlib.sha256(), most

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self._stream.read(size)
        self._whole.update(piece)
        self._left -= len(piece)
        if self._left < 0:
            raise tarfile.TarError("it unpacks to more than this disk has room for")
        return piece

    def digest(self) -> str:
        """`sha256:` and the digest of all that was read."""
        return f"sha256:{self._whole.hexdigest()}"
