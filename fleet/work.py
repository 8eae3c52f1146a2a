"""What is done to one stack: look for what is in the way, preview, change, and say how it ended."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace

from pulumi import automation

from fleet.applied import Applied, Program
from fleet.board import Board
from fleet.causes import mend
from fleet.engine import Engine, told_by
from fleet.environment import settings_problems
from fleet.errors import FleetError
from fleet.events import Tally
from fleet.model import Fleet, FleetStack
from fleet.order import Operation, Task, all_below
from fleet.repair import open_ends, repair
from fleet.result import Outcome, Result
from fleet.survey import Survey

HELD_SHOWN = 5
FULL_DISK = "no space left on device"
FREE_THE_DISK = "free the disk or make the folder writable, then run again"
# How clouds say that a thing of that name is there, outside the stack's state: left by a killed run, or another's.
ALREADY_THERE = re.compile(r"already ?exists|\.Duplicate\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Work:
    """Carries out tasks on the stacks of one fleet. `may_repair`: the operator agreed to have open ends repaired."""

    fleet: Fleet
    engine: Engine
    survey: Survey
    board: Board
    applied: Applied
    program: Program
    may_repair: bool

    def __call__(self, task: Task) -> Result:
        """How the task ended. Raises nothing for what concerns this stack alone."""
        started = time.monotonic()
        try:
            result = self._carry_out(task)
        except automation.CommandError as error:
            full = FULL_DISK in str(error)
            step = (
                FREE_THE_DISK if full else f"python -m fleet doctor --env {self.fleet.environment} looks for the cause"
            )
            result = self._failed(task, (told_by(error),), step)
        except FleetError as error:
            result = self._failed(task, (error.what,), error.next_step)
        except OSError as error:
            result = self._failed(
                task,
                (f"{error.filename or self.fleet.folder}: {error.strerror}",),
                FREE_THE_DISK,
            )
        return replace(result, seconds=time.monotonic() - started)

    def _carry_out(self, task: Task) -> Result:
        match task.operation:
            case Operation.PREVIEW:
                return self._preview(task)
            case Operation.UP:
                return self._up(task)
            case Operation.DESTROY:
                return self._destroy(task)

    def _preview(self, task: Task) -> Result:
        waits_for = self.survey.waits_for(task.stack, self.fleet)
        if waits_for is not None:
            return Result(stack=task.stack, operation=task.operation, outcome=Outcome.WAITS, note=f"for {waits_for}")
        problems = settings_problems(self.fleet.root, task.stack.name)
        if problems:
            return self._wrong_settings(task, problems)
        if task.stack.name not in self.survey.snapshots:
            # The engine previews only stacks that exist; an empty one is made and taken away again.
            self.engine.create(task.stack)
            try:
                return self._operate(task, Operation.PREVIEW)
            finally:
                self.engine.remove(task.stack)
        return self._operate(task, Operation.PREVIEW)

    def _up(self, task: Task) -> Result:
        problems = settings_problems(self.fleet.root, task.stack.name)
        if problems:
            return self._wrong_settings(task, problems)
        repaired = self._clear_the_way(task.stack)
        if task.stack.name not in self.survey.snapshots:
            self.engine.create(task.stack)
        # Policies judge a resource just before it is made: only a preview of all of them stops a bad change as a whole.
        seen = replace(self._operate(task, Operation.PREVIEW), operation=task.operation, repaired=repaired)
        if seen.outcome is not Outcome.DONE:
            return replace(seen, counts=None, note="nothing was changed")
        if not repaired and self._would_do_nothing(task.stack, seen):
            return seen
        result = self._operate(task, Operation.UP)
        if result.outcome is Outcome.DONE:
            written = self.engine.snapshot(task.stack).written
            self.applied.record(task.stack.name, self._program(task.stack), written)
        return replace(result, repaired=repaired)

    def _would_do_nothing(self, stack: FleetStack, seen: Result) -> bool:
        before = self.survey.snapshots.get(stack.name)
        if before is None or seen.counts is None or seen.counts.differs or seen.outputs_differ:
            return False
        return self.applied.is_current(stack.name, self._program(stack), before.written)

    def _program(self, stack: FleetStack) -> str:
        return self.program.digest(all_below(stack, self.fleet.stacks))

    def _destroy(self, task: Task) -> Result:
        repaired = self._clear_the_way(task.stack)
        result = replace(self._operate(task, Operation.DESTROY), repaired=repaired)
        if result.outcome is not Outcome.DONE:
            return result
        left = self.engine.snapshot(task.stack)
        if left.held:
            again = self._again(task)
            shown = ", ".join(left.held[:HELD_SHOWN])
            more = f" and {len(left.held) - HELD_SHOWN} more" if len(left.held) > HELD_SHOWN else ""
            return replace(
                result,
                outcome=Outcome.KEPT,
                note=f"protected: {shown}{more}",
                next_step=f"to give up its data: pulumi state unprotect --all -s {task.stack.name}, then {again}",
            )
        self.engine.remove(task.stack)
        return replace(result, outcome=Outcome.GONE)

    def _clear_the_way(self, stack: FleetStack) -> tuple[str, ...]:
        ends = open_ends(stack, self.survey)
        if not ends:
            return ()
        self.board.begin(stack.name, "repair", Tally())
        return repair(stack, self.survey, self.engine, may_repair=self.may_repair)

    def _operate(self, task: Task, operation: Operation) -> Result:
        tally = Tally()
        self.board.begin(task.stack.name, str(operation), tally)
        log = self.fleet.folder / "logs" / f"{task.stack.name}-{operation}.log"
        ended = self.engine.operate(task.stack, operation, log, tally.add)
        result = Result(
            stack=task.stack,
            operation=operation,
            outcome=Outcome.DONE,
            counts=tally.counts,
            outputs_differ=tally.outputs_differ,
            policies=tally.policies if operation is not Operation.DESTROY else None,
            log=log,
        )
        if ended.code == 0:
            return result if tally.complete else _cut_short(result)
        if self.engine.command.stopping.is_set():
            return replace(
                result, outcome=Outcome.INTERRUPTED, next_step=f"{self._again(task)} (it says if --repair is needed)"
            )
        problems = tally.problems or (told_by(automation.CommandError(ended)),)
        left_over = any(ALREADY_THERE.search(problem) for problem in problems)
        step = "import what exists already (pulumi import), or delete it" if left_over else mend(problems)
        return replace(result, outcome=Outcome.FAILED, problems=problems, next_step=f"{step}, then {self._again(task)}")

    def _wrong_settings(self, task: Task, problems: tuple[str, ...]) -> Result:
        return self._failed(task, problems, f"mend the files, then {self._again(task)}")

    def _failed(self, task: Task, problems: tuple[str, ...], next_step: str) -> Result:
        return Result(
            stack=task.stack, operation=task.operation, outcome=Outcome.FAILED, problems=problems, next_step=next_step
        )

    def _again(self, task: Task) -> str:
        verb = "down" if task.operation is Operation.DESTROY else str(task.operation)
        return f"run again: python -m fleet {verb} --env {self.fleet.environment}"


def _cut_short(result: Result) -> Result:
    """An engine that ended well, of whose events the end is missing: the disk was full, or is."""
    if result.operation is not Operation.PREVIEW:
        return replace(result, counts=None, policies=None, note="what changed was not recorded in full: disk full?")
    return replace(
        result,
        outcome=Outcome.FAILED,
        counts=None,
        policies=None,
        problems=("what the engine told was not recorded in full: what would change is not known",),
        next_step=FREE_THE_DISK,
    )
