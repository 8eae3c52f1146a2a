"""The gates' results for people: a table, then every problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

COLOURS = {"passed": "green", "failed": "red", "not declared": "yellow"}
PIPE_WIDTH = 120


def print_gates(found: Mapping[str, Any], console: Console | None = None) -> None:
    """`found` is what `as_object` makes; it goes to standard output."""
    console = console or Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPE_WIDTH, file=console.file)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("gate", "result", "measured"):
        table.add_column(heading, overflow="fold")
    for name, gate in found["gates"].items():
        measured = ", ".join(f"{key} {value:g}" for key, value in gate["numbers"].items())
        table.add_row(
            Text(name, style="bold"), Text(gate["result"], style=COLOURS[gate["result"]]), gate["note"] or measured
        )
    console.print(table)
    for name, gate in found["gates"].items():
        for problem in gate["problems"]:
            console.print(Text(f"{name}: {problem}", style="red"), soft_wrap=True)
    model, failed = found["model"], [name for name, gate in found["gates"].items() if gate["result"] == "failed"]
    verdict = f"may not be promoted: {', '.join(failed)} failed" if failed else "may be promoted"
    console.print(Text(f"{model['name']} {model['version']} ({found['model_digest'][:19]}) {verdict}"), soft_wrap=True)
