"""EKS add-ons of one cluster, in two sets: those that nodes need to become ready, and those that need nodes.

Versions come from outside (the kit looks up what EKS calls the default for the cluster's version): a version pinned
here would lag every Kubernetes upgrade, and one of the wrong minor version is refused only while `up` runs.

Owns no device plug-in for NVIDIA GPUs: the Bottlerocket images of the GPU pools bring it along.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.aws import AGENT_ACCOUNT
from components.labels import Labels

BEFORE_NODES = ("eks-node-monitoring-agent", "eks-pod-identity-agent", "kube-proxy", "vpc-cni")
"""DaemonSets: complete with no node at all, and a node without them stays NotReady or has no credentials."""

OBSERVABILITY = "amazon-cloudwatch-observability"
AFTER_NODES = (OBSERVABILITY, "aws-ebs-csi-driver", "coredns", "metrics-server")
"""Deployments: EKS reports them degraded until a node runs them. metrics-server feeds the autoscaling of pods."""

ADDONS = BEFORE_NODES + AFTER_NODES

# The service account of those add-ons that call AWS, in the namespace of the add-on; the rights come by Pod Identity.
_SERVICE_ACCOUNTS = {
    OBSERVABILITY: AGENT_ACCOUNT,
    "aws-ebs-csi-driver": "ebs-csi-controller-sa",
    "vpc-cni": "aws-node",
}

# Replaces the whole configuration of the agent: logs of containers are collected anyway (by a second agent), metrics of
# containers, GPUs and Neuron devices by this; what is left out is Application Signals, which would slip a library into
# every Python pod, and count each request. The devices' exporters run by themselves where a machine has any.
_AGENT = {"logs": {"metrics_collected": {"kubernetes": {"enhanced_container_insights": True}}}}


@dataclass(frozen=True, kw_only=True)
class AwsAddonsArgs:
    """Which add-ons, and what each needs. Every name must have a version, and a role where it calls AWS."""

    cluster_name: pulumi.Input[str]
    names: tuple[str, ...]
    versions: Mapping[str, pulumi.Input[str]]
    roles: Mapping[str, pulumi.Input[str]]  # ARNs, by add-on
    labels: Labels
    after: tuple[pulumi.Resource, ...] = ()

    def __post_init__(self) -> None:
        for name in self.names:
            if name not in self.versions:
                raise ValueError(f"versions: got none for {name}; allowed: one for each of {', '.join(self.names)}")
            if name in _SERVICE_ACCOUNTS and name not in self.roles:
                raise ValueError(f"roles: got none for {name}; allowed: the ARN of the role that its pods take")


class AwsAddons(pulumi.ComponentResource):
    """One `aws.eks.Addon` a name. What is set here wins over changes made by hand in the cluster."""

    addons: tuple[aws.eks.Addon, ...]

    def __init__(self, name: str, args: AwsAddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:cluster:AwsAddons", name, None, opts)
        self.addons = tuple(
            aws.eks.Addon(
                f"{name}-{addon}",
                cluster_name=args.cluster_name,
                addon_name=addon,
                addon_version=args.versions[addon],
                configuration_values=configuration(addon, args.labels),
                pod_identity_associations=_associations(addon, args.roles),
                resolve_conflicts_on_create="OVERWRITE",
                resolve_conflicts_on_update="OVERWRITE",
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
            )
            for addon in args.names
        )
        self.register_outputs({"addons": list(args.names)})


def configuration(addon: str, labels: Labels) -> str | None:
    """The add-on's settings as JSON, or None where its defaults serve."""
    settings: dict[str, dict[str, object]] = {
        # NetworkPolicy is only stored, not enforced, unless the CNI is told to.
        "vpc-cni": {"enableNetworkPolicy": "true"},
        # Two at least, so that a lost node leaves name resolution; more as the cluster grows.
        "coredns": {"autoScaling": {"enabled": True, "minReplicas": 2, "maxReplicas": 10}},
        # The driver makes volumes by itself, where the default tags of the AWS provider do not reach.
        "aws-ebs-csi-driver": {"controller": {"extraVolumeTags": labels.tags()}},
        OBSERVABILITY: {"agent": {"config": _AGENT}},
    }
    found = settings.get(addon)
    return None if found is None else json.dumps(found, sort_keys=True)


def _associations(
    addon: str, roles: Mapping[str, pulumi.Input[str]]
) -> list[aws.eks.AddonPodIdentityAssociationArgs] | None:
    account = _SERVICE_ACCOUNTS.get(addon)
    if account is None:
        return None
    return [aws.eks.AddonPodIdentityAssociationArgs(role_arn=roles[addon], service_account=account)]
