"""A connection to the Runtime API that is cut, and a Runtime API that fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from model_images.contracts.lambda_runtime_api import RuntimeApi, RuntimeApiError


class Forgetful(BaseHTTPRequestHandler):
    """Answers once a connection, then closes it without a word; answers to invocations fail."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(500 if self.command == "POST" else 200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = True

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    server = HTTPServer(("127.0.0.1", 0), Forgetful)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    found = RuntimeApi(f"127.0.0.1:{server.server_port}")
    yield found
    found._connection.close()
    server.shutdown()
    server.server_close()


def test_a_connection_that_was_closed_while_it_stood_idle_is_opened_again(api: RuntimeApi) -> None:
    assert [api.next().id for _ in range(3)] == ["1"] * 3


def test_a_runtime_api_that_fails_ends_the_environment(api: RuntimeApi) -> None:
    with pytest.raises(RuntimeApiError, match="invocation/1/response answered 500"):
        api.respond("1", b"{}")
