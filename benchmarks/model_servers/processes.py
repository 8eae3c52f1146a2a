"""One server under measurement: started, asked whether it answers right, weighed, stopped."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import IO, Any, cast

from benchmarks.model_servers import prepare
from benchmarks.model_servers.peers import OPEN_INFERENCE, Peer, peer

START_LIMIT_S = 90
# The first answer comes from the first worker that is ready: as many answers as this, and all are.
IN_A_ROW = 20
STOP_LIMIT_S = 10


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def request_body(path: str, rows: list[list[float]]) -> bytes:
    """`rows` as the server at `path` wants them."""
    if path == OPEN_INFERENCE:
        flat = [value for row in rows for value in row]
        tensor = {"name": "x", "shape": [len(rows), len(rows[0])], "datatype": "FP32", "data": flat}
        return json.dumps({"inputs": [tensor]}).encode()
    return json.dumps({"instances": rows}).encode()


def sample(rows: int, what: str = "rows") -> list[list[float]]:
    """The rows that are sent (`rows`), or what scikit-learn answers to them (`expect`)."""
    return json.loads((prepare.model_folder() / f"{what}{rows}.json").read_text())


def descendants(root: int) -> list[int]:
    """A process and all below it: some servers put workers into sessions of their own."""
    parent: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    found = [root]
    for pid in found:
        found.extend(child for child, mother in parent.items() if mother == pid)
    return found


def cpu_seconds(pids: list[int]) -> float:
    """User and system time that the processes have used so far."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mib(pids: list[int]) -> float:
    """The proportional set size of the processes together: a page that n processes share counts once."""
    total = 0
    for pid in pids:
        try:
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        except OSError:
            continue
        total += int(found[1]) if found else 0
    return total / 1024


class Server:
    """A running server. `start_s`: seconds from its command to the first answer."""

    start_s = 0.0

    def __init__(self, name: str) -> None:
        self._work = tempfile.TemporaryDirectory()
        self._log: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed in stop()
        port = free_port()
        self._peer: Peer = peer(name, port=port, work=Path(self._work.name))
        self.path = self._peer.path
        self.url = f"http://127.0.0.1:{port}{self.path}"
        model = str(prepare.model_folder())
        one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MODEL_DIR": model}
        began = time.perf_counter()
        self.process = subprocess.Popen(
            self._peer.command,
            env={**os.environ, **one_thread, **self._peer.variables},
            cwd=self._peer.folder,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait(name, began)
        self._check(name)

    def _wait(self, name: str, began: float) -> None:
        body = request_body(self.path, sample(1))
        right_on = 0
        while True:
            try:
                self._post(body)
                self.start_s = self.start_s if right_on else time.perf_counter() - began
                right_on += 1
            except OSError as error:
                right_on = 0
                if self.process.poll() is not None or time.perf_counter() - began > START_LIMIT_S:
                    self.stop()
                    raise SystemExit(f"{name} did not start: {error}\n{self._said()}") from error
                time.sleep(0.005)
            else:
                if right_on == IN_A_ROW:
                    return

    def _post(self, body: bytes) -> bytes:
        request = urllib.request.Request(self.url, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def _check(self, name: str) -> None:
        for rows in prepare.ROWS:
            got = _numbers(json.loads(self._post(request_body(self.path, sample(rows)))))
            expected = [value for row in sample(rows, "expect") for value in row]
            wrong = len(got) != len(expected) or any(abs(a - b) > 1e-4 for a, b in zip(got, expected, strict=True))
            if wrong:
                self.stop()
                raise SystemExit(f"{name} answers other probabilities than scikit-learn")

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read()[-3000:]

    def stop(self) -> None:
        """Asks the server to end; what is left of its processes after ten seconds is killed."""
        pids = descendants(self.process.pid)
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_LIMIT_S)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()


def _numbers(document: Any) -> list[float]:
    if isinstance(document, dict):
        named = cast("dict[str, Any]", document)
        return _numbers(named["predictions"] if "predictions" in named else named["outputs"][0]["data"])
    if isinstance(document, list):
        return [value for item in cast("list[Any]", document) for value in _numbers(item)]
    return [float(document)]
