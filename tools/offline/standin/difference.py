"""What changed between two sets of inputs, and whether the change needs a new thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from tools.offline.cloud.answers import kind_of
from tools.offline.cloud.autoname import given_name, name_path
from tools.offline.cloud.helm import RELEASE
from tools.offline.protocol.values import Properties, Value

DEFAULTS = "__defaults"  # as in the bridged providers: the properties that the provider filled in itself
AUTONAMED = "pulumi.com/autonamed"  # as in the Kubernetes provider

Change = Literal["ADD", "DELETE", "UPDATE"]

# Settings of a provider whose change means that all its resources are others. Sources: pulumi/pulumi-aws#4000 for the
# region; pulumi-kubernetes `provider/pkg/provider/provider.go`, DiffConfig.
_PROVIDER_REPLACES: Mapping[str, tuple[str, ...]] = {
    "pulumi:providers:aws": ("region",),
    "pulumi:providers:kubernetes": ("clusterIdentifier",),
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The changed wire paths, those of them that replace, and whether the old thing must go first."""

    changes: Mapping[str, Change]
    replaces: tuple[str, ...]
    delete_first: bool


def difference(token: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> Difference:
    """Compares plain inputs. The order of a list counts, also where the cloud keeps a set."""
    before, after = ({key: one[key] for key in one if key != DEFAULTS} for one in (old, new))
    changes: dict[str, Change] = dict(_changes(before, after, ""))
    kind = kind_of(token)
    removed = tuple(path for path in kind.replaces_removed if path in old and not new.get(path))
    rules = (*_PROVIDER_REPLACES.get(token, kind.replaces), *removed)
    replaces = tuple(path for path in changes if any(_matches(path, rule) for rule in rules))
    return Difference(changes=changes, replaces=replaces, delete_first=bool(replaces) and _same_name(token, old, new))


def _same_name(token: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> bool:
    """Whether the author gave a name that old and new share, so that both cannot exist at once."""
    if not name_path(token) or is_autonamed(token, new):
        return False
    same = given_name(token, old) == given_name(token, new)
    if token.startswith("kubernetes:"):
        spaces = [cast("Properties", one.get("metadata") or {}).get("namespace") for one in (old, new)]
        return same and spaces[0] == spaces[1]
    return same


def is_autonamed(token: str, inputs: Mapping[str, Value]) -> bool:
    """Whether the provider made up the name, or would: a chart's release without one keeps the one that it has."""
    if token == RELEASE:
        return True
    if token.startswith("kubernetes:"):
        metadata = cast("Properties", inputs.get("metadata") or {})
        return cast("Properties", metadata.get("annotations") or {}).get(AUTONAMED) == "true"
    return name_path(token) in cast("list[str]", inputs.get(DEFAULTS) or [])


def _matches(path: str, rule: str) -> bool:
    bare = re.sub(r"\[\d+\]", "", path)
    return bare == rule or bare.startswith(f"{rule}.")


def _changes(old: Value, new: Value, path: str) -> Iterator[tuple[str, Change]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        was, now = cast("Mapping[str, Value]", old), cast("Mapping[str, Value]", new)
        for key in sorted({*was, *now}):
            yield from _changes(was.get(key), now.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list):
        olds, news = cast("list[Value]", old), cast("list[Value]", new)
        for index in range(max(len(olds), len(news))):
            pair = [values[index] if index < len(values) else None for values in (olds, news)]
            yield from _changes(pair[0], pair[1], f"{path}[{index}]")
    elif old is None and isinstance(new, Mapping) and new:
        yield from _changes({}, new, path)  # down to the leaves: some of them may replace, others not
    elif isinstance(old, Mapping) and old and new is None:
        yield from _changes(old, {}, path)
    elif old != new and not (_is_empty(old) and _is_empty(new)):
        yield path, "ADD" if old is None else "DELETE" if new is None else "UPDATE"


def _is_empty(value: Value) -> bool:
    """The cloud does not tell an empty list or object from none."""
    return value is None or value == [] or value == {}
