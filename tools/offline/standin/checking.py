"""The provider's Check: inputs against the SDK's types, and a name for what was given none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tools.offline.cloud.autoname import given_name, name_path, named_inputs
from tools.offline.protocol.values import Properties, Value
from tools.offline.standin.difference import AUTONAMED, DEFAULTS, is_autonamed
from tools.offline.types.check import Problem, check_inputs


def checked(
    token: str,
    name: str,
    *,
    old: Mapping[str, Value],
    new: Mapping[str, Value],
    seed: bytes,
    proposed: str | None = None,
) -> tuple[Properties, list[Problem]]:
    """The inputs to go on with, and every mistake in them.

    `old`: the inputs of the existing thing, empty for a new one or a replacement, which gets a new name. `seed`: the
    engine's, the same for every Check of one resource in one run. `proposed`: the name by the engine's autonaming
    configuration; empty means that names must be given.
    """
    if token.startswith("pulumi:providers:"):
        return dict(new), check_inputs(token, new)
    inputs = {key: value for key, value in new.items() if key != DEFAULTS and value is not None}
    filled = _named(token, name, inputs, old, seed, proposed)
    problems = check_inputs(token, filled)
    if proposed == "" and name_path(token) and given_name(token, filled) is None:
        problems.append(Problem(path=name_path(token), message="required, since automatic names are switched off"))
    return filled, problems


def _named(
    token: str, name: str, inputs: Properties, old: Mapping[str, Value], seed: bytes, proposed: str | None
) -> Properties:
    if proposed == "":
        return inputs
    kept = given_name(token, old) if is_autonamed(token, old) else None
    filled = named_inputs(token, name, inputs, seed, kept or proposed)
    made_up = filled != inputs
    if token.startswith("aws:"):
        filled[DEFAULTS] = [name_path(token)] if made_up else []
    elif made_up and "metadata" in filled:
        metadata = cast("Properties", filled["metadata"])
        notes = {**cast("Properties", metadata.get("annotations") or {}), AUTONAMED: "true"}
        filled["metadata"] = {**metadata, "annotations": notes}
    return filled
