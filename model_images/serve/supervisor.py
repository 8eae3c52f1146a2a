"""The parent: forks the workers, replaces those that die, and drains on SIGTERM.

It holds no model and serves nothing, so it is there when a worker is not. As a container's process 1 it also reaps.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable

from model_images.serve.shared import ABSENT, READY, STARTING, Shared

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 10.0
# A worker whose event loop did not turn for so long answers nobody, its liveness neither.
STALLED_S = 60.0
# Workers that die before the server was ever ready: a model that kills its process does so again.
MOST_FALSE_STARTS = 3
FINISH_S = 5.0
FAILED = 1
LOG = logging.getLogger("model_images.serve")

Work = Callable[[int, int], int]
"""A worker's life by its place and its lifeline (readable when the parent is gone), to its exit status."""


class Supervisor:
    """Keeps `shared.workers` workers running until SIGTERM or SIGINT."""

    def __init__(self, work: Work, shared: Shared, *, cannot_serve: int, drain_delay_s: float, finish_s: float) -> None:
        self._work, self._shared, self._cannot_serve = work, shared, cannot_serve
        self._drain_delay_s, self._finish_s = drain_delay_s, finish_s + FINISH_S
        self._places: dict[int, int] = {}
        self._start_at: dict[int, float] = {}
        self._pauses = [FIRST_PAUSE_S] * shared.workers
        self._ready_since: dict[int, float] = {}
        self._signals = 0
        self._was_ready = False
        self._deaths = 0
        self._looked_at = time.monotonic()
        self._lifeline, self._held = os.pipe()
        self._wake, self._waker = socket.socketpair()

    def run(self, listener: socket.socket) -> int:
        """Exit status: 0 after a drain that cut no request, else 1."""
        self._take_signals()
        for place in range(self._shared.workers):
            self._fork(place)
        while not self._signals:
            self._wait(min([1.0, *(at - time.monotonic() for at in self._start_at.values())]))
            if self._signals:
                break
            if not self._reap():
                self._finish()
                return FAILED
            self._start_due()
            self._look_after()
        return self._drain(listener)

    def _take_signals(self) -> None:
        for end in (self._wake, self._waker):
            end.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._count_signal)
        signal.signal(signal.SIGCHLD, _wake_up)

    def _count_signal(self, number: int, frame: object) -> None:  # noqa: ARG002  the signature of a handler
        self._signals += 1
        self._shared.drain()  # not ready from this moment

    def _wait(self, seconds: float) -> None:
        select.select([self._wake], [], [], max(0.0, seconds))
        with contextlib.suppress(BlockingIOError):
            while self._wake.recv(512):
                pass

    def _fork(self, place: int) -> None:
        self._shared.set_state(place, STARTING)
        self._shared.beat(place, time.monotonic())
        pid = os.fork()
        if pid:
            self._places[pid] = place
            return
        status = FAILED
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            os.close(self._held)  # else no worker would see the parent go
            status = self._work(place, self._lifeline)
        finally:
            # Never back into the parent's frames; a traceback, if any, has gone to the log by then.
            logging.shutdown()
            os._exit(status)

    def _reap(self) -> bool:
        """Takes dead workers off; false if the model cannot be served at all."""
        servable = True
        for pid, status in self._dead():
            place = self._places.pop(pid, None)
            if place is None:
                continue
            self._ready_since.pop(pid, None)
            self._shared.set_state(place, ABSENT)
            self._deaths += 1
            code = os.waitstatus_to_exitcode(status)
            never = not self._was_ready and (code == self._cannot_serve or self._deaths > MOST_FALSE_STARTS)
            if code == self._cannot_serve and servable:  # one line, though every worker says it
                LOG.error("%s", self._shared.message(place))
            elif never and servable:
                LOG.error("the model cannot be served: worker %d ended with %d before it was ready", place, code)
            servable = servable and not never
            if servable:
                self._start_again(pid, place, code)
        return servable

    def _start_again(self, pid: int, place: int, code: int) -> None:
        pause = self._pauses[place]
        self._pauses[place] = min(2 * pause, LONGEST_PAUSE_S)
        self._start_at[place] = time.monotonic() + pause
        LOG.warning("worker %d (process %d) ended with %d; a new one starts in %g s", place, pid, code, pause)

    def _dead(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        with contextlib.suppress(ChildProcessError):
            while (entry := os.waitpid(-1, os.WNOHANG))[0]:
                found.append(entry)
        return found

    def _start_due(self) -> None:
        now = time.monotonic()
        for place in [place for place, at in self._start_at.items() if at <= now]:
            del self._start_at[place]
            self._shared.count_restart()
            self._fork(place)

    def _look_after(self) -> None:
        self._was_ready = self._was_ready or self._shared.ready()
        now = time.monotonic()
        paused, self._looked_at = now - self._looked_at > STALLED_S / 4, now
        for pid, place in self._places.items():
            if self._shared.state(place) != READY or paused:  # the whole container stood still
                continue
            if now - self._shared.last_beat(place) > STALLED_S:
                LOG.error("worker %d (process %d) answers nobody since %g s: killed", place, pid, STALLED_S)
                os.kill(pid, signal.SIGKILL)
            elif now - self._ready_since.setdefault(pid, now) > LONGEST_PAUSE_S:
                self._pauses[place] = FIRST_PAUSE_S

    def _drain(self, listener: socket.socket) -> int:
        LOG.info("draining: not ready, accepting for another %g s", self._drain_delay_s)
        until = time.monotonic() + self._drain_delay_s
        while self._signals < 2 and self._shared.workers_ready() and (left := until - time.monotonic()) > 0:
            self._wait(left)
            self._forget_dead()
        listener.close()
        whole = self._finish()
        LOG.info("ended%s", "" if whole else ": requests in flight were cut")
        return os.EX_OK if whole else FAILED

    def _finish(self) -> bool:
        """Ends the workers; false if some had to be killed."""
        self._shared.drain()
        asked = self._signals
        until = time.monotonic() + self._finish_s
        while self._places and (left := until - time.monotonic()) > 0 and self._signals <= asked:
            self._send(signal.SIGTERM)  # again: one that was just forked may not have heard
            self._wait(min(left, 1.0))
            self._forget_dead()
        whole = not self._places
        self._send(signal.SIGKILL)
        for pid in self._places:
            os.waitpid(pid, 0)
        return whole

    def _forget_dead(self) -> None:
        for pid, _ in self._dead():
            if (place := self._places.pop(pid, None)) is not None:
                self._shared.set_state(place, ABSENT)

    def _send(self, number: signal.Signals) -> None:
        for pid in self._places:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def _wake_up(number: int, frame: object) -> None:
    """A signal without a handler of Python's would not write to the wake-up socket."""
