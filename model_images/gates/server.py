"""The model's server on this machine, started from source for a gate, and what asks it over HTTP."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from model_images.serve.settings import VARIABLES

READY_S = 30.0
STOP_S = 15.0
LOOK_EVERY_S = 0.02
ASK_S = 60.0


class ServerFailed(RuntimeError):
    """The server did not start, or did not answer: what it said last."""


@dataclass(frozen=True)
class Answered:
    """One HTTP answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Server:
    """A running server: its process and port on loopback."""

    process: subprocess.Popen[bytes]
    port: int

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answered:
        """Raises ServerFailed if nothing answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ASK_S)
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, named, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise ServerFailed(f"{method} {path}: the server did not answer: {error}") from error
        finally:
            connection.close()


@contextmanager
def started(folder: Path, variables: Mapping[str, str] | None = None) -> Generator[Server]:
    """The server of a model folder with one worker, warm; stopped at the block's end.

    Of the environment's own settings none count: no cache, no capture. Raises ServerFailed.
    """
    port = _free_port()
    words = ["model_images", "serve", str(folder.resolve()), "--port", str(port), "--workers", "1"]
    with tempfile.TemporaryFile() as said, running(words, {"DRAIN_DELAY_S": "0", **(variables or {})}, said) as process:
        server = Server(process, port)
        _wait_until_warm(server, said)
        yield server


@contextmanager
def running(words: list[str], variables: Mapping[str, str], said: IO[bytes]) -> Generator[subprocess.Popen[bytes]]:
    """`python -m WORDS` while the block runs; what it says goes to the file `said`."""
    ours = {variable.name for variable in VARIABLES}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=Path(__file__).resolve().parents[2],
        env={**environment, **variables},
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=said,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def last_line(said: IO[bytes]) -> str:
    """What a process said last: a worker's reason, and what its parent made of it."""
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return f"{'; '.join(lines[-2:]):.400}" if lines else "it said nothing"


def _wait_until_warm(server: Server, said: IO[bytes]) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        if server.process.poll() is not None:
            raise ServerFailed(f"the server does not start: {last_line(said)}")
        try:
            if server.ask("GET", "/ping").status == 200:
                return
        except ServerFailed:  # not listening yet
            pass
        time.sleep(LOOK_EVERY_S)
    raise ServerFailed(f"the server is not warm after {READY_S:.0f} s: {last_line(said)}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
