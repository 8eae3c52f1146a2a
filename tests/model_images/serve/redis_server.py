"""A Redis (or Valkey) server of its own for a test: in memory, on a free port, killed when the test wants it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

GUARD_S = 20.0


class RedisServer:
    """Runs from `start` to `kill`; both may be called again, on the same port."""

    def __init__(self, folder: Path, *options: str) -> None:
        program = shutil.which("valkey-server") or shutil.which("redis-server")
        if program is None:
            pytest.skip("needs redis-server or valkey-server")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        where = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder))
        self._command = [program, *where, "--save", "", "--appendonly", "no", *options]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + GUARD_S
        while not self._answers():
            assert self._process.poll() is None, "redis-server ended"
            assert time.monotonic() < end, "redis-server does not answer"
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False

    def told(self, *words: str) -> bytes:
        """What the server answers to a command, as it comes over the wire."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall((" ".join(words) + "\r\n").encode())
            return connection.recv(2**20)

    def pause(self, milliseconds: int) -> None:
        """Lets no command be answered for a while."""
        self.told("CLIENT", "PAUSE", str(milliseconds), "ALL")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(GUARD_S)
            self._process = None
