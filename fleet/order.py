"""Which stack may run when. Pure: a graph of tasks and what is ready in it.

Up goes from the account to the front doors, down goes back. A region that left the environment is taken out of its
front door before anything of it is destroyed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fleet.model import FleetStack
from stacks.settings import StackKind


class Operation(StrEnum):
    UP = "up"
    PREVIEW = "preview"
    DESTROY = "destroy"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One operation on one stack. `after` names the stacks whose tasks must have ended well before this one starts."""

    stack: FleetStack
    operation: Operation
    after: frozenset[str] = frozenset()


def select(stacks: Sequence[FleetStack], only: Collection[str], standing: Collection[str]) -> tuple[FleetStack, ...]:
    """The stacks named in `only` (all if it is empty), with those they need that do not stand yet.

    What stands is left alone: a release of models must not touch the platform below.
    """
    by_name = {stack.name: stack for stack in stacks}
    wanted = list(only) if only else list(by_name)
    chosen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in chosen:
            chosen.add(name)
            wanted.extend(need for need in by_name[name].needs if need not in standing)
    return tuple(stack for stack in stacks if stack.name in chosen)


def all_below(stack: FleetStack, stacks: Sequence[FleetStack]) -> tuple[str, ...]:
    """The stack's own name and those of all that it needs, at any depth."""
    return tuple(found.name for found in select(stacks, [stack.name], standing=()))


def bring_up(stacks: Sequence[FleetStack], operation: Operation = Operation.UP) -> tuple[Task, ...]:
    """Each stack after those of `stacks` that it needs. A preview changes nothing, so nothing waits for another."""
    chosen = {stack.name for stack in stacks}
    return tuple(
        Task(
            stack=stack,
            operation=operation,
            after=frozenset() if operation is Operation.PREVIEW else frozenset(stack.needs) & chosen,
        )
        for stack in stacks
    )


def take_out(removed: Sequence[FleetStack], updated: Iterable[FleetStack]) -> tuple[Task, ...]:
    """Destroys stacks that left the environment, each after what stood on it.

    `updated` are the stacks brought up in the same run: the front door of a removed region's jurisdiction goes first.
    """
    doors = [stack for stack in updated if stack.kind is StackKind.FRONT_DOOR]
    return tuple(
        Task(
            stack=stack,
            operation=Operation.DESTROY,
            after=frozenset(other.name for other in removed if stands_on(other, stack))
            | frozenset(
                door.name for door in doors if stack.kind is not StackKind.ACCOUNT and door.backend == stack.backend
            ),
        )
        for stack in removed
    )


def tear_down(stacks: Sequence[FleetStack]) -> tuple[Task, ...]:
    """Destroys `stacks`, front doors first, each after every other that stands on it."""
    return tuple(
        Task(
            stack=stack,
            operation=Operation.DESTROY,
            after=frozenset(other.name for other in stacks if stands_on(other, stack)),
        )
        for stack in reversed(stacks)
    )


def stands_on(upper: FleetStack, lower: FleetStack) -> bool:
    """True if `upper` needs `lower`, also if either has left the environment and only its name is known."""
    if lower.name in upper.needs:
        return True
    match upper.kind, lower.kind:
        case (StackKind.FRONT_DOOR, StackKind.MODELS):
            return upper.backend == lower.backend
        case (StackKind.MODELS, StackKind.PLATFORM):
            return upper.place == lower.place
        case (StackKind.PLATFORM, StackKind.ACCOUNT):
            return upper.place.split()[0] == lower.place
        case _:
            return False


class Schedule:
    """Tells which tasks may start, given how others ended. A stack has one task; its name is the key."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._waiting = {task.stack.name: task for task in tasks}
        self._ended_well: set[str] = set()
        self._ended_badly: set[str] = set()

    def take_ready(self) -> tuple[Task, ...]:
        """Tasks that may start now, in the order given. Each is handed out once."""
        ready = tuple(task for task in self._waiting.values() if task.after <= self._ended_well)
        for task in ready:
            del self._waiting[task.stack.name]
        return ready

    def take_blocked(self) -> tuple[tuple[Task, str], ...]:
        """Tasks that can never start, each with the stack that it waits for in vain. Each is handed out once."""
        blocked: list[tuple[Task, str]] = []
        for task in list(self._waiting.values()):
            missing = sorted(task.after & self._ended_badly)
            if missing:
                blocked.append((task, missing[0]))
                del self._waiting[task.stack.name]
                self._ended_badly.add(task.stack.name)
        return tuple(blocked)

    def take_rest(self) -> tuple[Task, ...]:
        """Everything that has not been handed out, for a run that stops."""
        rest = tuple(self._waiting.values())
        self._waiting.clear()
        return rest

    def end(self, stack: str, *, well: bool) -> None:
        (self._ended_well if well else self._ended_badly).add(stack)
