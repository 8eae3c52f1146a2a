"""One pool of EKS nodes: a managed node group, with its own launch template, for each way of getting its machines.

All nodes run Bottlerocket: no shell, no package manager, a read-only system; its NVIDIA image brings driver and device
plug-in, so a GPU node offers `nvidia.com/gpu` without anything more in the cluster.

Owns no autoscaler of nodes: EKS marks every group's Auto Scaling group for the Cluster Autoscaler, which finds labels
and taints of an empty group by itself. Until one runs, a pool holds its minimum and never grows. Owns no reservation
either: buying is a decision of people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_aws.eks.outputs import NodeGroupResource

from components.accelerators import Vendor
from components.capacity import Capacity, node_labels
from components.cluster.aws_launch import launch_template_args
from components.cluster.pools import NodePool
from components.labels import Labels
from components.naming import physical_name

_AMI_TYPES = {None: "BOTTLEROCKET_x86_64", Vendor.NVIDIA: "BOTTLEROCKET_x86_64_NVIDIA"}
_CAPACITY_TYPES = {
    Capacity.RESERVATION: "ON_DEMAND",
    Capacity.CAPACITY_BLOCK: "CAPACITY_BLOCK",
    Capacity.SPOT: "SPOT",
    Capacity.ON_DEMAND: "ON_DEMAND",
}
_TAINT_EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
_LONGEST_GROUP_NAME = 63  # characters, EKS CreateNodegroup
_LONGEST_TEMPLATE_NAME = 128  # characters, EC2 CreateLaunchTemplate


@dataclass(frozen=True, kw_only=True)
class AwsNodePoolArgs:
    """`subnets`: private ones, by zone. `after`: what a node must find when it starts (rights, routes, add-ons)."""

    pool: NodePool
    cluster_name: pulumi.Input[str]
    cluster_label: str  # the cluster's name as plain text, for names of launch templates
    version: pulumi.Input[str]
    node_role_arn: pulumi.Input[str]
    subnets: Mapping[str, pulumi.Input[str]]
    volumes_key_arn: pulumi.Input[str]
    labels: Labels
    after: tuple[pulumi.Resource, ...]


class AwsNodePool(pulumi.ComponentResource):
    """`node_groups` in the order of the pool's capacity; `scaling_group` is the Auto Scaling group of the first."""

    pool: str
    node_groups: tuple[aws.eks.NodeGroup, ...]
    scaling_group: pulumi.Output[str]

    def __init__(self, name: str, args: AwsNodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:cluster:AwsNodePool", name, None, opts)
        self.node_groups = tuple(
            self._group(f"{name}-{_word(capacity)}", args, capacity, order)
            for order, capacity in enumerate(args.pool.capacity)
        )
        self.pool = args.pool.name
        self.scaling_group = self.node_groups[0].resources.apply(_scaling_group)
        self.register_outputs({"node_groups": [group.arn for group in self.node_groups]})

    def _template(self, name: str, args: AwsNodePoolArgs, capacity: Capacity) -> aws.ec2.LaunchTemplate:
        pool = args.pool
        wanted = launch_template_args(
            name=physical_name(args.cluster_label, pool.name, _word(capacity), longest=_LONGEST_TEMPLATE_NAME),
            capacity=capacity,
            block=pool.capacity_block,
            machine=pool.machines[0],
            disk_gib=pool.disk_gib,
            key_arn=args.volumes_key_arn,
            labels=args.labels,
        )
        return aws.ec2.LaunchTemplate(name, wanted, opts=pulumi.ResourceOptions(parent=self))

    def _group(self, name: str, args: AwsNodePoolArgs, capacity: Capacity, order: int) -> aws.eks.NodeGroup:
        pool, zones = args.pool, _zones(args, capacity)
        template = self._template(name, args, capacity)
        minimum = pool.min_nodes if order == 0 else 0
        return aws.eks.NodeGroup(
            name,
            cluster_name=args.cluster_name,
            node_group_name=group_name(pool, capacity, zones),
            node_role_arn=args.node_role_arn,
            subnet_ids=[args.subnets[zone] for zone in zones],
            version=args.version,
            ami_type=_ami_type(pool),
            capacity_type=_CAPACITY_TYPES[capacity],
            # A capacity block holds one machine type, and EKS wants that one in the launch template.
            instance_types=None if capacity is Capacity.CAPACITY_BLOCK else list(pool.machines),
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=minimum, max_size=pool.max_nodes, desired_size=minimum
            ),
            update_config=_update_config(pool),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            labels=labels_of(pool, capacity, order),
            taints=_taints(pool),
            # While no autoscaler runs, the settings say how many nodes there are. To ignore changes of the desired size
            # would make EKS refuse a higher minimum ("Minimum capacity 2 can't be greater than desired size 0").
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
        )


def _scaling_group(resources: Sequence[NodeGroupResource]) -> str:
    """EKS makes one Auto Scaling group a node group."""
    names = [group.name for resource in resources for group in resource.autoscaling_groups or [] if group.name]
    if not names:
        raise pulumi.RunError("EKS described a node group without its Auto Scaling group")
    return names[0]


def group_name(pool: NodePool, capacity: Capacity, zones: tuple[str, ...]) -> str:
    """A name that changes with whatever replaces the group, so the new group stands before the old one drains."""
    replacing = [_ami_type(pool), _CAPACITY_TYPES[capacity], pool.machines, sorted(zones)]
    digest = hashlib.sha256(json.dumps(replacing).encode()).hexdigest()[:6]
    return physical_name(pool.name, _word(capacity), digest, longest=_LONGEST_GROUP_NAME)


def labels_of(pool: NodePool, capacity: Capacity, order: int) -> dict[str, str]:
    """Kubernetes labels of the nodes, as `components/serving` looks for them."""
    labels = node_labels(pool.name, capacity, order)
    return labels if pool.accelerator is None else labels | dict([pool.accelerator.node_label])


def _zones(args: AwsNodePoolArgs, capacity: Capacity) -> tuple[str, ...]:
    block = args.pool.capacity_block
    if capacity is not Capacity.CAPACITY_BLOCK or block is None:
        return tuple(sorted(args.subnets))
    if block.zone not in args.subnets:
        allowed = ", ".join(sorted(args.subnets))
        raise ValueError(f"pool {args.pool.name!r}: capacity_block.zone: got {block.zone!r}; allowed: {allowed}")
    return (block.zone,)


def _ami_type(pool: NodePool) -> str:
    return _AMI_TYPES[None if pool.accelerator is None else pool.accelerator.vendor]


def _word(capacity: Capacity) -> str:
    return capacity.value.replace("_", "-")


def _taints(pool: NodePool) -> list[aws.eks.NodeGroupTaintArgs] | None:
    if pool.accelerator is None:
        return None
    taint = pool.accelerator.taint
    return [aws.eks.NodeGroupTaintArgs(key=taint.key, value=taint.value, effect=_TAINT_EFFECTS[taint.effect])]


def _update_config(pool: NodePool) -> aws.eks.NodeGroupUpdateConfigArgs:
    """A third at a time; where machines are scarce one at a time, the old one gone before the new one is asked for."""
    if pool.accelerator is None:
        return aws.eks.NodeGroupUpdateConfigArgs(max_unavailable_percentage=33)
    return aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1, update_strategy="MINIMAL")
