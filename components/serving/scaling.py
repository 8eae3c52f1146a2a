"""How many replicas of an arm of a model there are, and how many may be taken away at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.serving.arms import Arm
from components.serving.model import Scale

if TYPE_CHECKING:
    from pulumi_kubernetes.autoscaling.v2 import (
        HorizontalPodAutoscalerBehaviorArgsDict,
        HorizontalPodAutoscalerSpecArgsDict,
        MetricSpecArgsDict,
    )
    from pulumi_kubernetes.policy.v1 import PodDisruptionBudgetSpecArgsDict


def autoscaler_spec(arm: Arm) -> HorizontalPodAutoscalerSpecArgsDict:
    """`spec` of the autoscaler; for an arm whose scale is automatic."""
    return {
        "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": arm.name},
        "min_replicas": arm.scale.min,
        "max_replicas": arm.scale.max,
        "metrics": _metrics(arm.scale),
        "behavior": _behavior(),
    }


def disruption_budget_spec(arm: Arm) -> PodDisruptionBudgetSpecArgsDict:
    """One at a time. A share that must stay would block every node's drain where one replica is all there is.

    Pods that are broken already may always go: they must not hold up the repair of their node.
    """
    return {
        "max_unavailable": 1,
        "unhealthy_pod_eviction_policy": "AlwaysAllow",
        "selector": {"match_labels": arm.selector},
    }


def _metrics(scale: Scale) -> list[MetricSpecArgsDict]:
    return [
        {
            "type": "Resource",
            "resource": {"name": resource, "target": {"type": "Utilization", "average_utilization": percent}},
        }
        for resource, percent in scale.targets.items()
    ]


def _behavior() -> HorizontalPodAutoscalerBehaviorArgsDict:
    """Up at once, doubling or by four every 15 seconds; down by a tenth a minute, after five quiet minutes."""
    return {
        "scale_up": {
            "stabilization_window_seconds": 0,
            "select_policy": "Max",
            "policies": [
                {"type": "Percent", "value": 100, "period_seconds": 15},
                {"type": "Pods", "value": 4, "period_seconds": 15},
            ],
        },
        "scale_down": {
            "stabilization_window_seconds": 300,
            "select_policy": "Max",
            "policies": [
                {"type": "Percent", "value": 10, "period_seconds": 60},
                {"type": "Pods", "value": 1, "period_seconds": 60},
            ],
        },
    }
