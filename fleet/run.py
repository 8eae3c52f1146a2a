"""Runs tasks side by side, in their order, until all have ended or the operator stops the run."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Protocol

from fleet.order import Schedule, Task
from fleet.result import WELL, Outcome, Result

Work = Callable[[Task], Result]


class Stoppable(Protocol):
    """Runs processes that can be asked to end, and killed."""

    def interrupt(self) -> None: ...

    def kill(self) -> None: ...


@dataclass(frozen=True)
class Together:
    """Several, stopped as one."""

    parts: Sequence[Stoppable]

    def interrupt(self) -> None:
        for part in self.parts:
            part.interrupt()

    def kill(self) -> None:
        for part in self.parts:
            part.kill()


def run_tasks(
    tasks: Sequence[Task], work: Work, parallel: int, stopping: threading.Event, ended: Callable[[Result], None]
) -> tuple[Result, ...]:
    """The results, in the order of `tasks`; at most `parallel` run at once.

    A task that fails stops only what needs it. Once `stopping` is set nothing new starts. `ended` is called for every
    result as it comes, from this thread.
    """
    schedule = Schedule(tasks)
    results: dict[str, Result] = {}
    running: dict[Future[Result], Task] = {}

    def take(result: Result) -> None:
        results[result.stack.name] = result
        schedule.end(result.stack.name, well=result.outcome in WELL)
        ended(result)

    with ThreadPoolExecutor(max_workers=parallel) as pool:
        while True:
            if not stopping.is_set():
                running |= {pool.submit(_unless_stopping, work, task, stopping): task for task in schedule.take_ready()}
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                del running[future]
                take(future.result())
            while blocked := schedule.take_blocked():
                for task, missing in blocked:
                    take(_blocked(task, results[missing]))
    for task in schedule.take_rest():
        take(_not_started(task, "the run was stopped"))
    return tuple(results[task.stack.name] for task in tasks)


@contextmanager
def stops_cleanly(command: Stoppable, say: Callable[[str], None]) -> Generator[None]:
    """While the block runs, Ctrl-C (or SIGTERM) asks the engines to end their step; again stops them; a third kills."""
    times = 0

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal times
        times += 1
        match times:
            case 1:
                say("stopping: each engine ends the step it is in. Ctrl-C once more to stop at once")
                command.interrupt()
            case 2:
                say("stopping at once: the steps under way stay pending. Ctrl-C once more to kill the engines")
                command.interrupt()
            case _:
                command.kill()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _unless_stopping(work: Work, task: Task, stopping: threading.Event) -> Result:
    return _not_started(task, "the run was stopped") if stopping.is_set() else work(task)


def _blocked(task: Task, missing: Result) -> Result:
    name = missing.stack.name
    if missing.outcome is Outcome.KEPT:
        return replace(_not_started(task, f"{name} still stands on it"), outcome=Outcome.KEPT)
    return _not_started(task, f"needs {name}")


def _not_started(task: Task, why: str) -> Result:
    return Result(stack=task.stack, operation=task.operation, outcome=Outcome.NOT_STARTED, note=why)
