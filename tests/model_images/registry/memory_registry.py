"""A registry in memory that keeps to the OCI specification: uploads keep what arrived, referrers are listed."""

from __future__ import annotations

import http.server
import json
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.model_images.registry.layouts import INDEX, digest


class MemoryRegistry(http.server.ThreadingHTTPServer):
    """`token` asks for a Bearer token, `with_referrers` serves the list of referrers, `cut_after` bytes of one PATCH
    breaks the connection once."""

    daemon_threads = True

    def __init__(self, *, token: bool = False, with_referrers: bool = True, mounts: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.blobs: dict[tuple[str, str], bytes] = {}
        self.manifests: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.uploads: dict[str, bytearray] = {}
        self.token, self.with_referrers, self.mounts = token, with_referrers, mounts
        self.valid_tokens: set[str] = set()
        self.token_asks: list[dict[str, list[str]]] = []
        self.token_logins: list[str | None] = []
        self.cut_after: int | None = None
        self.one_piece_only = False
        self.forgets_chunks = False
        self.asked: list[tuple[str, str]] = []
        self.starts_at: list[str] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what these tests are about."""

    def count(self, method: str, part: str = "") -> int:
        return sum(1 for one, path in self.asked if one == method and part in path)


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: MemoryRegistry

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status: int, code: str) -> None:
        self.reply(status, json.dumps({"errors": [{"code": code, "message": code.lower()}]}).encode())

    def dispatch(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append((self.command, self.path))
        query = parse_qs(parts.query)
        if parts.path == "/token":
            self.give_token(query)
            return
        if self.server.token:
            shown = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            if shown not in self.server.valid_tokens:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                realm = f'Bearer realm="http://{self.server.host}/token",service="tests",scope="repository:x:pull"'
                self.reply(401, WWW_Authenticate=realm)
                return
        match = re.fullmatch(r"/v2/(.+)/(blobs/uploads|blobs|manifests|referrers)/(.*)", parts.path)
        if match is None:
            self.refuse(404, "NAME_UNKNOWN")
            return
        repository, kind, name = match.groups()
        getattr(self, kind.replace("blobs/", ""))(repository, name, query)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = dispatch  # noqa: N815

    def give_token(self, query: dict[str, list[str]]) -> None:
        form = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.token_asks.append(query or parse_qs(form))
        self.server.token_logins.append(self.headers.get("Authorization"))
        fresh = uuid.uuid4().hex
        self.server.valid_tokens.add(fresh)
        self.reply(200, json.dumps({"token": fresh, "expires_in": 300}).encode())

    def blobs(self, repository: str, name: str, query: dict[str, list[str]]) -> None:
        content = self.server.blobs.get((repository, name))
        if content is None:
            self.refuse(404, "BLOB_UNKNOWN")
            return
        start = int((self.headers.get("Range") or "bytes=0-")[6:].split("-")[0])
        self.reply(206 if start else 200, content[start:])

    def uploads(self, repository: str, name: str, query: dict[str, list[str]]) -> None:
        state, server = self.server.uploads, self.server
        here = f"/v2/{repository}/blobs/uploads/"
        if self.command == "POST":
            wanted, source = query.get("mount", [""])[0], query.get("from", [""])[0]
            if server.mounts and (source, wanted) in server.blobs:
                server.blobs[repository, wanted] = server.blobs[source, wanted]
                self.reply(201, Location=f"/v2/{repository}/blobs/{wanted}")
                return
            fresh = uuid.uuid4().hex
            state[fresh] = bytearray()
            self.reply(202, Location=f"{here}{fresh}?session=1")
            return
        if name not in state:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.refuse(404, "BLOB_UPLOAD_UNKNOWN")
            return
        if self.command == "PATCH":
            self.take_chunk(name, here)
        elif self.command == "PUT":
            content = bytes(state.pop(name)) + self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if digest(content) != query["digest"][0]:
                self.refuse(400, "DIGEST_INVALID")
                return
            server.blobs[repository, digest(content)] = content
            self.reply(201, Docker_Content_Digest=digest(content))
        else:
            self.reply(204, Location=f"{here}{name}", Range=f"0-{max(len(state[name]) - 1, 0)}")

    def take_chunk(self, name: str, here: str) -> None:
        server, held = self.server, self.server.uploads[name]
        length = int(self.headers["Content-Length"])
        first = self.headers["Content-Range"].split("-")[0]
        server.starts_at.append(first)
        if server.forgets_chunks:
            held[:] = self.rfile.read(length)
            self.reply(202, Location=f"{here}{name}", Range=f"0-{int(first) + length - 1}")
            return
        if int(first) != len(held) or (server.one_piece_only and held):
            self.rfile.read(length)
            self.refuse(416 if int(first) != len(held) else 400, "RANGE_INVALID")
            return
        if server.cut_after is not None and length > server.cut_after:
            held += self.rfile.read(server.cut_after)
            server.cut_after = None
            self.close_connection = True
            return
        held += self.rfile.read(length)
        self.reply(202, Location=f"{here}{name}", Range=f"0-{max(len(held) - 1, 0)}")

    def manifests(self, repository: str, name: str, query: dict[str, list[str]]) -> None:
        if self.command == "PUT":
            content = self.rfile.read(int(self.headers["Content-Length"]))
            kind = self.headers["Content-Type"]
            self.server.manifests[repository, name] = content, kind
            self.server.manifests[repository, digest(content)] = content, kind
            subject = json.loads(content).get("subject", {}).get("digest")
            told = {"OCI_Subject": subject} if subject and self.server.with_referrers else {}
            self.reply(201, Docker_Content_Digest=digest(content), **told)
            return
        found = self.server.manifests.get((repository, name))
        if found is None:
            self.refuse(404, "MANIFEST_UNKNOWN")
            return
        self.reply(200, found[0], Content_Type=found[1], Docker_Content_Digest=digest(found[0]))

    def referrers(self, repository: str, name: str, query: dict[str, list[str]]) -> None:
        if not self.server.with_referrers:
            self.refuse(404, "UNSUPPORTED")
            return
        listed: dict[str, dict[str, Any]] = {}
        for (where, _), (content, kind) in self.server.manifests.items():
            parsed = json.loads(content)
            if where == repository and parsed.get("subject", {}).get("digest") == name:
                line = {"mediaType": kind, "digest": digest(content), "size": len(content)}
                listed[digest(content)] = line | {
                    "artifactType": parsed.get("artifactType"),
                    "annotations": parsed.get("annotations"),
                }
        body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(listed.values())}).encode()
        self.reply(200, body, Content_Type=INDEX)


@contextmanager
def memory_registry(
    *, token: bool = False, with_referrers: bool = True, mounts: bool = True
) -> Iterator[MemoryRegistry]:
    server = MemoryRegistry(token=token, with_referrers=with_referrers, mounts=mounts)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
