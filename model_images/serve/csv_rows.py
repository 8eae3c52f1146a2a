"""CSV lines into columns.

CSV has no types: a number may be written in any way that Python reads, a whole number with a fraction of zero, a bool
as `true`, `True` or `1`. Limits are checked later, as those of arrays are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
import numpy as np

from model_images.model_file import Input
from model_images.serve.arrays import counted, plain_column
from model_images.serve.fields import allowed
from model_images.serve.messages import Refused
from model_images.serve.rows import Array

BOOLS = {"true": True, "1": True, "false": False, "0": False}
# Lines that lie in memory as texts at the same time: many times larger than the body that they are in.
BLOCK_LINES = 1000


def csv_columns(body: bytes, inputs: Sequence[Input], label_size: int) -> list[Array]:
    """An array for each input, a value for each line; empty lines are passed over. Raises Refused."""
    shaped = [given.name for given in inputs if given.shape]
    if shaped:
        raise Refused(415, f"CSV cannot hold {shaped[0]}, which is no single value; allowed: application/json")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(400, f"body: not readable as CSV: it is no UTF-8 at byte {error.start}") from None
    # Python reads these as numbers, nobody else does.
    odd = "_" in text or not text.isascii()
    parts: list[list[Array]] = [[] for _ in inputs]
    lines = _lines(text, inputs, label_size)
    count = 0
    while block := list(islice(lines, BLOCK_LINES)):
        for given, cells, part in zip(inputs, zip(*block, strict=True), parts, strict=True):
            part.append(_column(given, cells, count, odd=odd))
        count = counted(count + len(block))
    if not count:
        raise Refused(400, "body: not readable as CSV: it is empty")
    return [np.concatenate(part) for part in parts]


def _lines(text: str, inputs: Sequence[Input], label_size: int) -> Iterator[list[str]]:
    names = [given.name for given in inputs]
    row = 0
    try:
        for line in csv.reader(io.StringIO(text, newline=""), strict=True):
            if line:
                values = line[label_size:]
                if not row and [value.strip() for value in values] == names:
                    raise Refused(422, "instances[0]: got a header row; allowed: lines of values only")
                if len(values) != len(names):
                    got = f"instances[{row}]: got {len(values)} values"
                    raise Refused(422, f"{got}; allowed: {len(names)} ({', '.join(names):.300})")
                row += 1
                yield values
    except csv.Error as error:
        raise Refused(400, f"body: not readable as CSV: {error}") from None


def _column(given: Input, cells: Sequence[str], begin: int, *, odd: bool) -> Array:
    if given.type == "string":
        return plain_column(given, cells)
    if given.type != "bool" and not (odd and any("_" in cell or not cell.isascii() for cell in cells)):
        try:
            return np.array(list(map(int if given.type == "int64" else float, cells)), given.type.replace("32", "64"))
        except (ValueError, OverflowError):
            pass  # one of them is written in another way, or none: each by itself
    values: list[Any] = []
    for row, cell in enumerate(cells, begin):
        value = _value(given.type, cell)
        if value is None:
            got = f"{msgspec.json.encode(cell).decode():.80}"
            raise Refused(422, f"instances[{row}].{given.name}: got {got}; allowed: {allowed(given)}")
        values.append(value)
    return np.array(values, np.bool_ if given.type == "bool" else given.type.replace("32", "64"))


def _value(kind: str, cell: str) -> bool | float | None:
    """One cell's value, None if it is none."""
    if kind == "bool":
        return BOOLS.get(cell.strip().lower())
    if "_" in cell or not cell.isascii():
        return None
    try:
        return float(cell) if kind != "int64" else _whole(cell)
    except (ValueError, OverflowError):
        return None


def _whole(cell: str) -> int | None:
    """Raises ValueError or OverflowError for what is no finite number."""
    if "." in cell or "e" in cell.lower():
        number = float(cell)
        whole = int(number)
        return whole if whole == number and -(2**63) <= whole < 2**63 else None
    whole = int(cell)
    return whole if -(2**63) <= whole < 2**63 else None
