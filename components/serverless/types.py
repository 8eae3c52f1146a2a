"""What serves a model without machines of its own, as the rest of a region knows it, on any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class FunctionOutputs:
    """Callers name `target`, which stays while releases come and go. `versions`: by image digest, what answers for it.

    `metrics`: names and values by which the cloud's monitoring finds this function. `dead_letters`: the queue of calls
    that nobody waited for and that failed for good.
    """

    name: pulumi.Output[str]
    target: pulumi.Output[str]
    integration: pulumi.Output[str]  # by which an API in front of it calls the target
    versions: Mapping[str, pulumi.Output[str]]
    role: pulumi.Output[str]
    log_group: str
    dead_letters: pulumi.Output[str]
    metrics: Mapping[str, str]
