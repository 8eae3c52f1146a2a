"""Where a batch's objects lie: below `s3://BUCKET/PREFIX`, or in a folder, `file:/FOLDER`.

What is written is there when it is whole, and not before.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from model_images.serve.aws.s3 import Bucket, ObjectEntry, Upload, parse

ALLOWED = "s3://BUCKET/PREFIX, file:/FOLDER"
_BLOCK_BYTES = 1 << 20
# Nobody lists names that begin with a dot.
_UNFINISHED = ".unfinished-"
_CHANGED = "it was written anew while it was predicted"


class Entry(NamedTuple):
    """One object: its path below the folder, its bytes, when it was written, and S3's own entry."""

    name: str
    size: int
    modified: datetime
    object: ObjectEntry | None = None


class Writer(Protocol):
    """One object on its way: `write` as often as needed, then `finish` or `give_up`."""

    def write(self, content: bytes) -> None: ...
    def finish(self) -> None: ...
    def give_up(self) -> None: ...


class Folder(Protocol):
    """A place for objects. All of it raises OSError in one line."""

    def entries(self) -> list[Entry]:
        """All objects, sorted by name."""
        ...

    def read(self, entry: Entry) -> Iterator[bytes]:
        """An object's bytes, block by block."""
        ...

    def check(self, entry: Entry) -> None:
        """Raises OSError if the object was written anew since it was listed."""
        ...

    def writer(self, name: str, content_type: str) -> Writer:
        """A new object, or one that replaces another."""
        ...


def folder_of(option: str, url: str, environ: Mapping[str, str]) -> Folder:
    """The folder of a URL. Raises ValueError that names `option`, and AwsError if no region is named."""
    found = parse(url)
    if found is not None:
        return S3Folder(*found, environ)
    parts = urlsplit(url)
    path = Path(unquote(parts.path))
    if parts.scheme != "file" or parts.netloc or not path.is_absolute():
        raise ValueError(f"{option}: got {url!r:.200}; allowed: {ALLOWED}")
    return FileFolder(path)


def place_of(url: str) -> tuple[str, ...]:
    """The steps to a folder, to tell whether one lies below another: the bucket, or the root, comes first."""
    found = parse(url)
    if found is not None:
        return (found[0], *(step for step in found[1].split("/") if step))
    return Path(unquote(urlsplit(url).path)).resolve().parts


class S3Folder:
    """Objects whose keys begin with `PREFIX/`; the object of that very name alone, if there is one."""

    def __init__(self, bucket: str, prefix: str, environ: Mapping[str, str]) -> None:
        self._bucket = Bucket(bucket, environ)
        self._prefix = prefix.rstrip("/")

    def entries(self) -> list[Entry]:
        inside = f"{self._prefix}/" if self._prefix else ""
        found: list[Entry] = []
        for entry in self._bucket.entries(self._prefix):
            if entry.key.endswith("/"):
                continue  # what consoles make where somebody clicks on "new folder"
            if entry.key.startswith(inside):
                found.append(Entry(entry.key.removeprefix(inside), entry.size, entry.modified, entry))
            elif entry.key == self._prefix:
                found.append(Entry(entry.key.rpartition("/")[2], entry.size, entry.modified, entry))
        return found

    def read(self, entry: Entry) -> Iterator[bytes]:
        if entry.object is None:
            raise ValueError(f"{entry.name}: not of this folder")
        return self._bucket.read(entry.object)

    def check(self, entry: Entry) -> None:
        if entry.object is not None and self._bucket.entry(entry.object.key).tag != entry.object.tag:
            raise OSError(_CHANGED)

    def writer(self, name: str, content_type: str) -> Upload:
        return self._bucket.upload(f"{self._prefix}/{name}" if self._prefix else name, content_type)


class FileFolder:
    """Files below a folder, or a single one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self) -> list[Entry]:
        single = self._path.is_file()
        paths = [self._path] if single else sorted(self._path.rglob("*"))
        found: list[Entry] = []
        for path in paths:
            inside = Path(path.name) if single else path.relative_to(self._path)
            if path.is_file() and not any(part.startswith(".") for part in inside.parts):
                about = path.stat()
                modified = datetime.fromtimestamp(about.st_mtime, UTC)
                found.append(Entry(inside.as_posix(), about.st_size, modified))
        return found

    def read(self, entry: Entry) -> Iterator[bytes]:
        path = self._path if self._path.is_file() else self._path / entry.name
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                yield block

    def check(self, entry: Entry) -> None:
        about = (self._path if self._path.is_file() else self._path / entry.name).stat()
        if (about.st_size, datetime.fromtimestamp(about.st_mtime, UTC)) != (entry.size, entry.modified):
            raise OSError(_CHANGED)

    def writer(self, name: str, content_type: str) -> Writer:  # noqa: ARG002  files know no types
        path = self._path / name
        if not path.resolve().is_relative_to(self._path.resolve()):
            raise OSError(f"{name!r:.200} leads out of {self._path}; allowed: a path in a folder")
        return _FileWriter(path)


class _FileWriter:
    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        # Another job may write the same object: each has a file of its own, and the last one stays.
        self._unfinished = path.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")
        self._file = self._unfinished.open("xb")

    def write(self, content: bytes) -> None:
        self._file.write(content)

    def finish(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._unfinished.replace(self._path)

    def give_up(self) -> None:
        self._file.close()
        self._unfinished.unlink(missing_ok=True)
