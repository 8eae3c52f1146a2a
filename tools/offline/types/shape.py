"""What a resource type accepts and returns, in a form that fits into a small JSON file.

A shape is one of: a scalar (`string`, `integer`, `number`, `boolean`), `any`, `asset`, a list or map of a shape, an
object by name, a constant, a closed enum, or a choice between shapes. Objects are named because some hold themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from tools.offline.protocol.values import Value

Kind = Literal["string", "integer", "number", "boolean", "any", "asset", "list", "map", "object", "enum", "either"]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The type of one value. `inner`: of list, map (one) and either (several); `values`: of an enum or a constant."""

    kind: Kind
    inner: tuple[Shape, ...] = ()
    name: str = ""
    values: tuple[Value, ...] = ()

    def words(self) -> str:
        """The shape in an error text: `list of string`, `one of "a", "b"`."""
        if self.kind in ("list", "map"):
            return f"{self.kind} of {self.inner[0].words()}"
        if self.kind == "either":
            return " or ".join(shape.words() for shape in self.inner)
        if self.kind == "enum":
            return "one of " + ", ".join(f'"{value}"' for value in self.values)
        return f"object {self.name.rpartition('.')[2]}" if self.kind == "object" else self.kind


@dataclass(frozen=True, kw_only=True)
class ObjectShape:
    """The properties of an object by wire name, and those that must be given."""

    properties: Mapping[str, Shape]
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ResourceShape:
    """One resource type: inputs, the objects that the inputs name, and the shapes of its outputs (top level only)."""

    inputs: ObjectShape
    objects: Mapping[str, ObjectShape] = field(default_factory=dict[str, ObjectShape])
    outputs: Mapping[str, Shape] = field(default_factory=dict[str, Shape])


def encode(resource: ResourceShape) -> Value:
    """The resource's shape as JSON."""
    return {
        "inputs": _encode_object(resource.inputs),
        "objects": {name: _encode_object(value) for name, value in resource.objects.items()},
        "outputs": {name: _encode_shape(value) for name, value in resource.outputs.items()},
    }


def decode(document: Value) -> ResourceShape:
    """The inverse of `encode`."""
    return ResourceShape(
        inputs=_decode_object(document["inputs"]),
        objects={name: _decode_object(value) for name, value in document["objects"].items()},
        outputs={name: _decode_shape(value) for name, value in document["outputs"].items()},
    )


def _encode_object(value: ObjectShape) -> Value:
    return [{name: _encode_shape(shape) for name, shape in value.properties.items()}, sorted(value.required)]


def _decode_object(document: Value) -> ObjectShape:
    properties, required = document
    return ObjectShape(
        properties={name: _decode_shape(shape) for name, shape in properties.items()}, required=frozenset(required)
    )


def _encode_shape(shape: Shape) -> Value:
    if not (shape.inner or shape.name or shape.values):
        return shape.kind
    return [shape.kind, shape.name, list(shape.values), [_encode_shape(inner) for inner in shape.inner]]


def _decode_shape(document: Value) -> Shape:
    if isinstance(document, str):
        return Shape(kind=cast("Kind", document))
    kind, name, values, inner = document
    return Shape(kind=kind, name=name, values=tuple(values), inner=tuple(_decode_shape(shape) for shape in inner))
