"""Layers: a tar with nothing in it but names, modes and contents, compressed the same way on every machine.

Names sorted, owner 0:0, time 0, PAX. The gzip stream is a row of members of `MEMBER_BYTES` each, compressed by
libdeflate: the bytes depend neither on the machine's zlib nor on the number of cores that worked on them.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import deflate

LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
MEMBER_BYTES = 4 << 20
LEVEL = 9  # libdeflate's last level before it becomes several times slower for 3 % fewer bytes
FILE_MODE, PROGRAM_MODE, DIRECTORY_MODE = 0o644, 0o755, 0o755


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One path of a layer: a file (`content`: bytes, or where it lies), a symbolic link (`target`), or a directory."""

    content: bytes | Path | None = None
    target: str = ""
    mode: int = FILE_MODE


Tree = dict[str, Entry]
"""Entries by their path in the image, without a leading slash."""

DIRECTORY = Entry(mode=DIRECTORY_MODE)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A compressed layer in a file: digest and size of the blob, digest of the tar inside it."""

    role: str
    path: Path
    digest: str
    diff_id: str
    size: int
    media_type: str = LAYER_TYPE


def tree_of(folder: Path, files: Iterable[Path], below: str) -> Tree:
    """The given files of a folder (paths inside it) as a tree below the path `below`; only the x bit is kept."""
    return {
        f"{below}/{inside.as_posix()}": Entry(
            content=folder / inside,
            mode=PROGRAM_MODE if is_program(folder / inside) else FILE_MODE,
        )
        for inside in files
    }


def is_program(path: Path) -> bool:
    """Whether a file's owner may execute it: the one bit of its mode that an image keeps."""
    return bool(path.stat().st_mode & 0o100)


def write_layer(tree: Tree, path: Path, role: str) -> Layer:
    """Writes `tree` as a compressed layer to the file `path`, missing parent directories added."""
    with path.open("wb") as file:
        members = _Members(file)
        for name, entry in sorted(_with_parents(tree).items()):
            for piece in _pieces(name, entry):
                members.write(piece)
        members.write(b"\0" * 1024)
        return members.finish(path, role)


def _with_parents(tree: Tree) -> Tree:
    parents = {str(parent): DIRECTORY for name in tree for parent in PurePosixPath(name).parents}
    parents.pop(".", None)
    return parents | tree


def _pieces(name: str, entry: Entry) -> Iterator[bytes]:
    info = tarfile.TarInfo(name)
    info.mode = entry.mode
    if entry.target:
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, entry.target, 0o777
    elif entry.content is None:
        info.type = tarfile.DIRTYPE
    elif isinstance(entry.content, bytes):
        info.size = len(entry.content)
    else:
        info.size = entry.content.stat().st_size
    yield info.tobuf(tarfile.PAX_FORMAT)
    if isinstance(entry.content, bytes):
        yield entry.content
    elif entry.content is not None:
        with entry.content.open("rb") as file:
            while piece := file.read(MEMBER_BYTES):
                yield piece
    yield b"\0" * (-info.size % tarfile.BLOCKSIZE)


class _Members:
    """Cuts a stream into members, compresses them in threads (libdeflate lets the others run), writes them in order."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1)
        self._running: deque[Future[bytes]] = deque()
        self._rest = bytearray()
        self._inside, self._outside, self._size = hashlib.sha256(), hashlib.sha256(), 0

    def write(self, piece: bytes) -> None:
        self._inside.update(piece)
        self._rest += piece
        while len(self._rest) >= MEMBER_BYTES:
            self._compress(bytes(self._rest[:MEMBER_BYTES]))
            del self._rest[:MEMBER_BYTES]

    def finish(self, path: Path, role: str) -> Layer:
        if self._rest:
            self._compress(bytes(self._rest))
        while self._running:
            self._write_oldest()
        self._threads.shutdown()
        return Layer(
            role=role,
            path=path,
            digest=f"sha256:{self._outside.hexdigest()}",
            diff_id=f"sha256:{self._inside.hexdigest()}",
            size=self._size,
        )

    def _compress(self, member: bytes) -> None:
        self._running.append(self._threads.submit(_gzip, member))
        if len(self._running) > 2 * (os.cpu_count() or 1):
            self._write_oldest()

    def _write_oldest(self) -> None:
        compressed = self._running.popleft().result()
        self._outside.update(compressed)
        self._size += len(compressed)
        self._file.write(compressed)


def _gzip(member: bytes) -> bytes:
    return bytes(deflate.gzip_compress(member, LEVEL))  # pyright: ignore[reportUnknownMemberType] its types are partial
