"""What a gate says of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Number = bool | int | float | str


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """`passed` is None where the model folder declares nothing for the gate to look at; `note` then says what it could.

    `numbers` is what was measured, by name; `problems` a line for each thing that is wrong.
    """

    passed: bool | None
    numbers: Mapping[str, Number] = field(default_factory=dict[str, Number])
    problems: tuple[str, ...] = ()
    note: str = ""


def judged(problems: tuple[str, ...] | list[str], **numbers: Number) -> GateResult:
    """Passed if nothing is wrong."""
    return GateResult(passed=not problems, numbers=numbers, problems=tuple(problems))


def nothing_declared(note: str) -> GateResult:
    return GateResult(passed=None, note=note)
