"""A real registry on loopback (Debian's docker-registry), and a proxy before it that does what networks do."""

from __future__ import annotations

import http.client
import http.server
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = """
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {root}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}", secret: "of these tests"}}
{more}
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def registry(folder: Path, more: str = "") -> Iterator[str]:
    """A running registry; gives its host and port."""
    program = shutil.which("docker-registry")
    assert program, (
        "docker-registry is not on PATH; next: tools/images/make_tools.sh, or the Debian package of that name"
    )
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yml").write_text(CONFIGURATION.format(root=folder / "data", port=port, more=more))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "serve", folder / "config.yml"], stdout=log, stderr=log)
    try:
        for _ in range(200):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.01)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


class Asked:
    """One request that came to the proxy, and its answer, which a fault may change."""

    def __init__(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        self.handler = handler
        self.method = handler.command
        self.path = handler.path
        self.headers = handler.headers
        self.length = int(handler.headers.get("Content-Length") or 0)

    def read(self, most: int | None = None) -> bytes:
        return self.handler.rfile.read(self.length if most is None else min(most, self.length))

    def drop(self) -> None:
        self.handler.connection.shutdown(socket.SHUT_RDWR)
        self.handler.close_connection = True

    def answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.handler.send_response(status)
        for name, value in (headers or {}).items():
            self.handler.send_header(name, value)
        self.handler.send_header("Content-Length", str(len(body)))
        self.handler.end_headers()
        if self.method != "HEAD":
            self.handler.wfile.write(body)


# Looks at a request; True if it has dealt with it, so that it does not reach the registry.
Fault = Callable[[Asked], bool]


class Proxy(http.server.ThreadingHTTPServer):
    """Stands before `behind`. It takes a whole request in before it sends it on, as proxies do. Counts what passes."""

    daemon_threads = True

    def __init__(self, behind: str, fault: Fault = lambda asked: False) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.behind, self.fault = behind, fault
        self.passed: list[tuple[str, str, int]] = []
        self.change: Callable[[Asked, dict[str, str], bytes], tuple[dict[str, str], bytes]] | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what these tests are about."""

    def count(self, method: str, part: str = "") -> int:
        return sum(1 for one, path, _ in self.passed if one == method and part in path)

    def sent_bytes(self) -> int:
        return sum(length for method, _, length in self.passed if method == "PATCH")


class Passing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Proxy

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def pass_on(self) -> None:
        asked = Asked(self)
        if self.server.fault(asked):
            return
        body = asked.read()
        if len(body) < asked.length:
            self.close_connection = True
            return
        behind = http.client.HTTPConnection(self.server.behind, timeout=10)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
        behind.request(self.command, self.path, body or None, {**headers, "Host": self.headers["Host"]})
        answer = behind.getresponse()
        content = answer.read()
        self.server.passed.append((self.command, self.path, len(body)))
        kept = {
            n: v
            for n, v in answer.getheaders()
            if n.lower() not in {"content-length", "transfer-encoding", "connection"}
        }
        if self.server.change:
            kept, content = self.server.change(asked, kept, content)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        behind.close()
        self.send_response(answer.status)
        for name, value in kept.items():
            self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on  # noqa: N815


@contextmanager
def proxy(behind: str, fault: Fault = lambda asked: False) -> Iterator[Proxy]:
    server = Proxy(behind, fault)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
