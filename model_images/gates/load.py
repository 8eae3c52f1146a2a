"""Load on a server: a few connections that each ask again as soon as they are answered, and what that cost.

Made for comparing two servers on one machine, not for finding out how many requests one can bear: this process needs
as much of the machine as the server does.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from model_images.gates.server import ASK_S, Server, ServerFailed

CONNECTIONS = 4
PROC = Path("/proc")


@dataclass
class Load:
    """What a round of load measured. `cpu_s` is the server's CPU time, None where the system does not tell it."""

    seconds: list[float] = field(default_factory=list[float])
    cpu_s: float | None = None

    @property
    def p99_s(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]

    @property
    def cpu_s_each(self) -> float | None:
        """CPU seconds a request."""
        return None if self.cpu_s is None else self.cpu_s / len(self.seconds)


def load_round(server: Server, body: bytes, seconds: float) -> Load:
    """Asks for `seconds`. Raises ServerFailed if an answer is not 200."""
    request = (
        b"POST /invocations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    load, failures = Load(), list[str]()
    before, until = cpu_seconds(server.process.pid), time.monotonic() + seconds
    threads = [
        threading.Thread(target=_ask_until, args=(server.port, request, until, load.seconds, failures))
        for _ in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = cpu_seconds(server.process.pid)
    if failures or not load.seconds:
        raise ServerFailed(f"under load: {failures[0] if failures else 'nothing was answered'}")
    load.cpu_s = None if before is None or after is None else after - before
    return load


def cpu_seconds(pid: int) -> float | None:
    """CPU time so far of a process and all below it. None where there is no /proc."""
    below: dict[int, list[int]] = {}
    spent: dict[int, int] = {}
    for path in PROC.glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        number = int(path.parent.name)
        below.setdefault(int(fields[1]), []).append(number)
        spent[number] = int(fields[11]) + int(fields[12])
    if pid not in spent:
        return None
    known = [pid]
    for one in known:
        known += below.get(one, [])
    return sum(spent[one] for one in known) / os.sysconf("SC_CLK_TCK")


def _ask_until(port: int, request: bytes, until: float, seconds: list[float], failures: list[str]) -> None:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=ASK_S) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.monotonic() < until:
                began = time.perf_counter()
                connection.sendall(request)
                status = _status(connection)
                seconds.append(time.perf_counter() - began)
                if status != 200:
                    failures.append(f"answered {status}")
                    return
    except (OSError, ValueError) as error:
        failures.append(str(error))


def _status(connection: socket.socket) -> int:
    """Reads one answer to its end."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += _received(connection)
    head, _, body = read.partition(b"\r\n\r\n")
    length = int(_header(head, b"content-length"))
    while len(body) < length:
        body += _received(connection)
    return int(head.split(b" ", 2)[1])


def _received(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise OSError("the server closed the connection")
    return part


def _header(head: bytes, name: bytes) -> bytes:
    named: Mapping[bytes, bytes] = {
        key.strip().lower(): value for key, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
    }
    return named.get(name, b"0")
