"""Rows of several requests predicted together, where the model gains by it; large or slow work in a thread.

No fixed window: a request that comes alone runs at once. What comes while the model is at work waits and then runs
together, counted in rows. A batch that fails runs again request by request, so that a row never fails its neighbours.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from model_images.serve.messages import Refused
from model_images.serve.metrics import BATCH_ROWS, PREDICT_SECONDS, QUEUE_ROWS, ROWS_TOTAL, Metrics
from model_images.serve.plan import Plan, Run
from model_images.serve.rows import Outputs, RowRefused, Rows, join

# After so long a time of models on the event loop, probes and new connections have their turn.
TURN_S = 0.003


class _Entry:
    """One request that waits or runs."""

    __slots__ = ("alone", "future", "rows")

    def __init__(self, rows: Rows, future: asyncio.Future[Outputs]) -> None:
        self.rows = rows
        self.future = future
        self.alone = False

    def end(self, error: BaseException) -> None:
        """Answers with an error, unless it is answered or nobody waits."""
        if not self.future.done():
            self.future.set_exception(error)


class Batcher:
    """Runs rows by `run`, one run at a time. Everything but `run` itself happens on the event loop."""

    def __init__(self, run: Run, plan: Plan, max_queue_rows: int, metrics: Metrics) -> None:
        self._run = run
        self.plan = plan
        self._max_queue_rows = max_queue_rows
        self._metrics = metrics
        self._waiting: deque[_Entry] = deque()
        self._waiting_rows = 0
        self._running: list[_Entry] = []
        self._worker: asyncio.Task[None] | None = None
        self._in_thread = False
        self._grown: asyncio.Event | None = None
        self._thread = ThreadPoolExecutor(1, "model")
        # A request that fills a batch by itself gains nothing by waiting for others.
        self._direct_from = plan.together if plan.gather else 1
        self._turn_s = 0.0
        self.spent = False

    async def predict(self, rows: Rows, deadline: float) -> Outputs:
        """The outputs for `rows`; `deadline` on the clock of `time.monotonic`, 0 for none.

        Raises:
            Refused: 429 if too many rows wait, 504 at the deadline.
            RowRefused: if the model refuses a row of these.
        """
        left = deadline - time.monotonic() if deadline else None
        if left is not None and left <= 0:
            raise _too_late()
        if not self._in_thread and rows.count <= self.plan.inline:
            full = self._waiting_rows + rows.count > self._max_queue_rows
            if full or rows.count >= self._direct_from:
                return self._timed(rows)
        entry = self._enter(rows)
        timer = None if left is None else asyncio.get_running_loop().call_later(left, entry.end, _too_late())
        try:
            return await entry.future
        finally:
            if timer is not None:
                timer.cancel()

    def _enter(self, rows: Rows) -> _Entry:
        waiting = self._waiting_rows
        if waiting and waiting + rows.count > self._max_queue_rows:
            self._drop_gone()
            waiting = self._waiting_rows
        if waiting and waiting + rows.count > self._max_queue_rows:
            got = f"queue: got {rows.count} rows while {waiting} wait"
            raise Refused(429, f"{got}; allowed: {self._max_queue_rows} (MAX_QUEUE_ROWS); try again")
        entry = _Entry(rows, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        self._count_waiting(rows.count)
        if self._worker is None:
            self._begin()
        elif self._grown is not None:
            self._grown.set()
        return entry

    def _begin(self) -> None:
        self._worker = asyncio.get_running_loop().create_task(self._work())
        self._worker.add_done_callback(self._ended)

    def _ended(self, worker: asyncio.Task[None]) -> None:
        """Nothing is left to do, or what ran has failed: then each of it runs again alone, the last time."""
        self._worker = None
        failed, self._running = self._running, []
        if worker.cancelled():
            for entry in (*failed, *self._waiting):
                entry.end(Refused(503, "server: stops; allowed: another try"))
            return
        error = worker.exception()
        if error is not None and len(failed) == 1:
            failed[0].end(error)
        else:
            for entry in reversed(failed):
                entry.alone = True
                self._waiting.appendleft(entry)
                self._count_waiting(entry.rows.count)
        if self._waiting:
            self._begin()

    async def _work(self) -> None:
        """Runs what waits until nothing does. A run's error ends it, and `_ended` goes on from there."""
        last = 0
        while self._waiting:
            if 0 < self._waiting_rows < last and self.plan.gather:
                await self._more(min(last, self.plan.together))
            self._running = self._take()
            if self._running:
                rows = join([entry.rows for entry in self._running])
                last = rows.count
                outputs = await self._outputs(rows)
                begin = 0
                for entry in self._running:
                    end = begin + entry.rows.count
                    if not entry.future.done():
                        entry.future.set_result({name: array[begin:end] for name, array in outputs.items()})
                    begin = end
                self._running = []

    async def _more(self, rows: int) -> None:
        """Waits for that many rows, `max_wait_s` at most: a fuller batch ran just now, so they may come."""
        self._grown = asyncio.Event()
        end = time.monotonic() + self.plan.max_wait_s
        while self._waiting_rows < rows and (left := end - time.monotonic()) > 0:
            self._grown.clear()
            try:
                async with asyncio.timeout(left):
                    await self._grown.wait()
            except TimeoutError:
                break
        self._grown = None

    def _take(self) -> list[_Entry]:
        """The next requests to run together; those that nobody waits for any more are left out."""
        taken: list[_Entry] = []
        count = 0
        limit = self.plan.together if self.plan.gather else 1
        while self._waiting:
            entry = self._waiting[0]
            if taken and (entry.alone or count + entry.rows.count > limit):
                break
            self._waiting.popleft()
            self._count_waiting(-entry.rows.count)
            if not entry.future.done():
                taken.append(entry)
                count += entry.rows.count
                if entry.alone:
                    break
        return taken

    async def _outputs(self, rows: Rows) -> Outputs:
        if rows.count <= self.plan.inline:
            outputs = self._timed(rows)
            await asyncio.sleep(0)  # answers go out, and probes are answered, between two batches
            return outputs
        loop = asyncio.get_running_loop()
        parts: list[Outputs] = []
        self._in_thread = True
        try:
            for begin in range(0, rows.count, self.plan.together):
                if all(entry.future.done() for entry in self._running):
                    break
                end = min(begin + self.plan.together, rows.count)
                outputs, seconds = await loop.run_in_executor(self._thread, self._part, rows, begin, end)
                self._observe(end - begin, seconds)
                parts.append(outputs)
        finally:
            self._in_thread = False
        if len(parts) == 1:
            return parts[0]
        return {name: np.concatenate([part[name] for part in parts]) for name in (parts[0] if parts else ())}

    def _part(self, rows: Rows, begin: int, end: int) -> tuple[Outputs, float]:
        """In the thread: rows `begin` to `end`."""
        began = time.perf_counter()
        try:
            outputs = self._run(rows.slice(begin, end))
        except RowRefused as refused:
            raise RowRefused(begin + refused.row, str(refused)) from refused
        return outputs, time.perf_counter() - began

    def _timed(self, rows: Rows) -> Outputs:
        began = time.perf_counter()
        outputs = self._run(rows)
        seconds = time.perf_counter() - began
        self._observe(rows.count, seconds)
        self._turn_s += seconds
        if self._turn_s > TURN_S and not self.spent:
            self.spent = True
            asyncio.get_running_loop().call_soon(self._next_turn)
        return outputs

    def _next_turn(self) -> None:
        """Called once the event loop has been round."""
        self.spent, self._turn_s = False, 0.0

    def _observe(self, rows: int, seconds: float) -> None:
        self._metrics.observe(PREDICT_SECONDS, seconds)
        self._metrics.observe(BATCH_ROWS, rows)
        self._metrics.count(ROWS_TOTAL, rows)

    def _count_waiting(self, rows: int) -> None:
        self._waiting_rows += rows
        self._metrics.set(QUEUE_ROWS, self._waiting_rows)

    def _drop_gone(self) -> None:
        for entry in [entry for entry in self._waiting if entry.future.done()]:
            self._waiting.remove(entry)
            self._count_waiting(-entry.rows.count)

    async def close(self) -> None:
        """Ends the thread after what runs in it; nothing may come any more."""
        if self._worker is not None:
            self._worker.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)


def _too_late() -> Refused:
    return Refused(
        504, "deadline: passed before the model answered; allowed: fewer rows, or a longer REQUEST_TIMEOUT_S"
    )
