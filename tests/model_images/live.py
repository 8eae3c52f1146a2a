"""A server as a user starts it, in processes of its own, and plain HTTP to ask it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
START_GUARD_S = 60.0


@dataclass
class Reply:
    """An HTTP answer. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class LiveServer:
    """One running server; `log` is what it has written so far."""

    port: int
    process: subprocess.Popen[bytes]
    log_file: IO[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return Path(self.log_file.name).read_text(encoding="utf-8")

    def ask(
        self, method: str, path: str, body: bytes | str | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, None, headers)

    def post_json(self, path: str, content: Any, **headers: str) -> Reply:
        named = {"content-type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.ask("POST", path, json.dumps(content), named)

    def workers(self) -> list[int]:
        """Process ids of the server's children."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(word) for word in listed.split()]

    def wait_until_ready(self) -> None:
        """Until /readyz answers 200; fails with the server's log where it ends before."""
        until = time.monotonic() + START_GUARD_S
        while time.monotonic() < until:
            assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.log}"
            try:
                if self.get("/readyz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError(f"not ready after {START_GUARD_S} s:\n{self.log}")

    def stop(self) -> int:
        """SIGTERM and the exit status; a server that does not end is killed and fails the test."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        finally:
            self.discard()

    def discard(self) -> None:
        """Ends what is left of it; its log is gone."""
        self.process.kill()
        self.process.wait()
        self.log_file.close()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve_command(folder: Path) -> list[str]:
    """The server from the sources, as the README says it; the port follows."""
    return [sys.executable, "-m", "model_images", "serve", str(folder)]


def start(command: Sequence[str], environ: Mapping[str, str] | None = None, *, wait: bool = True) -> LiveServer:
    """Starts `command` on a free port (told by AIP_HTTP_PORT, which source and image both read).

    Unless `environ` says otherwise it drains at once and has two workers.
    """
    port = free_port()
    log = tempfile.NamedTemporaryFile(prefix="server-", suffix=".log")  # noqa: SIM115  closed when the server stops
    own = {"AIP_HTTP_PORT": str(port), "DRAIN_DELAY_S": "0", "WORKERS": "2"}
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **own, **(environ or {})}, stdout=log, stderr=subprocess.STDOUT
    )
    server = LiveServer(port, process, log)
    if wait:
        try:
            server.wait_until_ready()
        except BaseException:
            process.kill()
            process.wait()
            raise
    return server


def start_source(
    folder: Path, environ: Mapping[str, str] | None = None, *arguments: str, wait: bool = True
) -> LiveServer:
    """A server of `folder`, from the sources."""
    return start([*serve_command(folder), *arguments], environ, wait=wait)
