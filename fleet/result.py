"""How one stack ended: the row of the closing table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fleet.events import Counts, Policies
from fleet.model import FleetStack
from fleet.order import Operation


class Outcome(StrEnum):
    DONE = "done"
    GONE = "gone"
    WAITS = "waits"
    KEPT = "kept"
    FAILED = "failed"
    NOT_STARTED = "not started"
    INTERRUPTED = "interrupted"


# After these a stack that needs this one may go on.
WELL = frozenset({Outcome.DONE, Outcome.GONE})
# These make the whole command fail. A preview that waits, and what stays by protection or for want of consent, do not.
BAD = frozenset({Outcome.FAILED, Outcome.NOT_STARTED, Outcome.INTERRUPTED})


@dataclass(frozen=True, kw_only=True)
class Result:
    """`note` says in a few words what the outcome alone does not; `repaired` tells what was done
    about open ends of an earlier run; `problems` and `next_step` are for failures.

    `seconds` is wall-clock time. `counts` and `policies` are None where the engine did not run.
    """

    stack: FleetStack
    operation: Operation
    outcome: Outcome
    note: str = ""
    repaired: tuple[str, ...] = ()
    counts: Counts | None = None
    outputs_differ: bool = False
    policies: Policies | None = None
    seconds: float = 0
    problems: tuple[str, ...] = ()
    next_step: str = ""
    log: Path | None = None
