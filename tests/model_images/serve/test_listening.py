"""Connections are shared out among the workers."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

from tests.model_images.conftest import SAMPLES, Starting

CLIENTS = 20


def sockets_of(pid: int) -> int:
    return sum("socket:" in str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink())


def test_each_worker_gets_its_share_of_connections_that_come_at_once(starting: Starting) -> None:
    server = starting(SAMPLES / "fraud")
    before = [sockets_of(pid) for pid in server.workers()]
    with ExitStack() as held:
        for _ in range(CLIENTS):
            client = held.enter_context(socket.create_connection(("127.0.0.1", server.port), 20))
            client.sendall(b"GET /livez HTTP/1.1\r\nhost: t\r\n\r\n")
            assert client.recv(1000)
        shares = [sockets_of(pid) - count for pid, count in zip(server.workers(), before, strict=True)]
    assert sum(shares) >= CLIENTS - 2  # the last question whether it is ready may still have stood before
    assert min(shares) >= CLIENTS // 4
    assert server.stop() == 0
