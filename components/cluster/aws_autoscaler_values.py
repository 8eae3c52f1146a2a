"""What the Cluster Autoscaler is told, as a pure function of the pools: groups and their bounds, their order, its pace.

Read in its source at 1.35.2 (2026-11-24): bounds given for a group win over those of its Auto Scaling group
(`auto_scaling_groups.go`, `register`), and the fewest nodes are kept by them (`orchestrator.go`,
`ScaleUpToNodeGroupMinSize`). A failed launch that the Auto Scaling group reports, for want of machines or of quota,
takes the group out of the choice for a while, so that the next way of the pool is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.capacity import POOL_LABEL, order_weights
from components.cluster.pools import NodePool

SERVICE_ACCOUNT = "cluster-autoscaler"

# The autoscaler of the cluster's own minor version: it runs a copy of that scheduler to foresee where pods fit. Newest
# tags of kubernetes/autoscaler on 2026-11-24; a newer cluster gets the newest here.
_IMAGES = {"1.32": "v1.32.7", "1.33": "v1.33.6", "1.34": "v1.34.5", "1.35": "v1.35.2", "1.36": "v1.36.1"}

_ARGUMENTS = {
    # The order of a pool's ways first; of two groups that come at the same place, the one that wastes less.
    "expander": "priority,least-waste",
    "enforce-node-group-min-size": "true",
    "balance-similar-node-groups": "false",  # it would spread a scale-up over the ways and undo their order
    # Launches that fail are seen within seconds. This is for machines that come up and never join: ten minutes is
    # twice what the largest GPU machines need to join, and five less than the default.
    "max-node-provision-time": "10m",
    # How soon a group that failed is tried again: 5 minutes, then doubled, at most this (default 30).
    "max-node-group-backoff-duration": "15m",
    # An accelerated node costs minutes to get back (machine, then gigabytes of image): given up a little later.
    "scale-down-unneeded-time": "15m",
    "ignore-daemonsets-utilization": "true",  # agents run on every node and keep none
    "skip-nodes-with-local-storage": "false",  # models keep scratch data only
    "skip-nodes-with-system-pods": "false",  # those of the add-ons have disruption budgets
    "cordon-node-before-terminating": "true",
}


@dataclass(frozen=True, kw_only=True)
class ScalingGroup:
    """One Auto Scaling group: its bounds, and its place in the capacity of its pool."""

    name: pulumi.Input[str]
    fewest: int
    most: int
    order: int


def scaling_groups(
    pools: Sequence[NodePool], names: Mapping[str, Sequence[pulumi.Input[str]]]
) -> tuple[ScalingGroup, ...]:
    """A group for each way of each pool, by the pools' names. `names`: by pool, in the order of its capacity."""
    return tuple(
        ScalingGroup(name=name, fewest=pool.min_nodes if order == 0 else 0, most=pool.max_nodes, order=order)
        for pool in sorted(pools, key=lambda pool: pool.name)
        for order, name in enumerate(names[pool.name])
    )


def autoscaler_values(groups: Sequence[ScalingGroup], *, region: str, version: str, system_pool: str) -> dict[str, Any]:
    """Values of the chart. `version`: of the cluster, as "1.35". It runs on the nodes that it never takes all away."""
    return {
        "fullnameOverride": SERVICE_ACCOUNT,
        "cloudProvider": "aws",
        "awsRegion": region,
        "image": {"tag": _IMAGES.get(version, max(_IMAGES.values()))},
        "autoscalingGroups": [{"name": group.name, "minSize": group.fewest, "maxSize": group.most} for group in groups],
        "expanderPriorities": _priorities(groups),
        "extraArgs": dict(_ARGUMENTS),
        "replicaCount": 2,  # one leads, the other waits
        "podDisruptionBudget": {"maxUnavailable": 1},
        "dnsPolicy": "Default",  # the nodes' own: it must work while no node runs the cluster's DNS
        "nodeSelector": {POOL_LABEL: system_pool},
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app.kubernetes.io/instance": SERVICE_ACCOUNT}},
            }
        ],
        "rbac": {"serviceAccount": {"name": SERVICE_ACCOUNT}},
        "resources": {"requests": {"cpu": "100m", "memory": "600Mi"}, "limits": {"memory": "1Gi"}},
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "runAsGroup": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containerSecurityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def _priorities(groups: Sequence[ScalingGroup]) -> dict[str, list[pulumi.Input[str]]]:
    """Patterns of group names by weight, the highest first chosen: the first way of each pool has the highest.

    Names of Auto Scaling groups of EKS hold letters, digits and dashes only, so a name is its own pattern.
    """
    found: dict[str, list[pulumi.Input[str]]] = {}
    for group in groups:
        weight = str(order_weights()[str(group.order)])
        found.setdefault(weight, []).append(pulumi.Output.concat("^", group.name, "$"))
    return found
