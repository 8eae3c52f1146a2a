"""CSV lines as JSON rows, so that both are checked by the same decoder.

CSV has no types: a number may be written in any way that Python reads, a whole number with a fraction of zero, a bool
as `true`, `True` or `1`. What cannot be read stays text, and the decoder refuses it by row and field.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

import msgspec

from model_images.model_file import Input
from model_images.serve.messages import Refused

BOOLS = {"true": b"true", "1": b"true", "false": b"false", "0": b"false"}


def as_json_rows(body: bytes, inputs: Sequence[Input], label_size: int) -> list[bytes]:
    """A JSON list a line; empty lines are passed over. Raises Refused."""
    shaped = [given.name for given in inputs if given.shape]
    if shaped:
        raise Refused(415, f"CSV cannot hold {shaped[0]}, which is no single value; allowed: application/json")
    rows: list[bytes] = []
    try:
        for line in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True):
            values = line[label_size:]
            if not rows and [value.strip() for value in values] == [given.name for given in inputs]:
                raise Refused(422, "instances[0]: got a header row; allowed: lines of values only")
            if line and len(values) != len(inputs):
                listed = ", ".join(given.name for given in inputs)
                got = f"instances[{len(rows)}]: got {len(values)} values"
                raise Refused(422, f"{got}; allowed: {len(inputs)} ({listed:.300})")
            if line:
                rows.append(_as_json_row(values, inputs))
    except UnicodeDecodeError as error:
        raise Refused(400, f"body: not readable as CSV: it is no UTF-8 at byte {error.start}") from None
    except csv.Error as error:
        raise Refused(400, f"body: not readable as CSV: {error}") from None
    if not rows:
        raise Refused(400, "body: not readable as CSV: it is empty")
    return rows


def _as_json_row(values: Sequence[str], inputs: Sequence[Input]) -> bytes:
    return b"[%b]" % b",".join(_as_json(value, given.type) for value, given in zip(values, inputs, strict=True))


def _as_json(value: str, wanted: str) -> bytes:
    if wanted == "bool":
        return BOOLS.get(value.strip().lower()) or msgspec.json.encode(value)
    if wanted != "string" and "_" not in value:
        try:
            return _number(value, wanted)
        except ValueError:
            pass
    return msgspec.json.encode(value)


def _number(value: str, wanted: str) -> bytes:
    """Raises ValueError for what is no finite number."""
    if wanted == "int64":
        try:
            return str(int(value)).encode()
        except ValueError:
            pass
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    if wanted == "int64" and number.is_integer():
        return str(int(number)).encode()
    return msgspec.json.encode(number)
