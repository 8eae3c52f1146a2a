"""What runs the models of a region over files, on any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

CPU = "cpu"
SPOT = "spot-"


def queue_key(accelerator: str | None, *, spot: bool) -> str:
    """By what a queue is found: `cpu` or an accelerator's name, and before it `spot-` if spare machines come first."""
    return f"{SPOT if spot else ''}{accelerator or CPU}"


@dataclass(frozen=True, kw_only=True)
class BatchOutputs:
    """Job queues (on AWS ARNs) by `queue_key`."""

    queues: Mapping[str, pulumi.Output[str]]
