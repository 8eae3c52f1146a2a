"""Lambda's Runtime API as a real HTTP server on loopback, and the image's entry point started against it."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.model_images.live import ROOT

GUARD_S = 60.0
PREFIX = "/2018-06-01/runtime/"
ENTRY = (sys.executable, "-m", "model_images.serve")
# What a process on Lambda does not find, or finds set otherwise.
ABSENT = ("HOME", "USER", "PORT", "AIP_HTTP_PORT", "WORKERS")


@dataclass
class Told:
    """What the runtime told the Runtime API."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Exchange:
    """One invocation: what is handed over, and what comes back."""

    event: bytes
    headers: dict[str, str]
    told: queue.Queue[Told] = field(default_factory=queue.Queue)


class RuntimeApiDouble:
    """Hands out events and gathers answers. `statuses` sets how it answers a path that ends so."""

    def __init__(self) -> None:
        self.waiting: queue.Queue[Exchange] = queue.Queue()
        self.asked: queue.Queue[str] = queue.Queue()
        self.restored = threading.Event()
        self.start_errors: queue.Queue[Told] = queue.Queue()
        self.statuses: dict[str, int] = {}
        self.held: dict[str, Exchange] = {}
        self._numbers = iter(range(1, 1_000_000))
        double = self

        class Handler(_Handler):
            runtime = double

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def send(self, event: Any, **headers: str) -> Exchange:
        """Puts an event (JSON, or bytes as they are) into the line."""
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        named = {
            "Lambda-Runtime-Aws-Request-Id": f"request-{next(self._numbers)}",
            "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 30_000),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:fraud",
            "Lambda-Runtime-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
        } | {f"Lambda-Runtime-{name.replace('_', '-')}": value for name, value in headers.items()}
        exchange = Exchange(payload, named)
        self.waiting.put(exchange)
        return exchange

    def invoke(self, event: Any, **headers: str) -> Told:
        """What came back for an event."""
        return self.send(event, **headers).told.get(timeout=GUARD_S)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    runtime: RuntimeApiDouble

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        """Nothing: a test's output is its own."""

    def do_GET(self) -> None:
        path = self.path.removeprefix(PREFIX)
        self.runtime.asked.put(path)
        forced = self.runtime.statuses.get(path)
        if forced:
            self._answer(forced, b'{"errorMessage":"as the test wants it"}', {})
        elif path == "restore/next":
            self.runtime.restored.wait(GUARD_S)
            self._answer(200, b"", {})
        elif path == "invocation/next":
            exchange = self.runtime.waiting.get()
            self.runtime.held[exchange.headers["Lambda-Runtime-Aws-Request-Id"]] = exchange
            self._answer(200, exchange.event, exchange.headers)
        else:
            self._answer(404, b"", {})

    def do_POST(self) -> None:
        path = self.path.removeprefix(PREFIX)
        told = Told(path, dict(self.headers.items()), self.rfile.read(int(self.headers["Content-Length"])))
        status = next((status for end, status in self.runtime.statuses.items() if path.endswith(end)), 202)
        self._answer(status, b'{"status":"OK"}', {})
        if path == "init/error":
            self.runtime.start_errors.put(told)
        elif status < 400:
            self.runtime.held[path.split("/")[1]].told.put(told)

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@dataclass
class LambdaProcess:
    """The entry point as Lambda starts it."""

    process: subprocess.Popen[bytes]
    log_path: Path

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8")

    def children(self) -> list[str]:
        """Process ids of its children: none, on Lambda."""
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii").split()

    def ended(self) -> int:
        """The exit status, once it ends of itself."""
        return self.process.wait(GUARD_S)

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        self.process.terminate()
        try:
            return self.process.wait(10)
        finally:
            self.kill()

    def kill(self) -> None:
        """Ends it at once, if it still runs."""
        self.process.kill()
        self.process.wait()
        self.log_path.unlink(missing_ok=True)


def start_lambda(
    folder: Path, address: str, environ: Mapping[str, str] | None = None, command: Sequence[str] = ENTRY
) -> LambdaProcess:
    """Starts `command` with the environment of a Lambda function whose model lies in `folder`."""
    own = {
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": "fraud",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "LAMBDA_TASK_ROOT": "/var/task",
        "MODEL_DIR": str(folder),
    }
    kept = {name: value for name, value in os.environ.items() if name not in ABSENT}
    descriptor, path = tempfile.mkstemp(prefix="lambda-", suffix=".log")
    with os.fdopen(descriptor, "wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**kept, **own, **(environ or {})}, stdout=log, stderr=subprocess.STDOUT
        )
    return LambdaProcess(process, Path(path))
