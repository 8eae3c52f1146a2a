"""Cloud Storage's JSON API and a metadata server on loopback, with what can go wrong with either."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from model_images.serve.crc32c import Crc32c

TOKEN = "token-1"
BUCKET = "models"


@dataclass
class Storage:
    """Objects of one bucket. `composed` ones have no MD5. `faults` are used up, one a request of an object."""

    objects: dict[str, bytes] = field(default_factory=dict)
    composed: set[str] = field(default_factory=set)
    extra: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    status: int = 200
    token_needed: bool = False
    tokens_given: int = 0
    page_size: int = 2
    asked: list[str] = field(default_factory=list)
    host: str = ""

    @property
    def environ(self) -> dict[str, str]:
        return {"STORAGE_EMULATOR_HOST": self.host} | ({"GCE_METADATA_HOST": self.host} if self.token_needed else {})

    def listing(self, query: dict[str, list[str]]) -> dict[str, Any]:
        names = sorted(name for name in self.objects if name.startswith(query.get("prefix", [""])[0]))
        begin = int(query.get("pageToken", ["0"])[0])
        page: dict[str, Any] = {"items": [self.entry(name) for name in names[begin : begin + self.page_size]]}
        if begin + self.page_size < len(names):
            page["nextPageToken"] = str(begin + self.page_size)
        return page if page["items"] else {}

    def entry(self, name: str) -> dict[str, Any]:
        content = self.objects[name]
        checksum = Crc32c()
        checksum.update(content)
        entry = {"name": name, "size": str(len(content)), "generation": "17"}
        entry["crc32c"] = base64.b64encode(checksum.digest()).decode()
        if name not in self.composed:
            entry["md5Hash"] = base64.b64encode(hashlib.md5(content).digest()).decode()
        return entry | self.extra


class Server(ThreadingHTTPServer):
    storage: Storage


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        storage, parts = self.server.storage, urlsplit(self.path)
        storage.asked.append(parts.path)
        if parts.path.startswith("/computeMetadata/"):
            storage.tokens_given += 1
            known = self.headers["Metadata-Flavor"] == "Google"
            self.say(200 if known else 403, json.dumps({"access_token": TOKEN, "expires_in": 3600}).encode())
        elif storage.token_needed and self.headers["Authorization"] != f"Bearer {TOKEN}":
            self.say(401, b"")
        elif storage.status != 200:
            self.say(storage.status, b'{"error": {"message": "no"}}')
        elif parts.path == f"/storage/v1/b/{BUCKET}/o":
            self.say(200, json.dumps(storage.listing(parse_qs(parts.query))).encode())
        elif parts.path.startswith(f"/download/storage/v1/b/{BUCKET}/o/") and "generation=17" in parts.query:
            self.download(unquote(parts.path.rsplit("/", 1)[1]))
        else:
            self.say(404, b"")

    def download(self, name: str) -> None:
        storage = self.server.storage
        content = storage.objects[name]
        match storage.faults.pop(0) if storage.faults else "":
            case "busy":
                self.say(503, b"")
            case "cut":
                self.say(200, content[: len(content) // 2], len(content))
            case "damaged":
                self.say(200, bytes([content[0] ^ 1]) + content[1:])
            case "moved":
                self.say(302, b"")
            case _:
                self.say(200, content)

    def say(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("location", f"http://{self.server.storage.host}/elsewhere")
        self.send_header("content-length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the library's name
        pass


@contextmanager
def running(storage: Storage) -> Iterator[Storage]:
    """`storage`, listening at `storage.host`."""
    server = Server(("127.0.0.1", 0), Handler)
    server.storage = storage
    storage.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield storage
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
