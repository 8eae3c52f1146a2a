"""Faults on demand, for tests: a YAML list in the file that HOMEPORT_FAULTS names, read at every operation.

    - {type: "aws:eks/cluster:Cluster", name: cluster, operation: create, do: hang}
    - {type: "aws:ec2/natGateway:NatGateway", operation: create, do: quota, times: 1, message: "..."}

`fail` and `quota` refuse before anything is done. `hang` and `die` (the provider's process ends at once) strike after
the cloud has done the work and before the engine hears of it: the dangerous moment. `rollback`, of an update only: the
cloud takes it back by itself and the provider reports success; outputs tell what is there. `throttle` turns away one
try of the provider, which tries again by itself. `name` is the resource's logical name; without it every name is meant.
`times`: how often, over all processes; without it always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from tools.offline.cloud.quotas import quota_text
from tools.offline.cloud.store import Store
from tools.offline.protocol.values import Value

Operation = Literal["create", "update", "delete", "read"]
Action = Literal["fail", "hang", "die", "quota", "rollback", "throttle"]

_KEYS = frozenset({"type", "name", "operation", "do", "message", "times"})
_ACTIONS = ("fail", "hang", "die", "quota", "rollback", "throttle")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault that strikes now."""

    do: Action
    message: str


class FaultsUnreadable(ValueError):
    """The faults file is no list of faults; the text names the file and what is wrong."""


def fault_for(path: Path | None, store: Store, *, token: str, name: str, operation: Operation) -> Fault | None:
    """The fault that strikes this operation, counted as used; None in ordinary life."""
    if path is None:
        return None
    for number, row in enumerate(_read(path)):
        meant = (row.get("type", token), row.get("name", name), row.get("operation")) == (token, name, operation)
        times = int(row.get("times") or 1_000_000_000)
        if meant and store.use_fault(f"{path.name}|{number}|{sorted(row.items())}", times):
            action = cast("Action", row["do"])
            return Fault(do=action, message=str(row.get("message") or _message(action, token, operation)))
    return None


def _message(action: Action, token: str, operation: Operation) -> str:
    kind = token.rpartition(":")[2]
    if action == "quota":
        return quota_text(token)
    if action == "throttle":
        return "ThrottlingException: Rate exceeded"
    return f"InternalFailure: the {operation} of {kind} failed on demand"


def _read(path: Path) -> list[Mapping[str, Value]]:
    import yaml  # 20 ms, and only tests have faults

    try:
        rows = cast("list[Mapping[str, Value]]", yaml.safe_load(path.read_text(encoding="utf-8")) or [])
    except (OSError, yaml.YAMLError) as error:
        raise FaultsUnreadable(f"{path}: cannot be read: {error}") from error
    for row in rows:
        wrong = sorted(set(row) - _KEYS)
        if wrong or row.get("do") not in _ACTIONS or "operation" not in row:
            raise FaultsUnreadable(f"{path}: {row}: allowed keys {sorted(_KEYS)}; do is one of {', '.join(_ACTIONS)}")
        if row["do"] == "rollback" and row["operation"] != "update":
            raise FaultsUnreadable(f"{path}: {row}: rollback is of an update")
    return rows
