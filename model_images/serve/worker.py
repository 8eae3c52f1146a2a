"""A worker: one process with its own copy of the model and an event loop that serves the shared socket.

It listens at once, so that liveness can be asked while a large model is being loaded, and is ready after the warm-up.
One that replaces another listens when it is ready.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Mapping
from email.utils import formatdate
from pathlib import Path

import uvloop

from model_images import runtimes
from model_images.model_file import ModelFile
from model_images.serve.application import Application, Starting
from model_images.serve.connection import Answering, Connection
from model_images.serve.inference import Inference
from model_images.serve.listening import Listening
from model_images.serve.metrics import Metrics
from model_images.serve.schema import Schema
from model_images.serve.served import Served
from model_images.serve.settings import ServerSettings
from model_images.serve.shared import READY, STARTING, Shared

CANNOT_SERVE = 3
TICK_S = 1.0
FINISH_TICK_S = 0.02
# After the listener is closed: how long clients that are connected already may still send a request.
LAST_REQUESTS_S = 0.2
LOG = logging.getLogger("model_images.serve")


class Job:
    """What is forked into every worker."""

    def __init__(
        self, folder: Path, model: ModelFile, digest: str, settings: ServerSettings, environ: Mapping[str, str]
    ) -> None:
        self.folder, self.model, self.digest = folder, model, digest
        self.settings, self.environ = settings, environ
        self.schema = Schema(model)

    async def open(self, metrics: Metrics, shared: Shared) -> tuple[Application, Inference]:
        """Loads the model and warms it up. Raises what the model raises."""
        runtime = await asyncio.to_thread(runtimes.load, self.folder, self.model)
        inference = Inference(self.model, self.digest, runtime, self.settings, metrics)
        await inference.warm_up()
        served = Served(
            model=self.model,
            digest=self.digest,
            schema=self.schema,
            inference=inference,
            settings=self.settings,
            metrics=metrics,
            ready=shared.ready,
            draining=shared.draining,
        )
        return Application(served, self.environ), inference


class Worker:
    """One worker: its connections, and what it is doing."""

    def __init__(self, job: Job, shared: Shared, place: int) -> None:
        self.application: Answering = Starting()
        self.connections: set[Connection] = set()
        self.date = b""
        self.request_timeout_s = job.settings.request_timeout_s
        self.body_limit_bytes = job.settings.body_limit_bytes
        self.failed = False
        self._job, self._shared, self._place = job, shared, place
        self._inference: Inference | None = None
        self._ending = asyncio.Event()
        shared.set_connections(place, 0)

    def opened(self, connection: Connection) -> None:
        self.connections.add(connection)
        self._shared.set_connections(self._place, len(self.connections))

    def closed(self, connection: Connection) -> None:
        self.connections.discard(connection)
        self._shared.set_connections(self._place, len(self.connections))

    def closing(self) -> bool:
        return self._shared.draining() or self._ending.is_set()

    async def run(self, listener: socket.socket, lifeline: int) -> None:
        """Serves until SIGTERM, or until the parent is gone; then finishes what is in flight."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._ending.set)
        loop.add_reader(lifeline, self._ending.set)  # readable: its other end is closed, the parent is gone
        ticking = loop.create_task(self._tick())
        opening = loop.create_task(self._open())
        opening.add_done_callback(self._opened)
        ending = loop.create_task(self._ending.wait())
        if self._shared.workers_ready():  # others answer meanwhile: this one would refuse what they predict
            await asyncio.wait((opening, ending), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)  # for what follows an opening that failed
        if not self._ending.is_set():
            listening = Listening(listener, self._shared, self._place, lambda: Connection(self))
            await ending
            self._shared.set_state(self._place, STARTING)
            if not self.failed:
                listening.close()
                await self._finish()
        loop.remove_reader(lifeline)
        opening.cancel()
        if self._inference is not None:
            await self._inference.close()
        ticking.cancel()

    async def _open(self) -> None:
        """Makes the worker ready."""
        self.application, self._inference = await self._job.open(Metrics(self._shared, self._place), self._shared)
        gc.collect()
        gc.freeze()
        self._shared.set_state(self._place, READY)

    def _opened(self, opening: asyncio.Task[None]) -> None:
        """Where that failed, whatever the model raised: leaves a line for the parent, and ends."""
        error = None if opening.cancelled() else opening.exception()
        if error is not None:
            self._shared.leave_message(self._place, str(error) or type(error).__name__)
            LOG.debug("the model cannot be served", exc_info=error)
            self.failed = True
            self._ending.set()

    async def _tick(self) -> None:
        while True:
            self.date = f"date: {formatdate(usegmt=True)}\r\n".encode("ascii")
            now = time.monotonic()
            self._shared.beat(self._place, now)
            for connection in list(self.connections):
                connection.close_if_late(now)
            await asyncio.sleep(TICK_S)

    async def _finish(self) -> None:
        # Clients that are connected already may just be asking.
        await asyncio.sleep(LAST_REQUESTS_S)
        for connection in list(self.connections):
            connection.close_soon()
        until = time.monotonic() + self.request_timeout_s
        while self.connections and time.monotonic() < until:
            await asyncio.sleep(FINISH_TICK_S)


def work(job: Job, shared: Shared, place: int, listener: socket.socket, lifeline: int) -> int:
    """A worker's life, to its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the parent as well
    worker = Worker(job, shared, place)
    # Not closed: that waits for threads, and one may be loading a large model or predict for a client that is gone.
    asyncio.Runner(loop_factory=uvloop.new_event_loop).run(worker.run(listener, lifeline))
    return CANNOT_SERVE if worker.failed else os.EX_OK
