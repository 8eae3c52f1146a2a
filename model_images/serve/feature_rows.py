"""Rows of JSON that may leave out inputs: completed from the table of features, then checked as any other row.

What the caller sends counts before what the table holds. Only objects by name can leave something out; a row that holds
all inputs is looked up nowhere.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from model_images.serve.aws.dynamodb import Attribute, Key
from model_images.serve.features import Features, Item
from model_images.serve.fields import INT64_LIMIT
from model_images.serve.messages import Refused
from model_images.serve.row_refusals import unwrapped
from model_images.serve.rows import Rows
from model_images.serve.schema import Schema, raw_json, raw_json_lines

# docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html: of a partition key.
KEY_BYTES = 2048
# That many rows are taken apart in one turn of the event loop.
TURN_ROWS = 1024
_PLACE = re.compile(r"instances\[(\d+)\]\.([a-z][a-z0-9_-]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY = msgspec.json.Decoder()

Fields = dict[str, bytes | msgspec.Raw]


class _Left(NamedTuple):
    """A row that leaves out inputs: where it is, what it has, what is missing, by which key that is found."""

    place: int
    fields: Fields
    missing: list[str]
    key: Key


class FeatureRows:
    """The readers of one model's rows, in front of its schema."""

    def __init__(self, schema: Schema, features: Features) -> None:
        self._schema = schema
        self._features = features
        self._is_input = features.key in schema.names

    async def from_json(self, body: bytes, deadline: float) -> tuple[Rows, dict[str, Any]]:
        """As Schema.from_json. Raises Refused also for a row whose key has no item, and 503 without the table."""
        try:
            return self._schema.from_json(body)
        except Refused as refused:
            if refused.status != 422:
                raise
        instances, parameters = raw_json(body)
        return await self._completed(instances, deadline), parameters

    async def from_json_lines(self, body: bytes, deadline: float) -> Rows:
        """As Schema.from_json_lines, and as above."""
        try:
            return self._schema.from_json_lines(body)
        except Refused as refused:
            if refused.status != 422:
                raise
        return await self._completed(raw_json_lines(body), deadline)

    async def _completed(self, instances: Sequence[msgspec.Raw], deadline: float) -> Rows:
        rows: list[bytes | msgspec.Raw] = list(unwrapped(instances, self._schema.names) or instances)
        left: list[_Left] = []
        for place, row in enumerate(rows):
            await _turn(place)
            if not bytes(row).lstrip().startswith(b"{"):
                continue
            fields: Fields = dict(_OBJECT.decode(row))
            key = fields.get(self._features.key) if self._is_input else fields.pop(self._features.key, None)
            missing = [name for name in self._schema.names if name not in fields]
            if missing and not (self._is_input and missing == [self._features.key]):
                left.append(_Left(place, fields, missing, self._key(key, place, missing)))
            else:
                rows[place] = _object(fields)
        if left:
            items = await self._features.of([one.key for one in left], deadline)
            for place, (one, item) in enumerate(zip(left, items, strict=True)):
                await _turn(place)
                rows[one.place] = self._filled(one, item)
        return self._checked(rows, left)

    def _checked(self, rows: Sequence[bytes | msgspec.Raw], left: Sequence[_Left]) -> Rows:
        try:
            return self._schema.from_raw(rows)
        except Refused as refused:
            found = _PLACE.match(refused.message)
            read = found is not None and any(one.place == int(found[1]) and found[2] in one.missing for one in left)
            if not read:
                raise
            raise Refused(refused.status, f"{refused.message} (read from {self._features.table})") from None

    def _key(self, raw: bytes | msgspec.Raw | None, place: int, missing: Sequence[str]) -> Key:
        name, table = self._features.key, self._features.table
        where = f"instances[{place}].{name}"
        if raw is None:
            raise Refused(422, f"{where}: missing; {', '.join(missing):.300} would be looked up by it in {table}")
        value = None
        with suppress(msgspec.MsgspecError):  # a number that is out of any range
            value = _ANY.decode(raw)
        if isinstance(value, str) and 0 < len(value.encode()) <= KEY_BYTES:
            return "S", value
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= INT64_LIMIT:
            return "N", str(value)
        shown = bytes(raw).decode("utf-8", "replace")
        raise Refused(422, f"{where}: got {shown:.80}; allowed: text of 1 to {KEY_BYTES} bytes, or a whole number")

    def _filled(self, one: _Left, item: Item | None) -> bytes:
        got = f"instances[{one.place}].{self._features.key}: got {one.key[1]!r:.80}"
        if item is None:
            raise Refused(422, f"{got}; allowed: a key of {self._features.table}, or a row with all inputs")
        for name in one.missing:
            value = as_json(item[name]) if name in item else None
            if value is None:
                raise Refused(422, f"{got}; its item in {self._features.table} has no {name} that a row may hold")
            one.fields[name] = value
        return _object(one.fields)


def as_json(attribute: Attribute) -> bytes | None:
    """An attribute as the JSON that a row would hold; None for what no row holds (null, bytes, sets, maps).

    A number keeps the digits that the table has.
    """
    [(kind, value)] = attribute.items()
    match kind:
        case "N":
            return value.encode() if _NUMBER.fullmatch(value) else None
        case "S" | "BOOL":
            return msgspec.json.encode(value)
        case "L":
            parts = [as_json(one) for one in value]
            return b"[%b]" % b",".join(part for part in parts if part is not None) if None not in parts else None
        case _:
            return None


async def _turn(place: int) -> None:
    """Lets others be answered now and then."""
    if place % TURN_ROWS == TURN_ROWS - 1:
        await asyncio.sleep(0)


def _object(fields: Fields) -> bytes:
    return b"{%b}" % b",".join(b"%b:%b" % (msgspec.json.encode(name), bytes(raw)) for name, raw in fields.items())
