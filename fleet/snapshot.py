"""What a stack's state says: how much it holds, what it publishes, what an interrupted run left open. Pure.

Read from `pulumi stack export` (deployment version 3), without decrypting secrets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fleet.events import STACK_TYPE, describe


@dataclass(frozen=True, kw_only=True)
class PendingOperation:
    """A step that was under way when the engine was killed. `kind` is the engine's: creating, updating, deleting...

    `account` and `region` are those of its provider, empty where it names none.
    """

    kind: str
    urn: str
    type: str
    inputs: Mapping[str, Any]
    parent: str
    provider: str
    account: str
    region: str

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return self.urn.split("::", 3)[-1]

    def __str__(self) -> str:
        return f"{self.kind} {describe(self.urn)}"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One stack's state.

    `written` is when, in the engine's words. `resources` counts all but the stack itself; `held` describes those of
    them that are things in a cloud.
    """

    written: str
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
    listed: Sequence[Mapping[str, Any]] = deployment.get("resources") or ()
    resources = [resource for resource in listed if resource["type"] != STACK_TYPE]
    outputs: list[Mapping[str, Any]] = [root.get("outputs") or {} for root in listed if root["type"] == STACK_TYPE]
    return Snapshot(
        written=str(deployment["manifest"]["time"]),
        resources=len(resources),
        held=tuple(describe(resource["urn"]) for resource in resources if _is_in_the_cloud(resource)),
        outputs=outputs[0] if outputs else {},
        pending=tuple(_pending(operation, listed) for operation in deployment.get("pending_operations") or ()),
    )


def _is_in_the_cloud(resource: Mapping[str, Any]) -> bool:
    return bool(resource.get("custom")) and not resource["type"].startswith("pulumi:")


def _pending(operation: Mapping[str, Any], listed: Sequence[Mapping[str, Any]]) -> PendingOperation:
    resource = operation["resource"]
    # A provider is written as its URN, `::`, and its id.
    provider = (resource.get("provider") or "").rpartition("::")[0]
    named = [other for other in listed if other["urn"] == provider]
    settings: Mapping[str, Any] = (named[0].get("inputs") if named else None) or {}
    allowed = re.findall(r"\d{12}", str(settings.get("allowedAccountIds")))
    return PendingOperation(
        kind=operation["type"],
        urn=resource["urn"],
        type=resource["type"],
        inputs=resource.get("inputs") or {},
        parent=resource.get("parent") or "",
        provider=provider,
        account=allowed[0] if len(allowed) == 1 else "",
        region=str(settings.get("region") or ""),
    )
