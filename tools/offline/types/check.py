"""Checks a resource's inputs, as they go over the wire, against the installed SDK's types at every depth.

Found: unknown keys (with a near match), missing required properties, wrong types, values outside a closed enum. The
check is stricter than the AWS provider, which reads "5" as 5 and true as "true": here a number in quotes is refused,
because the author's types said a number. Lists of values in docstrings are not closed, so they are not checked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from tools.offline.protocol.values import (
    ARCHIVE,
    ASSET,
    Properties,
    Value,
    is_unknown,
    signature,
    unwrap,
)
from tools.offline.types.content import content_problems
from tools.offline.types.library import resource_shape, tokens
from tools.offline.types.shape import ObjectShape, Shape

# The engine and the SDK put these beside a provider's own settings.
_ENGINE_KEYS = frozenset({"__internal", "__defaults", "version", "pluginDownloadURL"})


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One mistake. `path`: wire path such as `ingress[0].protocol`, empty for the resource itself."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def check_inputs(token: str, inputs: Mapping[str, object]) -> list[Problem]:
    """Every mistake in the inputs of a resource of type `token`, in wire form; an empty list means none.

    Secrets are opened, unknowns pass. A type that the SDK does not have is a problem with an empty path. The inputs of
    a provider (`pulumi:providers:aws`) arrive with everything but strings as JSON text, and are read so.
    """
    shape = resource_shape(token)
    if shape is None:
        return [Problem(path="", message=f"the installed SDK has no resource type {token}{_near_type(token)}")]
    values = {key: value for key, value in inputs.items() if key not in _ENGINE_KEYS}
    if token.startswith("pulumi:providers:"):
        values = _read_json(shape.inputs, values)
    found = list(_Walk(shape.objects).members(shape.inputs, values, ""))
    if not found:
        found += [Problem(path=path, message=message) for path, message in content_problems(token, values)]
    return found


class _Walk:
    def __init__(self, objects: Mapping[str, ObjectShape]) -> None:
        self._objects = objects

    def members(self, shape: ObjectShape, values: Mapping[str, Value], path: str) -> Iterator[Problem]:
        for key, value in values.items():
            where = f"{path}.{key}" if path else key
            known = shape.properties.get(key) or shape.properties.get("*")
            if known is None:
                if value is not None and key not in _ENGINE_KEYS:
                    yield Problem(path=where, message="unknown key" + _near_key(key, shape.properties))
            elif value is not None:
                yield from self.value(known, value, where)
        for key in sorted(shape.required):
            if values.get(key) is None:
                yield Problem(path=f"{path}.{key}" if path else key, message="required, but not given")

    def value(self, shape: Shape, given: Value, path: str) -> Iterator[Problem]:
        value = unwrap(given)
        if value is None or is_unknown(value) or shape.kind == "any":
            return
        if shape.kind == "either":
            yield from self._either(shape, value, path)
        elif shape.kind == "object" and isinstance(value, dict):
            yield from self.members(self._objects[shape.name], cast("Properties", value), path)
        elif shape.kind == "map" and isinstance(value, dict):
            for key, inner in cast("Properties", value).items():
                yield from self.value(shape.inner[0], inner, f"{path}.{key}")
        elif shape.kind == "list" and isinstance(value, list):
            for index, inner in enumerate(cast("list[Value]", value)):
                yield from self.value(shape.inner[0], inner, f"{path}[{index}]")
        elif not _fits(shape, value):
            # A value may be a password: only what a closed list refuses is shown.
            shown = f"got {json.dumps(value)}" if shape.kind == "enum" else f"got {_kind(value)}"
            yield Problem(path=path, message=f"{shown}, want {shape.words()}")

    def _either(self, shape: Shape, value: Value, path: str) -> Iterator[Problem]:
        """Nothing if one member fits; else the problems of the member whose kind the value has, if there is one."""
        attempts = [list(self.value(member, value, path)) for member in shape.inner]
        if all(attempts):
            deeper = [found for found in attempts if all(problem.path != path for problem in found)]
            yield from (
                min(deeper, key=len)
                if deeper
                else [Problem(path=path, message=f"got {_kind(value)}, want {shape.words()}")]
            )


def _fits(shape: Shape, value: Value) -> bool:
    match shape.kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "enum":
            return value in shape.values
        case "asset":
            return signature(value) in (ASSET, ARCHIVE)
        case _:
            return False


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    kinds = {str: "string", dict: "object", list: "list"}
    return next((word for kind, word in kinds.items() if isinstance(value, kind)), "null")


def _read_json(shape: ObjectShape, values: Mapping[str, Value]) -> Properties:
    """A provider's settings with their JSON texts read; what is no JSON stays text and is refused by the check."""
    read: Properties = {}
    for key, value in values.items():
        known, text = shape.properties.get(key), unwrap(value)
        read[key] = text
        if known is not None and known.kind != "string" and isinstance(text, str) and not is_unknown(text):
            try:
                read[key] = json.loads(text)
            except ValueError:
                continue
    return read


def _near_key(key: str, known: Mapping[str, Shape]) -> str:
    import difflib  # 10 ms, and only a mistake needs it

    head, *rest = key.split("_")
    camel = head + "".join(part.capitalize() for part in rest)
    near = [camel] if camel in known else difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else "; allowed: " + ", ".join(sorted(known))


def _near_type(token: str) -> str:
    import difflib  # as above

    package = token.removeprefix("pulumi:providers:").partition(":")[0]
    near = difflib.get_close_matches(token, tokens(package), n=1, cutoff=0.7)
    return f"; did you mean {near[0]}?" if near else ""
