"""The API keys of a model's callers: one key a caller in all regions of a jurisdiction, sealed in their stack files.

A caller moves with the model's public name from one region to another, so its key must be known in both. Where a caller
has a key in one region already, the others get the same; no key is ever replaced. To change a key, name a new caller,
move over, and take the old caller's name away.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pulumi import automation

from fleet.engine import Engine, told_by
from fleet.errors import BackendFailed, BadUsage
from fleet.model import Fleet, FleetStack
from fleet.names import unknown_name
from fleet.pins import released
from stacks.settings import StackKind, load_environment

SECTION = "homeport:callers"
KEY_BYTES = 20  # 40 hexadecimal digits; API Gateway takes 20 to 128 characters


@dataclass(frozen=True, kw_only=True)
class Key:
    """One caller's key in one stack. `value` is a secret; `made` says whether it was written now."""

    stack: str
    jurisdiction: str
    caller: str
    value: str = field(repr=False)
    made: bool


def ensure(model: str, fleet: Fleet, engine: Engine) -> tuple[Key, ...]:
    """Writes the keys that are missing and returns all of them, by stack.

    Raises BadUsage for a model without keys or without a release, BackendFailed if a stack's settings cannot be opened.
    """
    callers = _callers(model, fleet)
    found: list[Key] = []
    stacks = [stack for stack in fleet.stacks if model in _released(fleet, stack)]
    if not stacks:
        step = f"release it first: homeport:releases in a models stack of {fleet.environment}"
        raise BadUsage(f"keys {model}: it is released nowhere in {fleet.environment}", step)
    for stack in stacks:
        _make(stack, engine)
    for jurisdiction in dict.fromkeys(stack.jurisdiction for stack in stacks):
        found.extend(_of_jurisdiction(model, callers, [s for s in stacks if s.jurisdiction == jurisdiction], engine))
    return tuple(found)


def header(model: str, jurisdiction: str, fleet: Fleet, engine: Engine) -> dict[str, str]:
    """The header by which the model's first caller calls there; empty where callers need no key."""
    models = {one.name: one for one in load_environment(fleet.root, fleet.environment).models}
    if model not in models or not models[model].access.api_keys:
        return {}
    stacks = [s for s in fleet.stacks if s.jurisdiction == jurisdiction and model in _released(fleet, s)]
    found = _kept(model, stacks[0], engine).get(models[model].access.callers[0]) if stacks else None
    return {"x-api-key": found} if found else {}


def _of_jurisdiction(model: str, callers: Sequence[str], stacks: Sequence[FleetStack], engine: Engine) -> Sequence[Key]:
    kept = {stack.name: _kept(model, stack, engine) for stack in stacks}
    keys: list[Key] = []
    for caller in callers:
        values = {by_caller[caller] for by_caller in kept.values() if caller in by_caller}
        if len(values) > 1:
            names = ", ".join(name for name, by_caller in kept.items() if caller in by_caller)
            step = f"decide which holds, and remove the other: pulumi config rm --path {_path(model, caller)}"
            raise BadUsage(f"keys {model}: caller {caller} has different keys in {names}", step)
        value = values.pop() if values else secrets.token_hex(KEY_BYTES)
        for stack in stacks:
            missing = caller not in kept[stack.name]
            if missing:
                _write(model, stack, caller, value, engine)
            keys.append(
                Key(stack=stack.name, jurisdiction=stack.jurisdiction, caller=caller, value=value, made=missing)
            )
    return keys


def _make(stack: FleetStack, engine: Engine) -> None:
    """The empty stack, where there is none yet: what seals its secrets belongs to it."""
    if stack.name not in {one.name for one in engine.deployed(stack.backend)}:
        try:
            engine.create(stack)
        except automation.CommandError as error:
            raise _closed(stack, error) from error


def _callers(model: str, fleet: Fleet) -> tuple[str, ...]:
    models = {one.name: one for one in load_environment(fleet.root, fleet.environment).models}
    if model not in models:
        raise unknown_name("keys", model, sorted(models), "name a model of the environment")
    access = models[model].access
    if not access.api_keys:
        raise BadUsage(f"keys {model}: its callers need none", "set access.api_keys: true in its model file first")
    return access.callers


def _released(fleet: Fleet, stack: FleetStack) -> tuple[str, ...]:
    return released(fleet.root, [stack]) if stack.kind is StackKind.MODELS else ()


def _kept(model: str, stack: FleetStack, engine: Engine) -> Mapping[str, str]:
    """The keys of the model's callers in one stack's file, opened."""
    try:
        answer = engine.config(stack, ["--show-secrets", "--json"])
    except automation.CommandError as error:
        raise _closed(stack, error) from error
    entry: Any = json.loads(answer).get(SECTION, {})
    section: Any = entry.get("objectValue") or json.loads(entry.get("value") or "{}")
    return cast("Mapping[str, str]", section.get(model, {}))


def _write(model: str, stack: FleetStack, caller: str, value: str, engine: Engine) -> None:
    try:
        engine.config(stack, ["set", "--secret", "--path", _path(model, caller)], standard_input=value)
    except automation.CommandError as error:
        raise _closed(stack, error) from error


def _path(model: str, caller: str) -> str:
    return f'{SECTION}["{model}"]["{caller}"]'


def _closed(stack: FleetStack, error: automation.CommandError) -> BackendFailed:
    step = f"see that {stack.name} was made and that its secrets key may be used: python -m fleet doctor"
    return BackendFailed(f"cannot read or write the settings of {stack.name}: {told_by(error)}", step)
