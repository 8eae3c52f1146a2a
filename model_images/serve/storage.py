"""A model folder in Cloud Storage, which Vertex AI names in AIP_STORAGE_URI: copied before the model is loaded.

Each object is written as it comes, checked against the checksum that Cloud Storage keeps of it, and asked for again
where the connection or the service fails. Imported only if the variable is set: an HTTP client takes time to load.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from model_images.serve.crc32c import Crc32c
from model_images.serve.google_http import Denied, GoogleHttp, Passing

VARIABLE = "AIP_STORAGE_URI"
_URI = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:/(.*))?")
_BLOCK_BYTES = 8 << 20
_TRIES = 5
_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class StorageError(ValueError):
    """The model could not be copied: one line that names the URI, what is wrong and what is allowed or to be done."""


class _Object(msgspec.Struct, rename="camel"):
    name: str
    size: str
    generation: str = ""
    md5_hash: str = ""
    crc32c: str = ""
    content_encoding: str = ""


class _Page(msgspec.Struct, rename="camel"):
    items: list[_Object] = []
    next_page_token: str = ""


class _Checksum(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


def fetch(uri: str, folder: Path, environ: Mapping[str, str], pause_s: float = 0.25) -> None:
    """Copies all objects below `uri` into `folder`. After a failure it waits `pause_s`, then twice as long, and so on.

    Raises:
        StorageError: whatever went wrong; what was copied until then stays.
    """
    found = _URI.fullmatch(uri)
    if found is None:
        raise StorageError(
            f"{VARIABLE}: got {uri!r:.200}; allowed: gs://BUCKET/FOLDER, or empty: the image's own model"
        )
    source = _Source(uri, found[1], environ, pause_s)
    prefix = (found[2] or "").strip("/")
    prefix = f"{prefix}/" if prefix else ""
    objects = [entry for entry in source.objects(prefix) if not entry.name.endswith("/")]
    if not objects:
        raise StorageError(f"{VARIABLE}: got {uri!r}: nothing lies below it; allowed: a folder with a model.yaml")
    for entry in objects:
        path = _path(folder, entry.name.removeprefix(prefix), uri)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            source.download(entry, path)
        except OSError as error:
            raise StorageError(f"{VARIABLE}: {entry.name!r} of {uri!r} cannot be written: {error.strerror}") from error
    _LOG.info("copied %d files, %d bytes, from %s", len(objects), sum(int(entry.size) for entry in objects), uri)


class _Source:
    """A bucket, read as often as it takes."""

    def __init__(self, uri: str, bucket: str, environ: Mapping[str, str], pause_s: float) -> None:
        self._uri = uri
        self._bucket = quote(bucket, safe="")
        self._http = GoogleHttp(environ)
        self._pause_s = pause_s

    def objects(self, prefix: str) -> Iterator[_Object]:
        """All objects whose name begins with `prefix`."""
        fields = "nextPageToken,items(name,size,generation,md5Hash,crc32c,contentEncoding)"
        query = {"prefix": prefix, "fields": fields}
        while True:
            path = f"/storage/v1/b/{self._bucket}/o?{urlencode(query)}"
            page = self._tried("the list of objects", lambda path=path: self._page(path))
            yield from page.items
            if not page.next_page_token:
                return
            query["pageToken"] = page.next_page_token

    def download(self, entry: _Object, path: Path) -> None:
        """Writes one object to `path` and checks it."""
        if entry.content_encoding:
            raise StorageError(
                f"{VARIABLE}: got {self._uri!r}: {entry.name!r} is kept with Content-Encoding "
                f"{entry.content_encoding!r}; allowed: none; upload it again without"
            )
        self._tried(repr(entry.name), lambda: self._write(entry, path))

    def _page(self, path: str) -> _Page:
        text = b"".join(self._http.get(path))
        try:
            return msgspec.json.decode(text, type=_Page)
        except msgspec.DecodeError as error:
            raise Passing(f"an answer that is not readable: {error}") from error

    def _write(self, entry: _Object, path: Path) -> None:
        query = {"alt": "media"} | ({"generation": entry.generation} if entry.generation else {})
        checksum, wanted = _checksum(entry)
        length = 0
        url = f"/download/storage/v1/b/{self._bucket}/o/{quote(entry.name, safe='')}?{urlencode(query)}"
        with path.open("wb") as file:
            for block in self._http.get(url, _BLOCK_BYTES):
                file.write(block)
                checksum.update(block)
                length += len(block)
        if length != int(entry.size):
            raise Passing(f"the connection ended after {length} of {entry.size} bytes")
        if wanted and checksum.digest() != wanted:
            raise Passing(f"checksum {checksum.digest().hex()} of what arrived; stored: {wanted.hex()}")

    def _tried(self, what: str, ask: Callable[[], T]) -> T:
        pause_s = self._pause_s
        tries = 0
        while True:
            try:
                return ask()
            except Denied as denied:
                raise StorageError(f"{VARIABLE}: got {self._uri!r}: {denied}") from denied
            except Passing as passing:
                tries += 1
                if tries == _TRIES:
                    line = f"{VARIABLE}: got {self._uri!r}: {what}: tried {tries} times, the last time {passing}"
                    raise StorageError(line) from passing
                _LOG.debug("%s of %s: %s; trying again in %g s", what, self._uri, passing, pause_s)
            time.sleep(pause_s)
            pause_s *= 2


def _checksum(entry: _Object) -> tuple[_Checksum, bytes]:
    """What to sum with, and the sum that Cloud Storage keeps: MD5, or CRC-32C alone for a composed object."""
    if entry.md5_hash or not entry.crc32c:
        return hashlib.md5(usedforsecurity=False), base64.b64decode(entry.md5_hash)
    return Crc32c(), base64.b64decode(entry.crc32c)


def _path(folder: Path, name: str, uri: str) -> Path:
    parts = name.split("/")
    if any(part in {"", ".", ".."} or "\0" in part for part in parts):
        raise StorageError(f"{VARIABLE}: got {uri!r}: an object is named {name!r:.200}; allowed: a path in a folder")
    return folder.joinpath(*parts)
