"""The commands that run the engine: up, preview, down. Each returns how every stack ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console

from fleet.applied import Applied, read_program
from fleet.board import Board
from fleet.busy import alone
from fleet.children import Children
from fleet.consent import Consent
from fleet.engine import Engine
from fleet.errors import BadUsage
from fleet.first_prediction import FirstPrediction, Prediction
from fleet.images import Image, ImageBuilder
from fleet.model import Fleet, FleetStack
from fleet.names import check_names
from fleet.order import Operation, Task, bring_up, select, stands_on, take_out, tear_down
from fleet.repair import open_ends
from fleet.result import Outcome, Result
from fleet.run import Together, run_tasks, stops_cleanly
from fleet.survey import Survey, look
from fleet.work import Work


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the operator asked for. `only` is empty for the whole environment; progress goes to `console`."""

    fleet: Fleet
    only: tuple[str, ...]
    parallel: int
    consent: Consent
    console: Console


@dataclass(frozen=True, kw_only=True)
class Report:
    """`seconds` is the wall-clock time of the whole run, consent not counted.

    `images` and `prediction` are those of an offline environment's `up`.
    """

    results: tuple[Result, ...]
    seconds: float
    interrupted: bool
    images: tuple[Image, ...] = ()
    prediction: Prediction | None = None


def preview(order: Order) -> Report:
    """What `up` would change. A stack whose lower stack does not stand waits; that is no failure."""
    engine, survey = _begin(order)
    chosen = [stack for stack in order.fleet.stacks if not order.only or stack.name in order.only]
    leaving = [] if order.only else [_kept(stack, "until up, which removes it") for stack in survey.removed]
    return _run(order, engine, survey, bring_up(chosen, Operation.PREVIEW), may_repair=False, kept=leaving)


def up(order: Order) -> Report:
    """Brings the environment up, and takes out, with consent, what is no longer in it.

    Offline, the images of the models that the stacks release are built first, and one of them is asked.
    """
    with alone(order.fleet, "up"):
        engine, survey = _begin(order)
        standing = {stack.name for stack in order.fleet.stacks if survey.stands(stack)}
        chosen = select(order.fleet.stacks, order.only, standing)
        if not order.fleet.offline and not order.consent.to(
            f"{order.fleet.environment} is a real environment. Deploying:", [stack.name for stack in chosen], "--yes"
        ):
            return _nothing_done(chosen, Operation.UP)
        leaving = () if order.only else survey.removed
        kept: list[Result] = []
        if leaving and not order.consent.to(
            "These stacks are no longer in the environment and will be destroyed, after their front door is updated:",
            [f"{stack.name} ({survey.snapshots[stack.name].resources} resources)" for stack in leaving],
            "--yes",
        ):
            kept = [_kept(stack, "left the environment, not agreed to remove it") for stack in leaving]
            leaving = ()
        tasks = (*bring_up(chosen), *take_out(leaving, chosen))
        may_repair = _may_repair(order, survey, tasks)
        return _run(order, engine, survey, tasks, may_repair=may_repair, kept=kept, with_images_of=chosen)


def down(order: Order) -> Report:
    """Destroys the environment, or the stacks named, from the front doors down."""
    with alone(order.fleet, "down"):
        engine, survey = _begin(order)
        check_names(order.only, order.fleet, survey.removed)
        known = [*survey.removed, *order.fleet.stacks]
        existing = [stack for stack in known if stack.name in survey.snapshots]
        chosen = [stack for stack in existing if not order.only or stack.name in order.only]
        _refuse_to_pull_away(chosen, existing)
        if chosen and not order.consent.to(
            f"Destroying, for good, in {order.fleet.environment}:",
            [f"{stack.name} ({survey.snapshots[stack.name].resources} resources)" for stack in chosen],
            "--yes",
        ):
            return _nothing_done(chosen, Operation.DESTROY)
        tasks = tear_down(sorted(chosen, key=lambda stack: known.index(stack)))
        return _run(order, engine, survey, tasks, may_repair=_may_repair(order, survey, tasks))


def _begin(order: Order) -> tuple[Engine, Survey]:
    engine = Engine(order.fleet)
    return engine, look(order.fleet, engine, order.parallel)


def _run(
    order: Order,
    engine: Engine,
    survey: Survey,
    tasks: Sequence[Task],
    *,
    may_repair: bool,
    kept: Sequence[Result] = (),
    with_images_of: Sequence[FleetStack] = (),
) -> Report:
    started = time.monotonic()
    board = Board(order.console, tuple(task.stack.name for task in tasks))
    children = Children(order.fleet.root)
    builder = ImageBuilder(fleet=order.fleet, board=board, children=children)
    first = FirstPrediction(fleet=order.fleet, board=board, children=children)
    work = Work(
        fleet=order.fleet,
        engine=engine,
        survey=survey,
        board=board,
        applied=Applied(order.fleet.folder / "applied"),
        program=read_program(order.fleet.root),
        may_repair=may_repair,
    )
    say: Callable[[str], None] = board.say
    with stops_cleanly(Together((engine.command, children)), say), board.shown():
        images = builder.make(with_images_of)
        with first.asked(images):
            results = run_tasks(tasks, work, order.parallel, engine.command.stopping, board.end)
    return Report(
        results=(*results, *kept),
        seconds=time.monotonic() - started,
        interrupted=engine.command.stopping.is_set(),
        images=images,
        prediction=first.answer,
    )


def _may_repair(order: Order, survey: Survey, tasks: Sequence[Task]) -> bool:
    """Asks once for all stacks; a lock that is held cannot be agreed away, so it is not asked about."""
    ends = [end for task in tasks if survey.held(task.stack.name) is None for end in open_ends(task.stack, survey)]
    return bool(ends) and order.consent.to(
        "An earlier run was killed. Repair takes its lock away and adopts by name what it was making, or clears it:",
        ends,
        "--repair",
    )


def _refuse_to_pull_away(chosen: Sequence[FleetStack], existing: Sequence[FleetStack]) -> None:
    names = {stack.name for stack in chosen}
    for upper in existing:
        for lower in chosen:
            if upper.name not in names and stands_on(upper, lower):
                raise BadUsage(
                    f"--only {lower.name}: {upper.name} still stands on it",
                    "name that one too; or, to give up a region, take it out of the environment file and run up",
                )


def _nothing_done(stacks: Sequence[FleetStack], operation: Operation) -> Report:
    results = [
        Result(stack=stack, operation=operation, outcome=Outcome.NOT_STARTED, note="not agreed to") for stack in stacks
    ]
    return Report(results=tuple(results), seconds=0, interrupted=False)


def _kept(stack: FleetStack, why: str) -> Result:
    return Result(stack=stack, operation=Operation.DESTROY, outcome=Outcome.KEPT, note=why)
