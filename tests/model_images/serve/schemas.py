"""Schemas to read with, and what came of it, for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from model_images.serve.messages import Refused
from model_images.serve.rows import Rows
from model_images.serve.schema import Schema
from tests.model_images.serve.small_models import MIXED, schema_of

MIXED_SCHEMA = schema_of(*MIXED)
NUMBERS = schema_of(*({"name": name, "type": "float32"} for name in "abc"))
IMAGE = schema_of(
    {"name": "image", "type": "float32", "shape": [2, 3]}, {"name": "words", "type": "string", "shape": [2]}
)
LEVELS = schema_of({"name": "level", "type": "float64", "values": [0.5, 1]}, {"name": "on", "type": "bool"})


def outcome(read: Callable[[Any], Any], body: Any) -> Rows | Refused:
    try:
        read_ = read(body)
    except Refused as refused:
        return refused
    return read_[0] if isinstance(read_, tuple) else read_


def refusal(read: Callable[[Any], Any], body: Any) -> str:
    with pytest.raises(Refused) as raised:
        read(body)
    return f"{raised.value.status} {raised.value.message}"


def from_instances(schema: Schema, text: str) -> Rows:
    return schema.from_json(b'{"instances": [%b]}' % text.encode("utf-8", "surrogatepass"))[0]


def plain(rows: Rows) -> list[list[Any]]:
    return [list(row.values()) for row in rows.objects()]
