"""Why a row was refused, in words: which row, which field, what it got, what is allowed.

msgspec tells the place of the first mistake; here it is looked up in the body, to show the value as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from model_images.model_file import Input
from model_images.serve.fields import allowed
from model_images.serve.messages import Refused

WRAPPINGS = (("features",), ("data", "features", "values"))
PLACE = re.compile(r" - at `\$(?:\.instances)?\[(\d+)\](?:\[(\d+)\]|\.([a-z0-9_-]+))?((?:\[\d+\])*)`\Z")
SHOWN = 80

_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def unwrapped(raw: Sequence[msgspec.Raw], names: Sequence[str]) -> list[msgspec.Raw] | None:
    """The rows without SageMaker's wrapping, None if they are in none: `{"features": [...]}` or the longer one."""
    for wrapping in WRAPPINGS:
        if wrapping[0] not in names:
            rows: list[msgspec.Raw] = []
            try:
                for row in raw:
                    inner = row
                    for key in wrapping:
                        inner = _OBJECT.decode(inner)[key]
                    rows.append(inner)
            except (msgspec.MsgspecError, KeyError):
                continue
            return rows
    return None


def row_refusal(inputs: Sequence[Input], raw: Sequence[bytes | msgspec.Raw], error: msgspec.ValidationError) -> Refused:
    """The refusal of the row that `error` is about; `raw` are the rows as they were sent."""
    place = PLACE.search(str(error))
    if place is None:
        return Refused(422, f"instances: {error!s:.200}")
    row = int(place[1])
    where = f"instances[{row}]"
    names = [given.name for given in inputs]
    if place[2] is None and place[3] is None:
        return Refused(422, f"{where}{_whole_row(names, bytes(raw[row]))}")
    given = inputs[int(place[2]) if place[2] else names.index(place[3])]
    values = _LIST.decode(raw[row]) if place[2] else _OBJECT.decode(raw[row])
    got = values[int(place[2])] if isinstance(values, list) else values[given.name]
    for index in re.findall(r"\d+", place[4]):
        got = _LIST.decode(got)[int(index)]
    shown = bytes(got).decode("utf-8", "replace")
    return Refused(422, f"{where}.{given.name}{place[4]}: got {_cut(shown)}; allowed: {allowed(given, shown)}")


def _whole_row(names: Sequence[str], raw: bytes) -> str:
    row = raw.lstrip()
    listed = f"{', '.join(names):.300}"
    if row.startswith(b"["):
        return f": got {len(_LIST.decode(row))} values; allowed: {len(names)} ({listed})"
    if row.startswith(b"{"):
        read = _OBJECT.decode(row)
        unknown = [name for name in read if name not in names]
        if unknown:
            return f".{_cut(unknown[0])}: not an input; allowed: {listed}"
        return f".{next(name for name in names if name not in read)}: missing; allowed: {listed}, each once"
    return (
        f": got {_cut(row.decode('utf-8', 'replace'))}; allowed: a list of {len(names)} values, or an object ({listed})"
    )


def _cut(shown: str) -> str:
    shown = " ".join(shown[: 2 * SHOWN].split())
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}..."
