"""Starts the stand-in provider of one package: `python -m tools.offline.standin PACKAGE [ENGINE]`.

Prints its port, serves the engine, and ends with it: on SIGTERM or SIGINT, and within half a second after the process
that started it is gone, however that ended.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import threading
from concurrent import futures
from pathlib import Path

import grpc

from tools.offline.cloud.store import Store
from tools.offline.protocol import messages
from tools.offline.standin.offline import NotOffline, store_path
from tools.offline.standin.provider import StandIn

_THREADS = 16  # a hanging operation holds one
_WATCH_S = 0.5


def main() -> int:
    """Serves until the engine is gone. Exit code 1: not an offline environment, or a store that cannot be opened."""
    if len(sys.argv) < 2:
        sys.stderr.write("usage: python -m tools.offline.standin PACKAGE\n")
        return 1
    parent, ended = os.getppid(), threading.Event()
    try:
        store = _open_store()
    except NotOffline as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    faults = os.environ.get("HOMEPORT_FAULTS")
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=_THREADS),
        options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
    )
    standin = StandIn(sys.argv[1], store, Path(faults) if faults else None)
    messages.service.add_ResourceProviderServicer_to_server(standin, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not ended.wait(_WATCH_S) and os.getppid() == parent:
        pass
    os._exit(0)  # at once: a hanging operation's thread would keep the process


def _open_store() -> Store:
    path = store_path(os.environ)
    try:
        return Store(path)
    except (OSError, sqlite3.Error) as error:
        raise NotOffline(
            f"{path}: the store of the stand-in cloud cannot be opened: {error}; free space or make it writable"
        ) from error


if __name__ == "__main__":
    sys.exit(main())
