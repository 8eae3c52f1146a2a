"""What all processes of one server see: an anonymous shared mapping made before the workers are forked.

No name and no file, so neither /dev/shm nor a writable folder is needed. A cell is a float64 that exactly one process
writes: a worker those of its own slot, the parent the rest (and a slot whose worker is dead).
"""

from __future__ import annotations

import mmap

DRAINING, RESTARTS, COMMON = 0, 1, 2
STATE, BEAT, CONNECTIONS, OWN = 0, 1, 2, 3
ABSENT, STARTING, READY = 0.0, 1.0, 2.0
MESSAGE_BYTES = 4096


class Shared:
    """States of `workers` workers, and `values` numbers of each that its metrics count.

    A worker that takes a dead one's slot goes on with its numbers: a counter never falls.
    """

    def __init__(self, workers: int, values: int) -> None:
        self.workers = workers
        size = 8 * (COMMON + workers * (OWN + values))
        self._memory = mmap.mmap(-1, size + workers * MESSAGE_BYTES)
        self._texts = size
        self.cells = memoryview(self._memory)[:size].cast("d")
        self._states = [COMMON + worker * (OWN + values) + STATE for worker in range(workers)]

    def first_value(self, worker: int) -> int:
        """The cell of a worker's first number."""
        return self._states[worker] + OWN

    def state(self, worker: int) -> float:
        return self.cells[self._states[worker]]

    def set_state(self, worker: int, state: float) -> None:
        self.cells[self._states[worker]] = state

    def beat(self, worker: int, now: float) -> None:
        """The worker's event loop runs at `now` (`time.monotonic`, which is one clock for all processes)."""
        self.cells[self._states[worker] + BEAT] = now

    def last_beat(self, worker: int) -> float:
        return self.cells[self._states[worker] + BEAT]

    def set_connections(self, worker: int, count: int) -> None:
        self.cells[self._states[worker] + CONNECTIONS] = count

    def has_more_connections(self, worker: int, coming: int = 0) -> bool:
        """Whether a warm worker has fewer connections than this one, `coming` included (of many: clearly fewer)."""
        cells = self.cells
        own = cells[self._states[worker] + CONNECTIONS] + coming
        own -= own // 16
        return any(cells[place] == READY and cells[place + CONNECTIONS] < own for place in self._states)

    def workers_ready(self) -> int:
        return sum(self.cells[place] == READY for place in self._states)

    def ready(self) -> bool:
        """Whether every worker is warm and none is to end."""
        cells = self.cells
        return not cells[DRAINING] and all(cells[place] == READY for place in self._states)

    def draining(self) -> bool:
        return self.cells[DRAINING] != 0.0

    def drain(self) -> None:
        """From now on nobody is ready."""
        self.cells[DRAINING] = 1.0

    def restarts(self) -> int:
        return int(self.cells[RESTARTS])

    def count_restart(self) -> None:
        self.cells[RESTARTS] += 1

    def leave_message(self, worker: int, text: str) -> None:
        """What a worker that cannot start tells the parent, cut where it is too long."""
        begin = self._texts + worker * MESSAGE_BYTES
        self._memory[begin : begin + MESSAGE_BYTES] = text.encode()[:MESSAGE_BYTES].ljust(MESSAGE_BYTES, b"\0")

    def message(self, worker: int) -> str:
        begin = self._texts + worker * MESSAGE_BYTES
        return self._memory[begin : begin + MESSAGE_BYTES].rstrip(b"\0").decode("utf-8", "replace")
