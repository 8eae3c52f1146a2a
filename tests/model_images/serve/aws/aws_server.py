"""moto's server in a process of its own, and a server that answers what a test has written down for it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import boto3

from tests.model_images.live import free_port

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"}
GUARD_S = 60.0


class AwsServer:
    """moto on a free port. `environ` is what a container would have."""

    def __init__(self) -> None:
        port = free_port()
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}"
        self.environ = {**KEYS, "AWS_ENDPOINT_URL": self.url}
        until = time.monotonic() + GUARD_S
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/moto-api/", timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, "moto ended"
                assert time.monotonic() < until, "moto does not answer"
                time.sleep(0.05)

    def client(self, service: Any) -> Any:
        """AWS's own client, to put things there and to look."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="eu-west-1",
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="secret",
        )

    def reset(self) -> None:
        """Forgets everything."""
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")).close()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Written:
    """Answers in turn what `answers` says (status, body), the last of them for ever; remembers what it was asked."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.silence_s = 0.0
        self.hang_up = 0
        self.cut = 0
        written = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                written.asked.append(Asked(self.command, self.path, headers, body))
                time.sleep(written.silence_s)
                if written.hang_up:
                    written.hang_up -= 1
                    self.close_connection = True
                    return
                status, content = written.answers[0] if len(written.answers) == 1 else written.answers.pop(0)
                sent = content if isinstance(content, bytes) else json.dumps(content).encode()
                with suppress(BrokenPipeError, ConnectionResetError):  # who asked has left
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(sent)))
                    self.end_headers()
                    if written.cut:
                        written.cut -= 1
                        self.close_connection = True
                        sent = sent[: len(sent) // 2]
                    self.wfile.write(sent)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  the names that the library calls

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.environ = {**KEYS, "AWS_ENDPOINT_URL": self.url}


@contextmanager
def written(*answers: tuple[int, Any]) -> Iterator[Written]:
    """A `Written` server that runs as long as the block."""
    server = Written(*answers)
    thread = threading.Thread(target=server.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.server.shutdown()
        thread.join()
        server.server.server_close()
