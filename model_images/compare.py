"""Would a candidate refuse what the stable model accepts, or answer in another form? Two `model.yaml` compared. Pure.

Callers send rows in the inputs' order or by name, as JSON, CSV, arrays or Open Inference tensors, and read answers by
name, by place or by type: whatever any of them would notice breaks. What a model predicts is not compared here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model_images.model_file import ElementType, Input, ModelFile, Scalar, Tensor

# Every value of the first is a value of the second; what is told says what may still change.
WIDER: dict[tuple[ElementType, ElementType], str] = {
    ("float32", "float64"): "every number is accepted as before, with more digits",
    ("int64", "float64"): "whole numbers are accepted as before; those over 2^53 lose digits",
    ("int64", "float32"): "whole numbers are accepted as before; those over 2^24 lose digits",
}
NUMBERS = ("float32", "float64", "int64")
SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """One difference. `breaks`: a caller of the stable model would be refused or misread; otherwise a note."""

    field: str
    told: str
    breaks: bool

    def __str__(self) -> str:
        return f"{'breaks' if self.breaks else 'note':<6} {self.field}: {self.told}"


def compare(old: ModelFile, new: ModelFile) -> tuple[Finding, ...]:
    """All differences that a caller may notice: inputs in the stable one's order, then outputs, then the rest."""
    return (*_inputs(old.inputs, new.inputs), *_outputs(old.outputs, new.outputs), *_whole(old, new))


def _inputs(old: Sequence[Input], new: Sequence[Input]) -> Iterator[Finding]:
    known = {given.name: given for given in new}
    names, wanted = [given.name for given in old], [given.name for given in new]
    renamed = _renamed(old, new)
    for given in old:
        field = f"inputs.{given.name}"
        if given.name in known:
            yield from _input(given, known[given.name], field)
        elif given.name in renamed:
            yield _broken(field, f"renamed to {renamed[given.name]}; rows by name are refused")
        else:
            yield _broken(field, "removed; rows that hold it are refused")
    for name in wanted:
        if name not in names and name not in renamed.values():
            yield _broken(f"inputs.{name}", "added, and every input is required; rows without it are refused")
    both, now = [name for name in names if name in known], [name for name in wanted if name in names]
    if both != now:
        yield _broken("inputs", f"order {', '.join(both)} -> {', '.join(now)}; values of rows in order are misread")
    if _stacked(old) and not _stacked(new) and not set(names) ^ set(wanted):
        yield _broken("inputs", "no longer scalars of one type; one stacked Open Inference tensor is refused")


def _input(old: Input, new: Input, field: str) -> Iterator[Finding]:
    if old.shape != new.shape:
        yield _broken(field, f"shape {_shape(old)} -> {_shape(new)}; rows of the old shape are refused")
    if old.type != new.type:
        wider = WIDER.get((old.type, new.type))
        if wider is None:
            yield _broken(field, f"type {old.type} -> {new.type}; not every {old.type} is accepted")
            return
        yield Finding(field, f"type {old.type} -> {new.type}; {wider}", breaks=False)
    yield from _values(old, new, field)
    yield from _limit(old, new, field, "min")
    yield from _limit(old, new, field, "max")


def _values(old: Input, new: Input, field: str) -> Iterator[Finding]:
    if new.values and not old.values:
        yield _broken(field, f"values any -> {_shown(new.values)}; all others are refused")
        return
    if old.values and not new.values:
        yield Finding(field, f"values {_shown(old.values)} -> any", breaks=False)
        return
    removed = [value for value in old.values if value not in new.values]
    added = [value for value in new.values if value not in old.values]
    if removed:
        yield _broken(field, f"values without {_shown(removed)}; rows that hold {_them(removed)} are refused")
    if added:
        yield Finding(field, f"values also {_shown(added)}", breaks=False)


def _limit(old: Input, new: Input, field: str, end: str) -> Iterator[Finding]:
    """`min` or `max`. Where the stable model names values, these alone were accepted, whatever its range says."""
    was, now = _bound(old, end), _bound(new, end)
    if was == now or new.values:
        return
    narrower = now > was if end == "min" else now < was
    told = f"{end} {_number(was)} -> {_number(now)}"
    if not narrower:
        if not old.values:
            yield Finding(field, told, breaks=False)
        return
    refused = f"rows {'under' if end == 'min' else 'over'} {_number(now)} are refused"
    yield _broken(field, f"{told}; {refused}")


def _bound(given: Input, end: str) -> float:
    """The least or greatest number that is accepted; an infinity where any is."""
    if given.type not in NUMBERS:
        return 0.0
    sign = -1 if end == "min" else 1
    if given.values:
        numbers = [float(value) for value in given.values if not isinstance(value, str)]
        return min(numbers, default=0.0) if end == "min" else max(numbers, default=0.0)
    limit = given.min if end == "min" else given.max
    if limit is None:
        return sign * math.inf
    if given.type == "int64" and math.isfinite(limit):
        return float(math.ceil(limit) if end == "min" else math.floor(limit))
    return float(limit)


def _outputs(old: Sequence[Tensor], new: Sequence[Tensor]) -> Iterator[Finding]:
    known = {given.name: given for given in new}
    names, wanted = [given.name for given in old], [given.name for given in new]
    renamed = _renamed(old, new)
    for given in old:
        field = f"outputs.{given.name}"
        if given.name in known:
            yield from _output(given, known[given.name], field)
        elif given.name in renamed:
            yield _broken(field, f"renamed to {renamed[given.name]}; whoever reads answers by name misses it")
        else:
            yield _broken(field, "removed; whoever reads it misses it")
    for name in wanted:
        if name not in names and name not in renamed.values():
            yield _broken(f"outputs.{name}", "added; answers as CSV have another column")
    if (len(old) == 1) != (len(new) == 1):
        forms = [f"{'plain values' if len(outputs) == 1 else 'objects by name'}" for outputs in (old, new)]
        yield _broken("outputs", f"predictions are {forms[0]} -> {forms[1]}")
    both, now = [name for name in names if name in known], [name for name in wanted if name in names]
    if both != now:
        yield _broken("outputs", f"order {', '.join(both)} -> {', '.join(now)}; columns of CSV answers change places")


def _output(old: Tensor, new: Tensor, field: str) -> Iterator[Finding]:
    if old.type != new.type:
        yield _broken(field, f"type {old.type} -> {new.type}; answers are of another type")
    if old.shape != new.shape:
        yield _broken(field, f"shape {_shape(old)} -> {_shape(new)}; answers have another form")


def _whole(old: ModelFile, new: ModelFile) -> Iterator[Finding]:
    if old.name != new.name:
        yield _broken(
            "name", f"{old.name} -> {new.name}; Open Inference asks /v2/models/{old.name}, which is not there"
        )
    if old.version == new.version:
        yield Finding(
            "version", f"both {old.version}; a release is easier to tell apart by a version of its own", False
        )
    else:
        yield Finding("version", f"{old.version} -> {new.version}", breaks=False)


def _renamed(old: Sequence[Tensor], new: Sequence[Tensor]) -> dict[str, str]:
    """Old name to new where, at one place, a name is gone, another has come, and the rest is the same."""
    if len(old) != len(new):
        return {}
    before, after = {given.name for given in old}, {given.name for given in new}
    return {
        was.name: now.name
        for was, now in zip(old, new, strict=True)
        if was.name not in after and now.name not in before and (was.type, was.shape) == (now.type, now.shape)
    }


def _stacked(inputs: Sequence[Input]) -> bool:
    return len({given.type for given in inputs}) == 1 and not any(given.shape for given in inputs)


def _broken(field: str, told: str) -> Finding:
    return Finding(field, told, breaks=True)


def _shape(given: Tensor) -> str:
    return f"[{', '.join(map(str, given.shape))}]" if given.shape else "scalar"


def _number(limit: float) -> str:
    if math.isinf(limit):
        return "none"
    return str(int(limit)) if limit.is_integer() and abs(limit) < 1e15 else str(limit)


def _shown(values: Sequence[Scalar]) -> str:
    more = len(values) - SHOWN
    return ", ".join(map(str, values[:SHOWN])) + (f" and {more} more" if more > 0 else "")


def _them(values: Sequence[Scalar]) -> str:
    return "it" if len(values) == 1 else "them"
