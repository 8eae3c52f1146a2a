"""Reads a resource as the engine hands it to a policy, so that no field can surprise a rule.

The engine's mappings and lists are proxies (neither `dict` nor `list`) that raise at the first unknown value, and an
exception that leaves a policy turns into an advisory note: the preview would be green. Here everything is copied once
into plain dictionaries and lists, with `UNKNOWN` where a value is not known yet. Rules read the copy only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, TypeGuard

from pulumi_policy import ResourceValidationArgs
from pulumi_policy import proxy as engine_proxy
from pulumi_policy.proxy import UnknownValueError


class Unknown(Enum):
    """A value that only `up` will know."""

    UNKNOWN = "not known yet"


@dataclass(frozen=True)
class Opaque:
    """A file or archive: nothing that a rule reads."""


UNKNOWN = Unknown.UNKNOWN
OPAQUE = Opaque()
Value: TypeAlias = "bool | int | float | str | Unknown | Opaque | list[Value] | dict[str, Value] | None"

# A plain mapping (a recorded graph, a test) has no proxy to raise: the engine's own signs are recognised too.
_SIGNS = frozenset(
    {
        engine_proxy.UNKNOWN_BOOLEAN_VALUE,
        engine_proxy.UNKNOWN_NUMBER_VALUE,
        engine_proxy.UNKNOWN_STRING_VALUE,
        engine_proxy.UNKNOWN_ARRAY_VALUE,
        engine_proxy.UNKNOWN_ASSET_VALUE,
        engine_proxy.UNKNOWN_ARCHIVE_VALUE,
        engine_proxy.UNKNOWN_OBJECT_VALUE,
    }
)


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The provider that a resource belongs to: type token, name, and its inputs (nested ones are JSON text)."""

    type: str
    name: str
    inputs: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource in wire names (camelCase), as plain data; `provider` is None for a component."""

    type: str
    name: str
    inputs: Mapping[str, Value]
    provider: Provider | None = None


class _Inputs(Mapping[str, Value]):
    """A resource's fields, each copied when a rule first asks: most rules read one or two."""

    def __init__(self, source: Mapping[str, object]) -> None:
        self._source = source
        self._keys = frozenset(source)  # `in` on the engine's own mapping raises at an unknown value
        self._read: dict[str, Value] = {}

    def __getitem__(self, key: str) -> Value:
        if key not in self._keys:
            raise KeyError(key)
        if key not in self._read:
            self._read[key] = _read(lambda: self._source[key])
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._source)

    def __len__(self) -> int:
        return len(self._keys)


def read_resource(args: ResourceValidationArgs) -> Resource:
    """The resource and its provider; each field is copied when it is first read. Never raises on unknown values."""
    provider = args.provider
    return Resource(
        type=args.resource_type,
        name=args.name,
        inputs=_Inputs(args.props),
        provider=provider and Provider(type=provider.resource_type, name=provider.name, inputs=_Inputs(provider.props)),
    )


def read_mapping(source: Mapping[str, object]) -> dict[str, Value]:
    """A deep copy of a mapping; each unknown value inside becomes UNKNOWN in its place."""
    return {str(key): _read(lambda key=key: source[key]) for key in source}


def mapping_at(value: Value, *keys: str) -> dict[str, Value]:
    """The mapping under these keys; empty when it is absent, unknown or something else."""
    found = value_at(value, *keys)
    return found if isinstance(found, dict) else {}


def value_at(value: Value, *keys: str) -> Value:
    """What stands under these keys: None when absent, UNKNOWN when it or anything above it is unknown."""
    for key in keys:
        if isinstance(value, Unknown):
            return UNKNOWN
        value = value.get(key) if isinstance(value, dict) else None
    return value


def items(value: Value, path: str) -> Iterator[tuple[str, Value]]:
    """Each element of a list with its path; an unknown list is one unknown element, anything else is none."""
    if isinstance(value, list):
        yield from ((f"{path}[{index}]", element) for index, element in enumerate(value))
    elif isinstance(value, Unknown):
        yield f"{path}[*]", UNKNOWN


def walk(
    source: Mapping[str, Value], skip: Callable[[str], object] = frozenset[str]().__contains__
) -> Iterator[tuple[str, str, Value]]:
    """Every leaf at any depth as (path, nearest key, leaf); what stands under a key that `skip` takes is left out."""
    yield from _leaves(dict(source), "", "", skip)


def _leaves(value: Value, path: str, key: str, skip: Callable[[str], object]) -> Iterator[tuple[str, str, Value]]:
    if isinstance(value, dict):
        for name, child in value.items():
            if not skip(name):
                yield from _leaves(child, f"{path}.{name}" if path else name, name, skip)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _leaves(child, f"{path}[{index}]", key, skip)
    else:
        yield path, key, value


def _read(get: Callable[[], object]) -> Value:
    try:
        value = get()
    except UnknownValueError:
        return UNKNOWN
    if isinstance(value, str):
        return UNKNOWN if value in _SIGNS else value
    if value is None or isinstance(value, bool | int | float):
        return value
    if _is_mapping(value):
        return read_mapping(value)
    if _is_sequence(value):
        return _read_sequence(value)
    return OPAQUE


def _read_sequence(source: Sequence[object]) -> list[Value]:
    return [_read(lambda index=index: source[index]) for index in range(len(source))]


def _is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, bytes | bytearray)
