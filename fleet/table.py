"""The answer of a run: a table for people, an object for programs. Pure but for printing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fleet.board import COLOURS, summary
from fleet.result import BAD, Outcome, Result


def print_results(results: Sequence[Result], console: Console, seconds: float, *, preview: bool, offline: bool) -> None:
    """The closing table, then what failed and what to do. `seconds` is the whole run's wall-clock time."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("stack", "place", "jurisdiction", "resources", "policies", "seconds"):
        table.add_column(
            heading,
            justify="right" if heading in {"policies", "seconds"} else "left",
            no_wrap=heading != "resources",
            overflow="fold",
            min_width=12 if heading == "resources" else None,
        )
    for result in results:
        table.add_row(*_row(result))
    if results:
        console.print(table)
    for result in results:
        if result.problems or result.next_step or result.repaired:
            _print_trouble(result, console)
    console.print(closing(results, seconds, preview=preview, offline=offline))


def closing(results: Sequence[Result], seconds: float, *, preview: bool, offline: bool) -> str:
    """One sentence about the whole run."""
    bad = [result for result in results if result.outcome in BAD]
    if bad:
        return f"{len(bad)} of {len(results)} stacks did not end well ({seconds:.0f} s)."
    waiting = sum(result.outcome is Outcome.WAITS for result in results)
    differ = sum(1 for result in results if result.counts and result.counts.differs)
    parts = [f"{differ} of {len(results)} stacks {'would change' if preview else 'changed'}"] if differ else []
    if waiting:
        parts.append(f"{waiting} {'waits' if waiting == 1 else 'wait'} for a stack below")
    kept = sum(result.outcome is Outcome.KEPT for result in results)
    if kept:
        parts.append(f"{kept} {'left the environment' if preview else 'kept'}")
    what = ", ".join(parts) or ("Nothing would change" if preview else "Nothing changed")
    limits = (
        " Offline: quota, capacity, permissions and other clouds' refusals are not known."
        if offline and preview
        else ""
    )
    return f"{what} ({seconds:.0f} s).{limits}"


def as_object(results: Sequence[Result], environment: str, seconds: float) -> dict[str, Any]:
    """The same for programs. Counts and policies are null for a stack whose engine did not run."""
    return {
        "environment": environment,
        "ok": not any(result.outcome in BAD for result in results),
        "seconds": round(seconds, 1),
        "stacks": [_as_object(result) for result in results],
    }


def _row(result: Result) -> list[str | Text]:
    stack = result.stack
    policies = result.policies
    judged = f"{policies.passed}/{policies.evaluated}" if policies and policies.evaluated else ""
    return [
        Text(stack.name, style="bold"),
        stack.place or "-",
        stack.jurisdiction,
        Text(summary(result).removeprefix("done: "), style=COLOURS[result.outcome]),
        judged,
        f"{result.seconds:.0f}" if result.seconds >= 0.5 else "",
    ]


def _print_trouble(result: Result, console: Console) -> None:
    console.print(Text(f"{result.stack.name}: {summary(result)}", style=f"bold {COLOURS[result.outcome]}"))
    for line in result.repaired:
        console.print(Text(f"  repaired: {line}"), soft_wrap=True)
    for problem in result.problems:
        console.print(Text("  " + problem.replace("\n", "\n    ")), soft_wrap=True)
    if result.log is not None and result.problems:
        console.print(Text(f"  log: {result.log}"), soft_wrap=True)
    if result.next_step:
        console.print(Text(f"  next: {result.next_step}"), soft_wrap=True)
    console.print()


def _as_object(result: Result) -> Mapping[str, Any]:
    return {
        "stack": result.stack.name,
        "kind": str(result.stack.kind),
        "place": result.stack.place,
        "jurisdiction": result.stack.jurisdiction,
        "operation": str(result.operation),
        "outcome": str(result.outcome),
        "note": result.note,
        "repaired": list(result.repaired),
        "resources": asdict(result.counts) if result.counts else None,
        "policies": asdict(result.policies) if result.policies else None,
        "seconds": round(result.seconds, 1),
        "problems": list(result.problems),
        "next_step": result.next_step,
        "log": str(result.log) if result.log else None,
    }
