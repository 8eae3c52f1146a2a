"""Arrays of one input's values: made of plain values, or checked as they came over the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from model_images.model_file import Input
from model_images.serve.fields import INT64_LIMIT, allowed, needs_set_check
from model_images.serve.messages import Refused
from model_images.serve.rows import Array

ROWS_LIMIT = 100_000
NUMBERS: Mapping[str, np.dtype[Any]] = MappingProxyType(
    {name: np.dtype(name) for name in ("float32", "float64", "int64")}
)
TYPES: Mapping[str, np.dtype[Any]] = MappingProxyType(
    {**NUMBERS, "bool": np.dtype(np.bool_), "string": np.dtype(np.object_)}
)


def counted(count: int) -> int:
    """`count` if a request may have that many rows. Raises Refused."""
    if not 0 < count <= ROWS_LIMIT:
        raise Refused(422, f"instances: got {count} rows; allowed: 1 to {ROWS_LIMIT}")
    return count


def plain_column(given: Input, values: Sequence[Any]) -> Array:
    """Checked values, one a row, as an array of shape (rows, *shape)."""
    if given.type != "string":
        return np.array(values, TYPES[given.type])
    column: Array = np.empty((len(values), *given.shape), np.object_)
    column[:] = values
    return column


def tensor_column(given: Input, array: Array) -> Array:
    """`array` in the shape (rows, *shape). Raises Refused."""
    if not given.shape and array.ndim == 2 and array.shape[1] == 1:
        return array[:, 0]
    if array.ndim == 0 or array.shape[1:] != given.shape:
        wanted = ", ".join(map(str, given.shape or (1,)))
        raise Refused(422, f"{given.name}: got shape {list(array.shape)}; allowed: [rows, {wanted}]")
    return array


def checked_column(given: Input, array: Array) -> Array:
    """`array`, of shape (rows, *shape) and any type, in the input's own type, if all values are allowed.

    Numbers change their type only where the value stays: no fraction is cut off. Raises Refused.
    """
    if given.type == "string":
        column = _texts(given, array)
    elif given.type == "bool":
        if array.dtype.kind != "b":
            raise _wrong_type(given, array)
        column = array
    else:
        column = _numbers(given, array)
    if given.values and not needs_set_check(given):
        # Of text and whole numbers; the others are looked at below.
        _refuse_first(given, array, np.isin(column, np.array(given.values, column.dtype)))
    check_set(given, column)
    return column


def check_set(given: Input, column: Array) -> None:
    """Refuses the first value that is not one of a float's or bool's `values`."""
    if needs_set_check(given):
        _refuse_first(given, column, np.isin(column, np.array(given.values, column.dtype)))


def _numbers(given: Input, array: Array) -> Array:
    kind = array.dtype.kind
    if kind not in "iuf":
        raise _wrong_type(given, array)
    fits = np.ones(array.shape, np.bool_)
    if given.type == "int64" and kind == "f":
        # 2**63 itself is a float, and the first that is too large.
        fits &= (np.trunc(array) == array) & (array >= -(2.0**63)) & (array < 2.0**63)
    elif given.type == "int64" and kind == "u":
        fits &= array <= INT64_LIMIT
    # A limit may lie beyond float32, and a number as well.
    with np.errstate(over="ignore", invalid="ignore"):
        if given.min is not None:
            fits &= array >= given.min
        if given.max is not None:
            fits &= array <= given.max
        column = array.astype(TYPES[given.type], copy=False)
    _refuse_first(given, array, fits & np.isfinite(column))
    return column


def _texts(given: Input, array: Array) -> Array:
    if array.dtype.kind not in "OSU":
        raise _wrong_type(given, array)
    column = np.empty(array.shape, np.object_)
    for place, value in enumerate(array.reshape(-1).tolist()):
        try:
            column.reshape(-1)[place] = value.decode("utf-8") if isinstance(value, bytes) else value
        except UnicodeDecodeError:
            row = place * len(array) // array.size
            raise Refused(422, f"instances[{row}].{given.name}: got bytes that are no UTF-8; allowed: text") from None
        if not isinstance(column.reshape(-1)[place], str):
            raise _wrong_type(given, array)
    return column


def _refuse_first(given: Input, array: Array, fits: Array) -> None:
    if not fits.all():
        place = tuple(int(index) for index in np.argwhere(~fits)[0])
        got = array[place]
        shown = f"{got.item() if isinstance(got, np.generic) else got!r:.80}"
        inside = "".join(f"[{index}]" for index in place[1:])
        raise Refused(422, f"instances[{place[0]}].{given.name}{inside}: got {shown}; allowed: {allowed(given, shown)}")


def _wrong_type(given: Input, array: Array) -> Refused:
    return Refused(422, f"{given.name}: got values of type {array.dtype.name}; allowed: {given.type}")
