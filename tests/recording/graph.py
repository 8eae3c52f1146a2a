"""What a program declared: resources with plain inputs, outputs and options, and their text for golden files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.offline.protocol.values import UNKNOWN, holds_unknown, is_unknown

STACK = "pulumi:pulumi:Stack"
HIDDEN = "[secret]"
COMPUTED = "[known after up]"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One resource as declared.

    `inputs` have wire names and are plain: secrets opened (their paths are in `secrets`), outputs of other resources
    resolved; during a preview what is not known is `UNKNOWN`. `parent` is a URN, empty for none; `provider` is the name
    of the provider resource and `place` its region or cluster. `options` holds only the options that were set, and
    `dependencies` the URNs of all that must stand before it, named or implied by its inputs.
    """

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    provider: str
    place: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    id: str
    secrets: frozenset[str] = frozenset()
    options: dict[str, Any] = field(default_factory=dict)
    dependencies: frozenset[str] = frozenset()
    read: bool = False

    def __getitem__(self, path: str) -> Any:
        """The input at a wire path such as `spec.template.spec.containers[0].image`; KeyError names what is missing."""
        found: Any = self.inputs
        for step in path.replace("[", ".[").split("."):
            try:
                found = found[int(step[1:-1])] if step.startswith("[") else found[step]
            except (KeyError, IndexError, TypeError) as error:
                raise KeyError(f"{self.name} ({self.type}) has no input {path}: stopped at {step}") from error
        return found


@dataclass(frozen=True, kw_only=True)
class Graph:
    """All resources of a program, sorted by URN, and the stack's outputs (plain)."""

    resources: tuple[Recorded, ...]
    outputs: dict[str, Any]
    secret_outputs: frozenset[str] = frozenset()

    def all(self, type: str) -> tuple[Recorded, ...]:  # noqa: A002 - the word of the SDK
        """Every resource of a type: the whole token, or its last part (`Subnet`)."""
        return tuple(one for one in self.resources if type in (one.type, one.type.rpartition(":")[2]))

    def one(self, type: str, name: str | None = None) -> Recorded:  # noqa: A002 - as above
        """The only resource of a type (and name); fails with what there is instead."""
        found = [one for one in self.all(type) if name is None or one.name == name]
        if len(found) != 1:
            names = ", ".join(one.name for one in self.all(type)) or "none"
            wanted = f"{type} named {name}" if name else type
            raise AssertionError(f"want one {wanted}, found {len(found)}; there are of that type: {names}")
        return found[0]

    def children(self, urn: str) -> tuple[Recorded, ...]:
        """The resources whose parent is this one."""
        return tuple(one for one in self.resources if one.parent == urn)

    def text(self) -> str:
        """The golden text: one block a resource, sorted by parents, type and name; secrets and unknowns are masked."""
        blocks = ["\n".join(_block(one)) for one in sorted(self.resources, key=lambda one: one.urn.split("::", 2)[2])]
        hidden = {key: HIDDEN if key in self.secret_outputs else value for key, value in self.outputs.items()}
        if hidden:
            blocks.append("\n".join(["outputs:", *_lines(hidden, "  ")]))
        return "\n\n".join(blocks) + "\n"


def _block(one: Recorded) -> Iterator[str]:
    yield f"{one.type} {one.name}"
    if one.parent and not one.parent.split("::")[2].endswith(STACK):
        *_, kind, name = one.parent.split("::")
        yield f"  parent: {kind.rpartition('$')[2]} {name}"
    if one.provider:
        yield f"  provider: {one.provider} ({_shown(one.place)})"
    for key, value in sorted(one.options.items()):
        yield f"  option {key}: {_shown(value)}"
    yield from _lines(_masked(one.inputs, one.secrets), "  ")


def _masked(value: Any, secrets: frozenset[str], path: str = "") -> Any:
    if path in secrets:
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: _masked(inner, secrets, f"{path}.{key}" if path else key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, secrets, f"{path}[{index}]") for index, inner in enumerate(value)]
    return value


def _lines(value: Any, indent: str) -> Iterator[str]:
    """YAML-like lines with sorted keys; text that holds JSON is spread out, so that a reviewer sees what changed."""
    items = sorted(value.items()) if isinstance(value, Mapping) else [("-", inner) for inner in value]
    for key, inner in items:
        label = key if key == "-" else f"{key}:"
        inner = _opened(inner)
        if isinstance(inner, Mapping | list) and inner:
            yield f"{indent}{label}"
            yield from _lines(inner, indent + "  ")
        else:
            yield f"{indent}{label} {_shown(inner)}"


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "{[" and not holds_unknown(value):
        try:
            read = json.loads(value)
        except ValueError:
            return value
        return {"JSON": read}
    return value


def _shown(value: Any) -> str:
    if is_unknown(value):
        return COMPUTED
    if isinstance(value, str) and UNKNOWN in value:
        value = value.replace(UNKNOWN, COMPUTED)
    if isinstance(value, str) and value and value.strip() == value and "\n" not in value:
        return value
    return json.dumps(value, sort_keys=True)
