"""How a worker takes connections from the socket that all workers share.

Left to the event loop, the worker that wakes first takes all that wait: one core would work, the others idle. Here a
worker that has more than another lets that one go first; else it takes several at once, for under load its turns are
rare.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable

from model_images.serve.shared import Shared

# How long the others get, and how long it waits where the system gives no more open files.
TURN_S, PAUSE_S = 0.001, 0.1
AT_ONCE = 64
LOG = logging.getLogger("model_images.serve")


class Listening:
    """Takes connections for the worker at `place` until it is closed."""

    def __init__(
        self, listener: socket.socket, shared: Shared, place: int, connection: Callable[[], asyncio.Protocol]
    ) -> None:
        self._listener, self._shared, self._place, self._connection = listener, shared, place, connection
        self._loop = asyncio.get_running_loop()
        self._waited = False
        self._again: asyncio.TimerHandle | None = None
        self._taking: set[asyncio.Task[object]] = set()
        listener.setblocking(False)
        self._loop.add_reader(listener, self._readable)

    def _readable(self) -> None:
        for _ in range(AT_ONCE):
            if not self._waited and self._shared.has_more_connections(self._place, len(self._taking)):
                self._waited = True
                self._pause(TURN_S)
                return
            self._waited = False
            try:
                client, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return  # another worker was quicker, or the client is gone again
            except OSError as error:
                LOG.error("no connection can be taken: %s", error.strerror)
                self._pause(PAUSE_S)
                return
            self._take(client)

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._listener)
        self._again = self._loop.call_later(seconds, self._loop.add_reader, self._listener, self._readable)

    def _take(self, client: socket.socket) -> None:
        client.setblocking(False)
        task = self._loop.create_task(self._loop.connect_accepted_socket(self._connection, client))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    def close(self) -> None:
        """Takes what waits in the queue, which closing would reset, and closes."""
        if self._again is not None:
            self._again.cancel()
        self._loop.remove_reader(self._listener)
        with contextlib.suppress(OSError):
            while True:
                self._take(self._listener.accept()[0])
        self._listener.close()
