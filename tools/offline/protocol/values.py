"""The form of values between program, engine and provider.

A value is JSON with a few marks: an object with the signature key is a secret, an output, an asset or a reference to a
resource, and certain strings mean "not known during this preview". Source: the Pulumi SDK, `sdk/go/common/resource`
(`properties.go` and `plugin/rpc.go`), read at 3.259. Nothing here imports the SDK, whose import takes 0.2 s.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, cast

from google.protobuf import struct_pb2

Value: TypeAlias = Any  # JSON of any depth; narrowed where it is used
Properties: TypeAlias = dict[str, Value]

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark of the protocol, no secret
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # a string, and what the Python SDK sends for every kind
UNKNOWNS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


def is_unknown(value: Value) -> bool:
    """Whether the value is unknown itself; an object that holds an unknown deeper down is not."""
    return isinstance(value, str) and value in UNKNOWNS


def holds_unknown(value: Value) -> bool:
    """Whether the value is unknown, or holds an unknown at any depth."""
    if isinstance(value, dict):
        return any(holds_unknown(inner) for inner in cast("Properties", value).values())
    if isinstance(value, list):
        return any(holds_unknown(inner) for inner in cast("list[Value]", value))
    return is_unknown(value)


def signature(value: Value) -> str | None:
    """The signature of a marked object, else None."""
    return cast("Properties", value).get(SIGNATURE) if isinstance(value, dict) else None


def unwrap(value: Value) -> Value:
    """The value within a secret, an output or a reference; a plain value is returned as it is. One level only."""
    mark = signature(value)
    if mark == SECRET:
        return unwrap(value.get("value"))
    if mark == OUTPUT:
        return unwrap(value.get("value", UNKNOWN))
    if mark == REFERENCE:
        return value.get("id") or value.get("urn")
    return value


def plain(value: Value) -> Value:
    """The value with every secret, output and reference opened, and without null members. Assets stay marked."""
    value = unwrap(value)
    if isinstance(value, dict):
        members = cast("Properties", value)
        return {key: plain(inner) for key, inner in members.items() if inner is not None}
    if isinstance(value, list):
        return [plain(inner) for inner in cast("list[Value]", value)]
    return value


def secret_paths(value: Value, path: str = "") -> Iterable[str]:
    """The path of every secret in a wire value, in the form `a.b[0]`; `` when the whole is secret."""
    mark = signature(value)
    if mark == SECRET or (mark == OUTPUT and value.get("secret")):
        yield path
    elif isinstance(value, dict):
        for key, inner in cast("Properties", value).items():
            yield from secret_paths(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[Value]", value)):
            yield from secret_paths(inner, f"{path}[{index}]")


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """A protobuf Struct as JSON values; whole numbers come back as int."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return from_struct(value.struct_value)
    if kind == "list_value":
        return [_from_value(inner) for inner in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if math.isfinite(number) and number.is_integer() else number
    return getattr(value, kind) if kind and kind != "null_value" else None


def to_struct(properties: Mapping[str, Value]) -> struct_pb2.Struct:
    """JSON values as a protobuf Struct."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        _into(struct.fields[key], value)
    return struct


def _into(target: struct_pb2.Value, value: Value) -> None:
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        for key, inner in cast("Mapping[str, Value]", value).items():
            _into(target.struct_value.fields[key], inner)
    else:
        target.list_value.SetInParent()
        for inner in cast("Iterable[Value]", value):
            _into(target.list_value.values.add(), inner)
