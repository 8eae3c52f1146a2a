"""Open ends of a run that was killed: a lock whose process is gone, steps that were under way.

The engine refuses a locked stack, but of pending steps it only warns, and then makes the same thing twice. Here both
are explained, and with the operator's consent repaired: what an interrupted creation made is found by name and adopted,
else the record of it is cleared.
"""

from __future__ import annotations

from pulumi import automation

from fleet.adoption import import_id
from fleet.engine import Engine, told_by
from fleet.errors import FleetError
from fleet.events import describe
from fleet.model import FleetStack
from fleet.snapshot import PendingOperation
from fleet.survey import Survey

REPAIR_HINT = "run the same command again with --repair (make: REPAIR=1)"


class NotRepaired(FleetError):
    """A stack that must not run as it is."""


def open_ends(stack: FleetStack, survey: Survey) -> tuple[str, ...]:
    """What an earlier run left on `stack`, a sentence each; empty if nothing is in the way."""
    told: list[str] = []
    held = survey.held(stack.name)
    if held is not None:
        told.append(f"{stack.name} is locked by {held}")
    told += [f"{stack.name} is locked by {lock}, which is gone" for lock in survey.stale(stack.name)]
    told += [
        f"{stack.name} has a lock that was never written in full, for want of room or time: {path}"
        for path in survey.half_written.get(stack.name, ())
    ]
    snapshot = survey.snapshots.get(stack.name)
    for pending in snapshot.pending if snapshot else ():
        told.append(f"{stack.name} was interrupted while {pending}")
    return tuple(told)


def repair(stack: FleetStack, survey: Survey, engine: Engine, *, may_repair: bool) -> tuple[str, ...]:
    """Repairs the open ends of `stack`, and says what was done, a line each. Raises NotRepaired."""
    held = survey.held(stack.name)
    if held is not None:
        raise NotRepaired(
            f"locked by {held}",
            "wait until that run has ended; if it cannot end any more, take its lock away on its own machine",
        )
    if not may_repair:
        raise NotRepaired("; ".join(open_ends(stack, survey)), REPAIR_HINT)
    done: list[str] = []
    for path in survey.half_written.get(stack.name, ()):
        path.unlink(missing_ok=True)
        done.append("half-written lock taken away")
    if survey.stale(stack.name):
        engine.cancel(stack)
        done.append("stale lock taken away")
    snapshot = survey.snapshots.get(stack.name)
    if snapshot is None or not snapshot.pending:
        return tuple(done)
    done += [
        _adopt(stack, pending, engine) if pending.kind == "creating" else f"{pending}: looked up"
        for pending in snapshot.pending
    ]
    engine.settle(stack)
    return tuple(done)


def _adopt(stack: FleetStack, pending: PendingOperation, engine: Engine) -> str:
    what = describe(pending.urn)
    found_by = import_id(pending.type, pending.inputs, pending.account, pending.region)
    if found_by is None:
        return f"{what} forgotten (it cannot be found by name: look for one left over)"
    try:
        engine.adopt(stack, pending, found_by)
    except automation.CommandError as error:
        if "does not exist" in str(error):
            return f"{what} forgotten (there is none: it was never made)"
        raise NotRepaired(
            f"{what} could not be looked up as {found_by}: {told_by(error)}",
            f"import it by hand or clear it: pulumi refresh --clear-pending-creates -s {stack.name}",
        ) from error
    return f"{what} adopted"
