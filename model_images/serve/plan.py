"""How a model's rows are run, decided by what the warm-up example costs: measured, not configured."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import numpy as np

from model_images.serve.rows import MODEL_ERRORS, Outputs, Rows

Run = Callable[[Rows], Outputs]

# Longer than this must not block the event loop: probes and other requests wait meanwhile.
INLINE_S = 0.001
MOST_INLINE_ROWS = 4096
# What putting a request together with others costs by itself.
GATHERING_S = 0.000_025
MEASURED_ROWS = 64
SLOW_S, SLOW_ROWS = 0.05, 4
TRIES, TRYING_S = 5, 0.02


class Cost(msgspec.Struct, frozen=True):
    """Seconds for one row and for `rows` at once; without these where the model takes one row at a time only."""

    one_s: float
    rows: int = 1
    rows_s: float = 0.0

    @property
    def row_s(self) -> float:
        """What one more row costs."""
        return max(0.0, self.rows_s - self.one_s) / (self.rows - 1) if self.rows > 1 else self.one_s

    def of(self, rows: int) -> float:
        """Estimated seconds for that many rows at once."""
        return self.one_s + (rows - 1) * self.row_s


class Plan(msgspec.Struct, frozen=True):
    """How rows are run: at most `together` rows at once, up to `inline` of them on the event loop, others in a thread.

    `gather` says whether requests are put together: not for a model that is quicker than the putting together.
    """

    together: int
    inline: int
    gather: bool
    max_wait_s: float = 0.0


def measured(run: Run, example: Rows, max_rows: int) -> Cost:
    """What `run` costs after a first run of the whole example, which may load and compile.

    Raises what the model raises for its own example.
    """
    run(example)
    one_s = _quickest(run, example.slice(0, 1))
    rows = min(max_rows, SLOW_ROWS if one_s > SLOW_S else MEASURED_ROWS)
    if rows == 1:
        return Cost(one_s)
    try:
        return Cost(one_s, rows, _quickest(run, example.take(np.arange(rows) % example.count)))
    except MODEL_ERRORS:
        return Cost(one_s)


def planned(cost: Cost, max_rows: int, max_wait_ms: float) -> Plan:
    """The plan for a model of that cost."""
    if cost.one_s > INLINE_S:
        inline = 0
    else:
        spare = (INLINE_S - cost.one_s) / cost.row_s if cost.row_s else MOST_INLINE_ROWS
        inline = int(min(1 + spare, MOST_INLINE_ROWS))
    gain_s = cost.one_s - cost.rows_s / cost.rows if cost.rows > 1 else 0.0
    together = max_rows if cost.rows > 1 else 1
    return Plan(together, min(inline, together) if together == 1 else inline, gain_s > GATHERING_S, max_wait_ms / 1000)


def told(cost: Cost, plan: Plan) -> str:
    """The decision in one line, for a log."""
    times = f"{cost.one_s * 1e6:.0f} us for 1 row"
    if cost.rows > 1:
        times += f", {cost.rows_s * 1e6:.0f} us for {cost.rows}"
    where = f"on the event loop up to {plan.inline} rows, above in a thread" if plan.inline else "in a thread"
    if plan.gather:
        return f"{times}: runs {where}; requests are put together up to {plan.together} rows"
    why = "it would save less than it costs" if cost.rows > 1 else "one row at a time"
    return f"{times}: runs {where}; requests are not put together ({why})"


def _quickest(run: Run, rows: Rows) -> float:
    best = float("inf")
    end = time.perf_counter() + TRYING_S
    for _ in range(TRIES):
        began = time.perf_counter()
        run(rows)
        now = time.perf_counter()
        best = min(best, now - began)
        if now > end:
            break
    return best
