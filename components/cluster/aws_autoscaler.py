"""The autoscaler of a cluster's nodes: the Kubernetes Cluster Autoscaler, and its rights.

It adds nodes where pods find no room, by the pools' ways in their order, takes away those that nobody needs, and keeps
each pool's fewest. Why it and not another: docs/decisions/0015. Owns no node group and no scaling of pods.

When a region is destroyed its rights go before the nodes do, or it would set machines up while others are taken down.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import WORKLOAD_PATH, Statement, arn, document, pod_trust
from components.cluster.aws_autoscaler_values import SERVICE_ACCOUNT, autoscaler_values, scaling_groups
from components.cluster.charts import AUTOSCALER, NAMESPACE, Placing, install
from components.cluster.pools import NodePool
from components.cluster.types import ClusterOutputs
from components.naming import physical_name


@dataclass(frozen=True, kw_only=True)
class AwsAutoscalerArgs:
    """`system_pool` and `pools` as the cluster has them; `cluster_name` plain, since rights are bound to it."""

    stack: str
    account: str
    region: str
    cluster_name: str
    version: str
    system_pool: NodePool
    pools: tuple[NodePool, ...]
    cluster: ClusterOutputs
    permissions_boundary_arn: str

    def __post_init__(self) -> None:
        known, wanted = self.cluster.scaling_groups, {pool.name: pool for pool in (self.system_pool, *self.pools)}
        if set(known) != set(wanted):
            raise ValueError(f"pools: got {sorted(wanted)}; allowed: those of the cluster: {sorted(known)}")
        for name, pool in wanted.items():
            if len(known[name]) != len(pool.capacity):
                raise ValueError(
                    f"pool {name!r}: capacity: got {len(pool.capacity)} ways; "
                    f"allowed: as many as the cluster has groups for it: {len(known[name])}"
                )


class AwsAutoscaler(pulumi.ComponentResource):
    """A role of its service account, and the release of its chart. Wants providers of AWS and of Kubernetes."""

    def __init__(self, name: str, args: AwsAutoscalerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:cluster:AwsAutoscaler", name, None, opts)
        rights = self._rights(name, args)
        pools = (args.system_pool, *args.pools)
        values = autoscaler_values(
            scaling_groups(pools, args.cluster.scaling_groups),
            region=args.region,
            version=args.version,
            system_pool=args.system_pool.name,
        )
        placing = Placing(control_plane=args.cluster.control_plane, after=(*rights, *args.cluster.nodes))
        release = install(name, SERVICE_ACCOUNT, AUTOSCALER, values, placing, self)
        self.register_outputs({"release": release.name})

    def _rights(self, name: str, args: AwsAutoscalerArgs) -> tuple[pulumi.Resource, ...]:
        cluster_arn = arn("eks", f"cluster/{args.cluster_name}", region=args.region, account=args.account)
        role = aws.iam.Role(
            f"{name}-role",
            name=physical_name(args.stack, "autoscaler", longest=64),
            path=WORKLOAD_PATH,
            description=f"{args.stack}: autoscaler of nodes",
            assume_role_policy=pod_trust(
                account=args.account,
                cluster_arn=cluster_arn,
                namespace=NAMESPACE,
                service_account=SERVICE_ACCOUNT,
            ),
            permissions_boundary=args.permissions_boundary_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        last_in_first_out = pulumi.ResourceOptions(parent=self, depends_on=args.cluster.nodes)
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            name="scale-nodes",
            role=role.name,
            policy=autoscaler_policy(region=args.region, account=args.account, cluster=args.cluster_name),
            opts=last_in_first_out,
        )
        association = aws.eks.PodIdentityAssociation(
            f"{name}-association",
            cluster_name=args.cluster.name,
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
            role_arn=role.arn,
            opts=last_in_first_out,
        )
        return policy, association


def autoscaler_policy(*, region: str, account: str, cluster: str) -> str:
    """Changing the number of nodes of this cluster's groups, which EKS marks with its name; reading the rest."""
    # EKS names all its groups so; the tag says whose they are.
    groups = arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/eks-*", region=region, account=account)
    node_groups = arn("eks", f"nodegroup/{cluster}/*", region=region, account=account)
    reads = (
        *(
            f"autoscaling:{call}"
            for call in (
                "DescribeAutoScalingGroups",
                "DescribeAutoScalingInstances",
                "DescribeLaunchConfigurations",
                "DescribeScalingActivities",
            )
        ),
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements",
    )
    return document(
        Statement(
            sid="ScaleThisCluster",
            actions=("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"),
            resources=(groups,),
            conditions={"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster}": "owned"}},
        ),
        Statement(sid="KnowEmptyGroups", actions=("eks:DescribeNodegroup",), resources=(node_groups,)),
        # IAM ties none of these to a resource.
        Statement(sid="Look", actions=reads, resources=("*",)),
    )
