"""Objects of one S3 bucket: listed, read in parts, written whole.

An object is read by ranges of one version (`If-Match`), so that a connection that breaks costs one part. What is
written in parts is not there for anybody until the last call; bodies are signed, so S3 refuses what was damaged.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import quote, unquote_plus
from xml.etree import ElementTree

from model_images.serve.aws.client import AwsClient
from model_images.serve.aws.endpoints import endpoint_of
from model_images.serve.aws.errors import AwsError

PART_BYTES = 16 << 20  # of 10,000 parts at most: 160 GB
_URI = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL)
BLOCK_BYTES = 8 << 20
_PRECONDITION_FAILED, _NOT_SATISFIABLE = 412, 416


class ObjectEntry(NamedTuple):
    """One object of a list; `tag` names its version, `modified` is when it was written."""

    key: str
    size: int
    tag: str
    modified: datetime


def parse(uri: str) -> tuple[str, str] | None:
    """Bucket and rest of `s3://BUCKET/REST` (no slash in front); None if it is no such address."""
    found = _URI.fullmatch(uri)
    return (found[1], (found[2] or "").lstrip("/")) if found else None


class Bucket:
    """One bucket in the region of the environment. All calls raise AwsError."""

    def __init__(self, name: str, environ: Mapping[str, str]) -> None:
        """Connects to nothing yet. Raises AwsError if no region is named."""
        endpoint = endpoint_of("s3", environ)
        # A name with dots has no certificate of its own, and stand-ins know no names of buckets.
        if endpoint.given or "." in name:
            base = f"{endpoint.url}/{name}"
        else:
            base = endpoint.url.replace("https://", f"https://{name}.", 1)
        self.name = name
        self._client = AwsClient("s3", environ, base)

    def entries(self, prefix: str) -> Iterator[ObjectEntry]:
        """Objects whose key begins with `prefix`, sorted by key."""
        query = {"list-type": "2", "prefix": prefix, "encoding-type": "url"}
        while True:
            tree = _read_tree(self._client.call("GET", "/", query=sorted(query.items())).body)
            for element in tree.iter(_tag(tree, "Contents")):
                yield _entry(element)
            token = tree.findtext(_tag(tree, "NextContinuationToken"), "")
            if not token:
                return
            query["continuation-token"] = token

    def read(self, entry: ObjectEntry) -> Iterator[bytes]:
        """An object's bytes, part by part. Raises AwsError also if it was written anew meanwhile."""
        for begin in range(0, entry.size, BLOCK_BYTES):
            yield self.part(entry, begin, min(begin + BLOCK_BYTES, entry.size))

    def part(self, entry: ObjectEntry, begin: int, end: int) -> bytes:
        """An object's bytes from `begin` up to `end`. Raises AwsError as `read`."""
        headers = {"Range": f"bytes={begin}-{end - 1}", "If-Match": entry.tag}
        try:
            block = self._client.call("GET", _path(entry.key), headers=headers).body
        except AwsError as error:
            if error.status in {_PRECONDITION_FAILED, _NOT_SATISFIABLE}:
                raise AwsError(f"s3: {entry.key!r:.200} was written anew while it was read", error.code) from error
            raise
        if len(block) != end - begin:
            raise AwsError(f"s3: {entry.key!r:.200}: got {len(block)} bytes of {end - begin}")
        return block

    def entry(self, key: str) -> ObjectEntry:
        """One object, by its key. S3 says 404 for one that is not there only to who may list the bucket, else 403."""
        headers = self._client.call("HEAD", _path(key)).headers
        try:
            modified = parsedate_to_datetime(headers["last-modified"])
            return ObjectEntry(key, int(headers["content-length"]), headers["etag"], modified)
        except (KeyError, ValueError) as error:
            raise AwsError(f"s3: an answer that cannot be read: {error}") from error

    def put(self, key: str, content: bytes, content_type: str, *, encoding: str = "") -> None:
        """Writes a small object."""
        headers = {"Content-Type": content_type} | ({"Content-Encoding": encoding} if encoding else {})
        self._client.call("PUT", _path(key), headers=headers, body=content)

    def upload(self, key: str, content_type: str) -> Upload:
        """An object that is written bit by bit."""
        return Upload(self._client, key, content_type)


class Upload:
    """One object on its way: `write` as often as needed, then `finish`; or `give_up`, after which nothing is left.

    An object of less than one part is written by a single call at the end.
    """

    def __init__(self, client: AwsClient, key: str, content_type: str) -> None:
        self._client = client
        self._path = _path(key)
        self._headers = {"Content-Type": content_type}
        self._rest = bytearray()
        self._id = ""
        self._tags: list[str] = []

    def write(self, content: bytes) -> None:
        self._rest += content
        while len(self._rest) >= PART_BYTES:
            self._send(bytes(self._rest[:PART_BYTES]))
            del self._rest[:PART_BYTES]

    def finish(self) -> None:
        """From now on the object is there."""
        if not self._id:
            self._client.call("PUT", self._path, headers=self._headers, body=bytes(self._rest))
            return
        if self._rest:
            self._send(bytes(self._rest))
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
            for number, tag in enumerate(self._tags, 1)
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        self._client.call("POST", self._path, query=(("uploadId", self._id),), body=body)
        self._id = ""

    def give_up(self) -> None:
        """Lets S3 forget the parts; the bucket's lifecycle does so later where even that fails."""
        if self._id:
            self._client.call("DELETE", self._path, query=(("uploadId", self._id),))
            self._id = ""

    def _send(self, part: bytes) -> None:
        if not self._id:
            answer = self._client.call("POST", self._path, query=(("uploads", ""),), headers=self._headers)
            tree = _read_tree(answer.body)
            self._id = tree.findtext(_tag(tree, "UploadId"), "")
            if not self._id:
                raise AwsError("s3: an answer that names no upload")
        query = (("partNumber", str(len(self._tags) + 1)), ("uploadId", self._id))
        digest = base64.b64encode(hashlib.md5(part, usedforsecurity=False).digest()).decode("ascii")
        answer = self._client.call("PUT", self._path, query=query, headers={"Content-MD5": digest}, body=part)
        self._tags.append(answer.headers.get("etag", ""))


def _path(key: str) -> str:
    return f"/{quote(key, safe='/-_.~')}"


def _read_tree(body: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(body)  # noqa: S314  written by S3, over TLS
    except ElementTree.ParseError as error:
        raise AwsError(f"s3: an answer that cannot be read: {error}") from error


def _tag(tree: ElementTree.Element, name: str) -> str:
    """A name in the namespace of the answer, which stand-ins leave out."""
    return f"{tree.tag.partition('}')[0]}}}{name}" if tree.tag.startswith("{") else name


def _entry(element: ElementTree.Element) -> ObjectEntry:
    def text(name: str) -> str:
        return element.findtext(_tag(element, name), "")

    modified = datetime.fromisoformat(text("LastModified"))
    return ObjectEntry(unquote_plus(text("Key")), int(text("Size")), text("ETag"), modified)
