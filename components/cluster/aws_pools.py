"""One pool of EKS nodes: a managed node group, with its own launch template, for each way of getting its machines.

Nodes run Bottlerocket: no shell, no package manager, a read-only system; its NVIDIA image brings driver and device
plug-in, so a GPU node offers `nvidia.com/gpu` without anything more in the cluster. Neuron nodes run Amazon Linux, for
which AWS makes its Neuron image.

How many nodes there are is the autoscaler's part (`aws_autoscaler`): groups with accelerators start empty, so that
`up` never waits for machines that nobody has to give. Owns no reservation: buying is a decision of people.
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
from components.cluster.aws_launch import Interfaces, launch_template_args
from components.cluster.pools import MOST_NODES, NodePool
from components.labels import Labels
from components.naming import physical_name

_AMI_TYPES = {
    None: "BOTTLEROCKET_x86_64",
    Vendor.NVIDIA: "BOTTLEROCKET_x86_64_NVIDIA",
    Vendor.NEURON: "AL2023_x86_64_NEURON",
}
_CAPACITY_TYPES = {
    Capacity.RESERVATION: "ON_DEMAND",
    Capacity.CAPACITY_BLOCK: "CAPACITY_BLOCK",
    Capacity.SPOT: "SPOT",
    Capacity.ON_DEMAND: "ON_DEMAND",
}
_PLACED = frozenset({Capacity.SPOT, Capacity.ON_DEMAND})
_TAINT_EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
_LONGEST_GROUP_NAME = 63  # characters, EKS CreateNodegroup
_LONGEST_TEMPLATE_NAME = 128  # characters, EC2 CreateLaunchTemplate
_LONGEST_PLACEMENT_GROUP_NAME = 255  # characters, EC2 CreatePlacementGroup

# Bounds of every group for EKS, whatever the settings say: those are the autoscaler's, which holds both ends. A change
# here would be sent together with the number of nodes that the state remembers, and take away those added since
# (hashicorp/terraform-provider-aws, eks/node_group.go). With 0 the autoscaler can give back machines that never came.
_FEWEST, _MOST = 0, MOST_NODES
# By this label the autoscaler knows that a GPU is still to appear on a young node, and does not add another for it.
_GPU_LABEL = "k8s.amazonaws.com/accelerator"
# What the autoscaler cannot tell of an empty group's nodes by itself; it reads these tags of the node group.
_TEMPLATE_TAG = "k8s.io/cluster-autoscaler/node-template/resources/"
ADAPTER_RESOURCE = "vpc.amazonaws.com/efa"


@dataclass(frozen=True, kw_only=True)
class AwsNodePoolArgs:
    """`subnets`: private ones, by zone. `after`: what a node must find when it starts (rights, routes, add-ons).

    `security_group_id`: the cluster's own, for interfaces of nodes with EFA. `starts_with`: how many nodes of the first
    way there are before an autoscaler runs.
    """

    pool: NodePool
    cluster_name: pulumi.Input[str]
    cluster_label: str  # the cluster's name as plain text, for names of launch templates
    version: pulumi.Input[str]
    node_role_arn: pulumi.Input[str]
    subnets: Mapping[str, pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    volumes_key_arn: pulumi.Input[str]
    labels: Labels
    after: tuple[pulumi.Resource, ...]
    starts_with: int = 0


class AwsNodePool(pulumi.ComponentResource):
    """`node_groups` in the order of the pool's capacity, and the name of each one's Auto Scaling group."""

    pool: NodePool
    node_groups: tuple[aws.eks.NodeGroup, ...]
    scaling_groups: tuple[pulumi.Output[str], ...]

    def __init__(self, name: str, args: AwsNodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:cluster:AwsNodePool", name, None, opts)
        together = self._placement_group(name, args)
        self.node_groups = tuple(
            self._group(f"{name}-{_word(capacity)}", args, capacity, order, together)
            for order, capacity in enumerate(args.pool.capacity)
        )
        self.pool = args.pool
        self.scaling_groups = tuple(group.resources.apply(_scaling_group) for group in self.node_groups)
        self.register_outputs({"node_groups": [group.arn for group in self.node_groups]})

    def _placement_group(self, name: str, args: AwsNodePoolArgs) -> aws.ec2.PlacementGroup | None:
        """For machines that EC2 may put where it likes; those of a block or a reservation stand already."""
        if not args.pool.efa or not _PLACED.intersection(args.pool.capacity):
            return None
        named = physical_name(args.cluster_label, args.pool.name, longest=_LONGEST_PLACEMENT_GROUP_NAME)
        return aws.ec2.PlacementGroup(
            f"{name}-placement", name=named, strategy="cluster", opts=pulumi.ResourceOptions(parent=self)
        )

    def _template(
        self, name: str, args: AwsNodePoolArgs, capacity: Capacity, together: aws.ec2.PlacementGroup | None
    ) -> aws.ec2.LaunchTemplate:
        pool, interfaces = args.pool, None
        if pool.efa:
            interfaces = Interfaces(
                adapters=pool.adapters_per_node,
                security_group_id=args.security_group_id,
                placement_group=together.name if together and capacity in _PLACED else None,
            )
        wanted = launch_template_args(
            name=physical_name(args.cluster_label, pool.name, _word(capacity), longest=_LONGEST_TEMPLATE_NAME),
            pool=pool,
            capacity=capacity,
            key_arn=args.volumes_key_arn,
            interfaces=interfaces,
            labels=args.labels,
        )
        return aws.ec2.LaunchTemplate(name, wanted, opts=pulumi.ResourceOptions(parent=self))

    def _group(
        self,
        name: str,
        args: AwsNodePoolArgs,
        capacity: Capacity,
        order: int,
        together: aws.ec2.PlacementGroup | None,
    ) -> aws.eks.NodeGroup:
        pool, zones = args.pool, args.pool.zones_of(capacity, args.subnets)
        template = self._template(name, args, capacity, together)
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
                min_size=_FEWEST, max_size=_MOST, desired_size=args.starts_with if order == 0 else 0
            ),
            update_config=_update_config(pool),
            node_repair_config=_repair_config(pool),
            labels=labels_of(pool, capacity, order),
            taints=_taints(pool),
            tags=template_tags(pool),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=args.after, ignore_changes=["scalingConfig.desiredSize"]
            ),
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
    labels, accelerator = node_labels(pool.name, capacity, order), pool.accelerator
    if accelerator is None:
        return labels
    gpu = {_GPU_LABEL: accelerator.name} if accelerator.vendor is Vendor.NVIDIA else {}
    return labels | dict([accelerator.node_label]) | gpu


def template_tags(pool: NodePool) -> dict[str, str]:
    """What a node of an empty group would offer, for the autoscaler: it knows machines and NVIDIA GPUs, no more.

    Of the disk 85 %: the kubelet keeps a tenth free, and the system needs its own.
    """
    offered = {"ephemeral-storage": f"{pool.disk_gib * 85 // 100}Gi"}
    if pool.accelerator is not None and pool.accelerator.vendor is Vendor.NEURON:
        offered[pool.accelerator.resource] = str(pool.accelerators_per_node)
    if pool.efa:
        offered[ADAPTER_RESOURCE] = str(pool.adapters_per_node)
    return {f"{_TEMPLATE_TAG}{resource}": amount for resource, amount in offered.items()}


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


def _repair_config(pool: NodePool) -> aws.eks.NodeGroupNodeRepairConfigArgs:
    """EKS replaces a node whose monitoring agent finds it broken; scarce machines one at a time."""
    if pool.accelerator is None:
        return aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True)
    return aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True, max_parallel_nodes_repaired_count=1)
