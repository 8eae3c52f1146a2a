"""A sample of rows and predictions written to a sink in the region, to look for drift; off the request path.

A line of JSON a request: prediction id (labels are joined by it), time, model, inputs, outputs. Headers are never
written. What does not fit into the queue is dropped and counted: a sink that is slow or down costs no request anything.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson

from model_images.model_file import ModelFile
from model_images.serve.answers import as_objects
from model_images.serve.messages import Request
from model_images.serve.metrics import CAPTURE_DROPPED, CAPTURE_FAILED, CAPTURE_WRITTEN, Metrics
from model_images.serve.rows import Outputs, Rows
from model_images.serve.settings import ServerSettings
from model_images.serve.sinks import FileSink, HttpSink

LOG = logging.getLogger("model_images.serve")
# What may wait for the sink: requests, and bytes of their bodies.
QUEUE_REQUESTS, QUEUE_BYTES = 1000, 2**26
GATHER_REQUESTS, GATHER_S = 100, 1.0
# An object of S3 costs by itself, so more go into one. Half of the queue: the other half fills meanwhile.
OBJECT_REQUESTS, OBJECT_S = QUEUE_REQUESTS // 2, 10.0
CLOSE_S = 2.0

Sink = Callable[[bytes], None]
Taken = tuple[str, float, Rows, Outputs, int]


class Capture:
    """One worker's capture: a queue, and a thread that empties it into the sink."""

    def __init__(self, model: ModelFile, digest: str, settings: ServerSettings, metrics: Metrics) -> None:
        self._sink, self._gather_requests, self._gather_s = _sink(settings)
        self._about = orjson.dumps({"model": model.name, "version": model.version, "digest": digest})[1:-1]
        self._sample = settings.capture_sample
        self._metrics = metrics
        self._queue: queue.SimpleQueue[Taken | None] = queue.SimpleQueue()
        self._bytes = 0
        self._requests = 0
        self._thread: threading.Thread | None = None
        self._failing = False

    def offer(self, request: Request, rows: Rows, outputs: Outputs) -> None:
        """Captures the request if it belongs to the sample. Never waits."""
        if self._sample < 1 and random.random() >= self._sample:  # noqa: S311  a sample, no secret
            return
        size = len(request.body)
        if self._requests >= QUEUE_REQUESTS or self._bytes + size > QUEUE_BYTES:
            self._metrics.count(CAPTURE_DROPPED)
            return
        self._requests += 1
        self._bytes += size
        if self._thread is None:
            loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._write, args=(loop,), name="capture", daemon=True)
            self._thread.start()
        self._queue.put((request.id, time.time(), rows, outputs, size))

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        """In the thread: empties the queue until None comes."""
        open_ = True
        while open_:
            taken, open_ = self._gathered()
            if taken:
                lines = [line for one in taken if (line := self._line(one))]
                written = len(lines) if self._sent(b"".join(lines)) else 0
                size = sum(one[-1] for one in taken)
                try:
                    # Numbers belong to the event loop.
                    loop.call_soon_threadsafe(self._done, len(taken), size, written)
                except RuntimeError:  # the loop has ended: nobody reads the numbers
                    return

    def _gathered(self) -> tuple[list[Taken], bool]:
        """The next requests to write together, and whether more may come."""
        taken: list[Taken] = []
        one = self._queue.get()
        end = time.monotonic() + self._gather_s
        while one is not None:
            taken.append(one)
            if len(taken) == self._gather_requests:
                return taken, True
            try:
                one = self._queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                return taken, True
        return taken, False

    def _sent(self, lines: bytes) -> bool:
        try:
            self._sink(lines)
        except OSError as error:
            if not self._failing:
                LOG.warning("capture: the sink fails (%s); captured requests are lost", error)
            self._failing = True
            return False
        self._failing = False
        return True

    def _line(self, one: Taken) -> bytes:
        """None of it if the model answered what is no JSON: then the request failed as well."""
        id_, seconds, rows, outputs, _ = one
        about = orjson.dumps({"prediction_id": id_, "time": datetime.fromtimestamp(seconds, UTC)})[:-1]
        try:
            inputs, predictions = as_objects(rows.columns), as_objects(outputs)
        except (TypeError, ValueError):
            return b""
        return b'%b,%b,"inputs":%b,"outputs":%b}\n' % (about, self._about, inputs, predictions)

    def _done(self, requests: int, size: int, written: int) -> None:
        self._requests -= requests
        self._bytes -= size
        self._metrics.count(CAPTURE_WRITTEN, written)
        self._metrics.count(CAPTURE_FAILED, requests - written)

    async def close(self) -> None:
        """Writes what waits, for a short time at most."""
        if self._thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join, CLOSE_S)


def _sink(settings: ServerSettings) -> tuple[Sink, int, float]:
    """The sink of CAPTURE_SINK, and how many requests it gets at once, and how long these are gathered."""
    url = settings.capture_sink or ""
    if url.startswith("file:"):
        return FileSink(Path(url.removeprefix("file:"))), GATHER_REQUESTS, GATHER_S
    if url.startswith("s3:"):
        from model_images.serve.aws.capture_sink import ObjectSink  # not light, and most servers capture nothing

        return ObjectSink(url, settings.aws), OBJECT_REQUESTS, OBJECT_S
    return HttpSink(url), GATHER_REQUESTS, GATHER_S
