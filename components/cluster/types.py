"""What a region's cluster gives to the rest of the region and to its models stack, on any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class ClusterOutputs:
    """How to reach one cluster, and how to tell it from every other: `identifier` is its ARN on AWS.

    They are known once the control plane stands; nodes and add-ons may come later in the same run. `scaling_groups` is
    what the cloud calls the nodes that come by each way of a pool (on AWS an Auto Scaling group), by pool, in the order
    of its capacity; the first keeps the pool's minimum.

    `nodes`: give them to `depends_on` of what the region itself puts onto nodes by the Kubernetes API: they stand, and
    who deploys may call. `control_plane`: give it to `deleted_with` of what lives in the cluster and nowhere else.
    """

    name: pulumi.Output[str]
    identifier: pulumi.Output[str]
    endpoint: pulumi.Output[str]  # https://...
    certificate_authority: pulumi.Output[str]  # PEM in base64, as a kubeconfig holds it
    security_group_id: pulumi.Output[str]  # worn by the control plane's interfaces and by every node
    version: pulumi.Output[str]  # minor version, for example "1.34"
    scaling_groups: Mapping[str, tuple[pulumi.Output[str], ...]]
    nodes: tuple[pulumi.Resource, ...]
    control_plane: pulumi.Resource
