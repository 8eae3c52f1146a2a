"""Names for things that were given none, as the bridged providers make them: the logical name and a few hex digits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import cast

from tools.offline.cloud.answers import kind_of
from tools.offline.protocol.values import Properties, Value

_DIGITS = {"aws": 7, "kubernetes": 8}  # pulumi-terraform-bridge `AutoName`, pulumi-kubernetes `gen.go`


def name_path(token: str) -> str:
    """The property that is filled when no name is given; empty where the cloud needs none."""
    return kind_of(token).named


def given_name(token: str, inputs: Mapping[str, Value]) -> Value:
    """The name within the inputs, or None."""
    return value_at(inputs, name_path(token)) if name_path(token) else None


def named_inputs(token: str, name: str, inputs: Mapping[str, Value], seed: bytes, old: Value = None) -> Properties:
    """The inputs with a name. `old`: the name that the thing has already; `seed`: the engine's, the same on a retry.

    A `generateName` leaves the name to the cloud, which is asked here too. With a `namePrefix` the bridge fills in no
    name: the two conflict, and the provider makes it up as one of its outputs.
    """
    path, copy = name_path(token), dict(inputs)
    if not path or value_at(inputs, path) is not None:
        return copy
    prefix = value_at(inputs, _prefix_path(path))
    if prefix is not None and token.startswith("aws:"):
        return copy
    if old is None:
        digits = hashlib.sha256(seed + token.encode()).hexdigest()[: _DIGITS.get(token.partition(":")[0], 7)]
        old = f"{prefix}{digits}" if prefix else f"{name}-{digits}"
        if token == "aws:kms/alias:Alias" and not prefix:  # noqa: S105 - a type token
            old = f"alias/{old}"
        old = old.lower() if path == "bucket" else old
    head, _, tail = path.partition(".")
    copy[head] = {**cast("Properties", copy.get(head) or {}), tail: old} if tail else old
    return copy


def value_at(properties: Mapping[str, Value], path: str) -> Value:
    """The value at a dotted path, or None."""
    found: Value = properties
    for step in path.split("."):
        found = cast("Properties", found).get(step) if isinstance(found, dict) else None
    return found


def _prefix_path(path: str) -> str:
    return "metadata.generateName" if path == "metadata.name" else f"{path}Prefix"
