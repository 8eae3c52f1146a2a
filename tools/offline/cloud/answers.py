"""What the cloud returns for a resource: its id and outputs, plausible, and the same for the same input.

The provider and the recorder of the component tests both ask here. A type with a row in the tables answers by it;
for any other type the declared outputs of its SDK class are filled by their names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from tools.offline.cloud import helm, kubernetes
from tools.offline.cloud.aws import KINDS
from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import MissingInput, Words, fill
from tools.offline.protocol.values import UNKNOWN, Properties, Value, is_unknown
from tools.offline.types.library import resource_shape
from tools.offline.types.shape import Shape

_PLAIN = Kind(source="no row: outputs by their names")
_EMPTY: Mapping[str, Value] = {"boolean": False, "integer": 0, "number": 0, "list": [], "map": {}}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The physical id and every output; during a preview what the cloud has not said yet is `UNKNOWN`."""

    id: str
    outputs: Properties


def kind_of(token: str) -> Kind:
    """The table's row for a type, or an empty one."""
    if token == helm.RELEASE:
        return helm.KIND
    if token.startswith("kubernetes:"):
        return kubernetes.kind_of(token)
    return KINDS.get(token, _PLAIN)


def created(asked: Asked) -> Answer:
    """The answer to a creation; every input must be known."""
    if asked.token == helm.RELEASE:
        return Answer(id=helm.identifier(asked.inputs), outputs=helm.outputs(asked))
    if asked.token.startswith("kubernetes:"):
        return Answer(id=kubernetes.identifier(asked.inputs), outputs=kubernetes.outputs(asked))
    if asked.token.startswith("pulumi:providers:"):
        return Answer(id=Words(asked)["uuid"], outputs=dict(asked.inputs))
    kind, words = kind_of(asked.token), Words(asked)
    words["id"] = _identifier(asked, kind, words)
    made: Properties = {**_guesses(asked, kind, words), **fill(kind.outputs, words)}
    made.update({key: _number(asked, key, 1) for key in kind.counted})
    made.update(asked.inputs)  # what was asked for stands, whatever the cloud would have chosen
    if kind.compute is not None:
        made.update(kind.compute(asked))
    return Answer(id=str(made.pop("id", words["id"])), outputs=made)


def updated(asked: Asked, identifier: str, old: Mapping[str, Value]) -> Answer:
    """The answer to an update in place: the identifiers stay, inputs are the new ones, counters move on."""
    if asked.token == helm.RELEASE:
        return Answer(id=identifier, outputs=helm.after_update(asked, old))
    fresh, kind = created(asked), kind_of(asked.token)
    kept = {key: value for key, value in old.items() if key in fresh.outputs and key not in asked.inputs}
    moved = {key: _number(asked, key, int(old.get(key) or 0) + 1) for key in kind.counted}
    if asked.token.startswith("kubernetes:"):
        return Answer(id=identifier, outputs=kubernetes.after_update(asked, fresh.outputs, old))
    derived = {key: fresh.outputs[key] for key in ("tagsAll",) if key in fresh.outputs}
    return Answer(id=identifier, outputs={**fresh.outputs, **kept, **derived, **moved})


def previewed(asked: Asked) -> Answer:
    """The answer to a creation during a preview: inputs are echoed, what only the cloud can say is unknown."""
    if asked.token == helm.RELEASE:
        return Answer(id="", outputs=helm.preview(asked.inputs))
    if asked.token.startswith("kubernetes:"):
        return Answer(id="", outputs=kubernetes.preview(asked))
    kind, known = kind_of(asked.token), dict(asked.inputs)
    made = dict.fromkeys((*_declared(asked), *kind.outputs, *kind.counted), UNKNOWN)
    made.update(known)
    made.update(_added_within(asked, {}))
    made.update(_known_early(asked))
    return Answer(id="", outputs=made)


def previewed_update(asked: Asked, old: Mapping[str, Value]) -> Properties:
    """The outputs that a preview of an update shows: as before, with the new inputs; counters are unknown."""
    if asked.token == helm.RELEASE:
        return helm.preview(asked.inputs)
    kept = {key: value for key, value in old.items() if key not in asked.inputs}
    if asked.token.startswith("kubernetes:"):
        return {**kept, **kubernetes.previewed_update(asked.inputs, old)}
    counted = dict.fromkeys(kind_of(asked.token).counted, UNKNOWN)
    within = _added_within(asked, old)
    return {**kept, **dict(asked.inputs), **within, **_known_early(asked), **counted}


def _added_within(asked: Asked, old: Mapping[str, Value]) -> Properties:
    """Inputs that come back with more in them than was asked, such as a cluster's network with its security group.

    What the cloud adds is as it was in `old`, and unknown where nothing was.
    """
    kind = kind_of(asked.token)
    computed = kind.compute(asked) if kind.compute else {}
    added: Properties = {}
    for key, value in computed.items():
        given = asked.inputs.get(key)
        if isinstance(value, dict) and isinstance(given, dict):
            before = cast("Properties", old.get(key) or {})
            unset = {name: before.get(name, UNKNOWN) for name in cast("Properties", value)}
            added[key] = {**unset, **cast("Properties", given)}
    return added


def _known_early(asked: Asked) -> Properties:
    """What a real provider knows without asking the cloud: the effective region, and all tags if ours are known."""
    shape, known = resource_shape(asked.token), Properties()
    if shape is None:
        return known
    if "region" in shape.inputs.properties and not is_unknown(asked.setting.place):
        known["region"] = asked.setting.place
    return known


def _number(asked: Asked, key: str, number: int) -> Value:
    """A counted output, as text where the SDK declares it so (the version of a Lambda function)."""
    declared = _declared(asked).get(key)
    return str(number) if declared is not None and declared.kind == "string" else number


def _declared(asked: Asked) -> dict[str, Shape]:
    """The outputs of the SDK class that are no inputs."""
    shape = resource_shape(asked.token)
    if shape is None:
        return {}
    return {key: value for key, value in shape.outputs.items() if key not in shape.inputs.properties}


def _identifier(asked: Asked, kind: Kind, words: Words) -> str:
    try:
        if kind.id:
            return str(fill(kind.id, words))
    except MissingInput:
        pass  # a name that the cloud makes up: fall back on a made-up id
    return f"{asked.token.rpartition(':')[2].lower()}-{words['hex']}"


def _guesses(asked: Asked, kind: Kind, words: Words) -> Properties:
    """A value for every declared output without a template."""
    made = _known_early(asked)
    for key, shape in _declared(asked).items():
        made[key] = _guess(asked, key, shape, words)
    if "arn" in made and kind.arn:
        made["arn"] = fill(kind.arn, words)
    return made


def _guess(asked: Asked, key: str, shape: Shape, words: Words) -> Value:
    if key == "tagsAll":
        return dict(cast("Mapping[str, Value]", asked.inputs.get("tags") or {}))
    if shape.kind != "string":
        return _EMPTY.get(shape.kind)
    service, _, kind = asked.token.split(":")[1].partition("/")
    if re.search(r"arn$", key, re.IGNORECASE):
        return fill(f"arn:{{partition}}:{service}:{{place}}:{{account}}:{kind}/{{id}}", words)
    if key in ("ownerId", "accountId", "registryId"):
        return asked.setting.account
    if re.search(r"(dns|domain|host)name$|endpoint$", key, re.IGNORECASE):
        return fill(f"{{hash}}.{service}.{{region}}.{{dns}}", words)
    if re.search(r"(Id|ID)$", key):
        return fill(f"{re.sub('(Id|ID)$', '', key).lower()}-{{hex_{key}}}", words)
    if re.search(r"(date|time|At)$", key):
        return "2026-01-01T00:00:00Z"
    return {"status": "ACTIVE", "state": "available"}.get(key, "")
