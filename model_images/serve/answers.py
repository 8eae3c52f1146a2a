"""Outputs of a model as bytes: JSON, JSON lines and CSV with the same digits, the fewest that give the number back.

One output is answered as plain values, several as objects by name. What is not finite is null in JSON and empty in CSV.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import orjson

from model_images.serve.rows import Array, Outputs


def as_json(outputs: Outputs) -> bytes:
    """A JSON list, an entry a row: what stands under "predictions"."""
    if len(outputs) == 1:
        return array_as_json(next(iter(outputs.values())))
    return b"[%b]" % b",".join(_rows(outputs))


def as_json_lines(outputs: Outputs) -> bytes:
    """A line a row."""
    return b"".join(b"%b\n" % row for row in _rows(outputs))


def as_csv(outputs: Outputs) -> bytes:
    """A line a row, outputs in their order; of an output with a shape all values, row by row."""
    columns = [column for output in outputs.values() for column in _csv_columns(output)]
    return b"".join(b"%b\n" % b",".join(row) for row in zip(*columns, strict=True))


def as_objects(outputs: Outputs) -> bytes:
    """A JSON list with an object a row, also of a single output."""
    return b"[%b]" % b",".join(_objects(outputs))


def array_as_json(array: Array) -> bytes:
    """An array as nested JSON lists."""
    if array.dtype.kind in "fiub":
        return orjson.dumps(_plain(array), option=orjson.OPT_SERIALIZE_NUMPY)
    return orjson.dumps(array.tolist(), default=_item)


def _rows(outputs: Outputs) -> list[bytes]:
    return _items(next(iter(outputs.values()))) if len(outputs) == 1 else _objects(outputs)


def _objects(outputs: Outputs) -> list[bytes]:
    columns = [_items(output) for output in outputs.values()]
    row = b"{%b}" % b",".join(b"%b:%%b" % orjson.dumps(name).replace(b"%", b"%%") for name in outputs)
    return [row % values for values in zip(*columns, strict=True)]


def _items(array: Array) -> list[bytes]:
    """The JSON of each row of an output."""
    if array.dtype.kind not in "fiub":
        return [orjson.dumps(value, default=_item) for value in array.tolist()]
    if not array.size or array.ndim > 2:
        return [array_as_json(row) for row in array]
    # Numbers hold no commas and no brackets: one call for all rows, then cut.
    if array.ndim == 1:
        return array_as_json(array)[1:-1].split(b",")
    return [b"[%b]" % row for row in array_as_json(array)[2:-2].split(b"],[")]


def _csv_columns(array: Array) -> list[list[bytes]]:
    flat = array.reshape(len(array), math.prod(array.shape[1:]))
    columns: list[Array] = [flat[:, place] for place in range(flat.shape[1])]
    if array.dtype.kind in "fiub":
        return [[b"" if item == b"null" else item for item in _items(column)] for column in columns]
    return [[_csv_item(value) for value in cast("Sequence[Any]", column.tolist())] for column in columns]


def _csv_item(value: Any) -> bytes:
    if not isinstance(value, str):
        item = orjson.dumps(value, default=_item)
        return b"" if item == b"null" else item
    if not value or not any(sign in value for sign in ',"\r\n'):
        return value.encode()
    return b'"%b"' % value.replace('"', '""').encode()


def _plain(array: Array) -> Array:
    """In the layout that orjson reads."""
    if array.flags.c_contiguous and array.dtype.isnative:
        return array
    return np.ascontiguousarray(array, array.dtype.newbyteorder("="))


def _item(value: Any) -> Any:
    """A numpy scalar within an array of objects, as the plain value that it stands for."""
    if isinstance(value, np.generic):
        return cast("Any", value).item()
    raise TypeError(f"the model answered a {type(value).__name__}")
