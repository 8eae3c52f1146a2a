"""Debian packages and a mirror of them, made for the tests."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from model_images.build.debian import Package


def ar(members: Mapping[str, bytes]) -> bytes:
    """An ar archive."""
    parts = [b"!<arch>\n"]
    for name, content in members.items():
        parts.append(f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode() + content)
        parts.append(b"\n" * (len(content) % 2))
    return b"".join(parts)


def tar(files: Mapping[str, bytes], mode: int = 0o644) -> bytes:
    """A tar, compressed by xz."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), mode
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


def deb(path: Path, files: Mapping[str, bytes], mode: int = 0o644) -> Path:
    """A package named x with these files."""
    control = tar({"./control": b"Package: x\nVersion: 1-1\n"})
    path.write_bytes(ar({"debian-binary": b"2.0\n", "control.tar.xz": control, "data.tar.xz": tar(files, mode)}))
    return path


def row(path: Path, name: str = "x") -> Package:
    """The lock's row for a package file that the mirror holds as pool/x.deb."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Package(name=name, version="1-1", sha256=digest, size=len(content), path="pool/x.deb")


@contextmanager
def mirror(files: Mapping[str, bytes], asked: list[str | None] | None = None, *, cut: bool = False) -> Generator[str]:
    """A web server on loopback that holds `files`; its address. `asked` gets the logins, `cut` breaks answers off."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.headers["Authorization"])
            content = files.get(self.path.removeprefix("/debian/"))
            self.send_response(404 if content is None else 200)
            self.send_header("content-length", str(len(content or b"") + cut))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its base's name for it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/debian"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
