"""The identities of a region's cluster and of the models on it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class IdentityOutputs:
    """Who the control plane, the nodes and the add-ons with rights of their own are."""

    cluster_role_arn: pulumi.Output[str]
    node_role_arn: pulumi.Output[str]
    cni_role_arn: pulumi.Output[str]  # for kube-system/aws-node, by Pod Identity
    volume_driver_role_arn: pulumi.Output[str]  # for kube-system/ebs-csi-controller-sa, by Pod Identity
    agent_role_arn: pulumi.Output[str]  # for amazon-cloudwatch/cloudwatch-agent, by Pod Identity
    attachments: tuple[pulumi.Resource, ...]  # rights: give them to `depends_on` of cluster and nodes


@dataclass(frozen=True, kw_only=True)
class ModelIdentityOutputs:
    """Who one model's pods are in the cloud."""

    role_arn: pulumi.Output[str]
    role_name: pulumi.Output[str]
