"""What a stack's state says: how much it holds, what it publishes, what an interrupted run left open. Pure.

Read from `pulumi stack export` (deployment version 3), without decrypting secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleet.events import STACK_TYPE, describe


@dataclass(frozen=True, kw_only=True)
class PendingOperation:
    """A step that was under way when the engine was killed. `kind` is the engine's: creating, updating, deleting..."""

    kind: str
    urn: str
    type: str
    inputs: Mapping[str, Any]
    parent: str
    provider: str

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return self.urn.split("::", 3)[-1]

    def __str__(self) -> str:
        return f"{self.kind} {describe(self.urn)}"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One stack's state. `resources` counts all but the stack itself; `held` describes the cloud's things among them."""

    resources: int
    held: tuple[str, ...]
    outputs: Mapping[str, Any]
    pending: tuple[PendingOperation, ...]

    @property
    def stands(self) -> bool:
        """True once an `up` has ended well: the engine writes a stack's outputs last, and keeps them from then on."""
        return bool(self.outputs)


def read_snapshot(deployment: Mapping[str, Any]) -> Snapshot:
    """The snapshot in an exported `deployment` object (the value under that key)."""
    resources = [resource for resource in deployment.get("resources") or () if resource["type"] != STACK_TYPE]
    roots = [resource for resource in deployment.get("resources") or () if resource["type"] == STACK_TYPE]
    return Snapshot(
        resources=len(resources),
        held=tuple(describe(resource["urn"]) for resource in resources if _is_in_the_cloud(resource)),
        outputs=next((root.get("outputs") or {} for root in roots), {}),
        pending=tuple(_pending(operation) for operation in deployment.get("pending_operations") or ()),
    )


def _is_in_the_cloud(resource: Mapping[str, Any]) -> bool:
    return bool(resource.get("custom")) and not resource["type"].startswith("pulumi:")


def _pending(operation: Mapping[str, Any]) -> PendingOperation:
    resource = operation["resource"]
    return PendingOperation(
        kind=operation["type"],
        urn=resource["urn"],
        type=resource["type"],
        inputs=resource.get("inputs") or {},
        parent=resource.get("parent") or "",
        # A provider is written as its URN, `::`, and its id.
        provider=(resource.get("provider") or "").rpartition("::")[0],
    )
