"""What a model's namespace may hold at most, and what a pod in it gets that asks for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.serving.arms import arms_of
from components.serving.model import Exposure, ModelDeploymentArgs

if TYPE_CHECKING:
    from pulumi_kubernetes.core.v1 import LimitRangeSpecArgsDict, ResourceQuotaSpecArgsDict


def quota_spec(args: ModelDeploymentArgs) -> ResourceQuotaSpecArgsDict:
    """Twice the most replicas of each arm and one: a release's old pods count until they have ended.

    Pods are counted, not cores, memory or accelerators: a total of those would follow the model's size, and after a
    model became smaller its larger old pods would fill the total and hold up the very release that replaces them.
    """
    pods = sum(2 * arm.scale.max + 1 for arm in arms_of(args))
    balancers = 1 if isinstance(args.exposure, Exposure) else 0
    hard = {"pods": pods, "services.loadbalancers": balancers, "persistentvolumeclaims": 0}
    return {"hard": {what: str(most) for what, most in hard.items()}}


def limit_range_spec() -> LimitRangeSpecArgsDict:
    """For a pod that a person starts beside the model. No CPU limit: it would bind the model's container too."""
    given = {"memory": "256Mi", "ephemeral-storage": "256Mi"}
    return {"limits": [{"type": "Container", "default": given, "default_request": {**given, "cpu": "100m"}}]}
