"""A stand-in for AWS Lambda's Runtime API: hands the model's Lambda loop one event after another, keeps the answers.

Source of the protocol: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
"""

from __future__ import annotations

import http.server
import queue
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from model_images.gates.server import READY_S, ServerFailed, last_line, running

API = "/2018-06-01/runtime/"
INIT = "init/"
LEFT_MS = 60_000


def lambda_answers(folder: Path, events: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """What the loop posts for each event: `response` or `error`, and the body. Raises ServerFailed."""
    with _RuntimeApi(events) as api, tempfile.TemporaryFile() as said:
        variables = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.port}", "MODEL_DIR": str(folder.resolve())}
        with running(["model_images.serve"], variables, said) as process:  # as the image starts
            answers: list[tuple[str, bytes]] = []
            until = time.monotonic() + READY_S
            while len(answers) < len(events):
                try:
                    where, body = api.posted.get(timeout=0.1)
                    if where.startswith(INIT):
                        raise ServerFailed(f"the Lambda loop does not start: {body.decode(errors='replace'):.300}")
                    answers.append((where.rpartition("/")[2], body))
                except queue.Empty:
                    if process.poll() is not None or time.monotonic() > until:
                        raise ServerFailed(f"the Lambda loop does not answer: {last_line(said)}") from None
            return answers


class _RuntimeApi:
    """Serves on loopback while its block runs."""

    def __init__(self, events: Sequence[bytes]) -> None:
        self.posted: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._events = queue.Queue[bytes]()
        for event in events:
            self._events.put(event)
        self._closed = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> _RuntimeApi:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                while not api._closed.is_set():
                    try:
                        event = api._events.get(timeout=0.1)
                    except queue.Empty:
                        continue
                    self._answer(200, event)
                    return

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                api.posted.put((self.path.removeprefix(API), body))
                self._answer(202, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "gate")
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + LEFT_MS))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name for it
                pass

        return Handler
