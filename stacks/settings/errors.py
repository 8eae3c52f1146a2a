"""What can go wrong while settings are read, all of it at once.

SettingsError
    one or more Problems, each with its file, the path of the field, the value, what is allowed, the next step
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

LONGEST_VALUE = 60
"""A longer value is cut in a message: who wrote it knows it by its beginning."""


class Missing:
    """Stands for a value that is not there; printed as `nothing`."""


MISSING = Missing()


class Said(str):
    """Words of our own in the place of a value: printed without quotes."""

    __slots__ = ()


@dataclass(frozen=True)
class Problem:
    """One thing that a person has to change. `path` is empty when the file as a whole is at fault."""

    file: str
    path: str
    got: object
    allowed: str
    next_step: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.path}" if self.path else self.file
        return f"{place}: got {show(self.got)}; allowed: {self.allowed}; {self.next_step}"


class SettingsError(Exception):
    """The settings cannot be used; the message lists every problem, one a line, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems]
        head = f"{len(lines)} problems in the settings:"
        super().__init__(lines[0] if len(lines) == 1 else "\n  ".join([head, *lines]))


class Complaint(NamedTuple):
    """A broken rule between fields of one section: the field's path inside it, and what a Problem needs."""

    field: str
    got: object
    allowed: str
    next_step: str


def show(value: object) -> str:
    """The value as a person wrote it; what may hold a secret or is long is named by its kind only."""
    if isinstance(value, Missing):
        return "nothing"
    if isinstance(value, Said):
        return value
    if isinstance(value, Mapping):
        return "a secret" if "secure" in value else "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 4]}..."


def near(value: object, names: Iterable[str], *, prefix: str = "") -> str:
    """`did you mean "l4"?` for a value close to one of the names, else an empty text; `prefix` is put before a name."""
    known = {name.lower(): prefix + name for name in names}
    found = difflib.get_close_matches(str(value).lower(), known, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(json.dumps(known[name]) for name in found)}?" if found else ""
