"""A model on a managed endpoint of a cloud, and what others need to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pulumi


class EndpointMode(StrEnum):
    """How a model is called."""

    REALTIME = "realtime"  # the caller waits
    ASYNC = "async"  # questions and answers are files; no machine need run meanwhile
    SERVERLESS = "serverless"  # the caller waits; the cloud finds machines


@dataclass(frozen=True, kw_only=True)
class EndpointOutputs:
    """`variants`: names of what calls are shared out to. `shadow`: the one that sees copies only.

    `configuration`: what serves, as the cloud tells it; callers of monitoring dimension by `name` and variant.
    `cpus`, `accelerators`: of one machine; 1 and 0 where the cloud finds machines by itself.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    configuration: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    log_group: str
    variants: tuple[str, ...]
    shadow: str | None
    cpus: int
    accelerators: int
