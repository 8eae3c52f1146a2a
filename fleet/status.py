"""What stands, and what each stack publishes. Reads the backends, changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fleet.model import Fleet, FleetStack
from fleet.repair import open_ends
from fleet.survey import Survey


def states(fleet: Fleet, survey: Survey) -> tuple[tuple[FleetStack, str, str], ...]:
    """Each stack, its state in a word or two, and a colour; those that left the environment come last."""
    return tuple((stack, *_state(stack, fleet, survey)) for stack in (*fleet.stacks, *survey.removed))


def print_status(fleet: Fleet, survey: Survey, console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("stack", "place", "jurisdiction", "state", "resources", "last deployed"):
        table.add_column(
            heading,
            justify="right" if heading == "resources" else "left",
            no_wrap=heading != "state",
            overflow="fold",
            min_width=16 if heading == "state" else None,
        )
    for stack, state, colour in states(fleet, survey):
        snapshot = survey.snapshots.get(stack.name)
        updated = survey.updated.get(stack.name)
        table.add_row(
            Text(stack.name, style="bold"),
            stack.place or "-",
            stack.jurisdiction,
            Text(state, style=colour),
            str(snapshot.resources) if snapshot else "",
            updated.strftime("%Y-%m-%d %H:%M UTC") if updated else "",
        )
    console.print(table)


def status_object(fleet: Fleet, survey: Survey) -> Mapping[str, Any]:
    rows: list[Mapping[str, Any]] = []
    for stack, state, _ in states(fleet, survey):
        snapshot = survey.snapshots.get(stack.name)
        updated = survey.updated.get(stack.name)
        rows.append(
            {
                "stack": stack.name,
                "kind": str(stack.kind),
                "place": stack.place,
                "jurisdiction": stack.jurisdiction,
                "state": state,
                "stands": survey.stands(stack),
                "resources": snapshot.resources if snapshot else 0,
                "updated": updated.isoformat() if updated else None,
                "open_ends": list(open_ends(stack, survey)),
            }
        )
    return {"environment": fleet.environment, "stacks": rows}


def outputs_object(fleet: Fleet, survey: Survey, only: tuple[str, ...]) -> Mapping[str, Any]:
    """Outputs by stack, secrets left encrypted as the state holds them; a stack that does not exist is left out."""
    return {
        stack.name: dict(survey.snapshots[stack.name].outputs)
        for stack in fleet.stacks
        if stack.name in survey.snapshots and (not only or stack.name in only)
    }


def _state(stack: FleetStack, fleet: Fleet, survey: Survey) -> tuple[str, str]:
    snapshot = survey.snapshots.get(stack.name)
    if survey.half_written.get(stack.name):
        return "interrupted: up --repair", "red"
    if snapshot is None:
        waits_for = survey.waits_for(stack, fleet)
        return ("not deployed" if waits_for is None else f"not deployed, waits for {waits_for}"), "dim"
    held = survey.held(stack.name)
    if held is not None:
        return f"in work: {held}", "cyan"
    if survey.stale(stack.name) or snapshot.pending:
        return "interrupted: up --repair", "red"
    if fleet.stack(stack.name) is None:
        return "left the environment: up removes it", "yellow"
    return ("stands", "green") if survey.stands(stack) else ("incomplete: run up", "yellow")
