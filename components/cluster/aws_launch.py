"""The launch template of one group of nodes, as a pure function of what the group is.

IMDSv2 with one hop: a pod on its own network cannot reach the node's credentials; pods get theirs by Pod Identity. No
instance profile, image or user data, and no security group unless the template lays out network interfaces: EKS fills
them in and keeps them right.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.accelerators import Vendor
from components.capacity import Capacity
from components.cluster.pools import CapacityBlock, NodePool
from components.labels import Labels

_TAGGED = ("instance", "network-interface", "volume")


@dataclass(frozen=True, kw_only=True)
class Interfaces:
    """How the nodes of a pool with EFA are wired.

    `placement_group`: keeps them close together; None where the machines bought say themselves where they stand.
    """

    adapters: int
    security_group_id: pulumi.Input[str]
    placement_group: pulumi.Input[str] | None


def launch_template_args(
    *,
    name: str,
    pool: NodePool,
    capacity: Capacity,
    key_arn: pulumi.Input[str],
    interfaces: Interfaces | None,
    labels: Labels,
) -> aws.ec2.LaunchTemplateArgs:
    """The template names a machine for a capacity block only; otherwise the node group names its machines itself."""
    is_block = capacity is Capacity.CAPACITY_BLOCK
    placement = interfaces.placement_group if interfaces else None
    return aws.ec2.LaunchTemplateArgs(
        name=name,
        instance_type=pool.machines[0] if is_block else None,
        instance_market_options=(
            aws.ec2.LaunchTemplateInstanceMarketOptionsArgs(market_type="capacity-block") if is_block else None
        ),
        capacity_reservation_specification=_reservation(capacity, pool.capacity_block),
        block_device_mappings=_disks(pool, key_arn),
        network_interfaces=_network_interfaces(interfaces) if interfaces else None,
        placement=aws.ec2.LaunchTemplatePlacementArgs(group_name=placement) if placement is not None else None,
        metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        monitoring=aws.ec2.LaunchTemplateMonitoringArgs(enabled=False),
        # What EC2 makes from the template gets no default tags of the provider.
        tag_specifications=[
            aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags={**labels.tags(), "Name": name})
            for kind in _TAGGED
        ],
    )


def _network_interfaces(wanted: Interfaces) -> list[aws.ec2.LaunchTemplateNetworkInterfaceArgs]:
    """Addresses for pods on the first interface, and one adapter without an address on each network card.

    As "Maximize network bandwidth on Amazon EC2 instances with multiple network cards" of the EC2 user guide lays them
    out (read 2026-11-24): the first card holds both, each other card its adapter only. With interfaces of its own a
    template must name the security group: EKS then adds none. That of the cluster lets its members exchange anything.
    """
    cards = [(0, 0, "interface"), (0, 1, "efa-only"), *((card, 0, "efa-only") for card in range(1, wanted.adapters))]
    return [
        aws.ec2.LaunchTemplateNetworkInterfaceArgs(
            network_card_index=card,
            device_index=device,
            interface_type=kind,
            security_groups=[wanted.security_group_id],
            delete_on_termination="true",
        )
        for card, device, kind in cards
    ]


def _reservation(
    capacity: Capacity, block: CapacityBlock | None
) -> aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs | None:
    if capacity is Capacity.RESERVATION:
        # Any open reservation of the account that fits, and never on-demand beyond it: that is another group.
        return aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs(
            capacity_reservation_preference="capacity-reservations-only"
        )
    if capacity is Capacity.CAPACITY_BLOCK and block is not None:
        return aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs(
            capacity_reservation_target=aws.ec2.LaunchTemplateCapacityReservationSpecificationCapacityReservationTargetArgs(
                capacity_reservation_id=block.reservation_id
            )
        )
    return None


def _disks(pool: NodePool, key_arn: pulumi.Input[str]) -> list[aws.ec2.LaunchTemplateBlockDeviceMappingArgs]:
    """Bottlerocket has two disks: the system, as large as the image says, and images and scratch data of the pods.

    Amazon Linux, which Neuron nodes run, keeps all on one.
    """
    one_disk = pool.accelerator is not None and pool.accelerator.vendor is Vendor.NEURON
    bottlerocket = (("/dev/xvda", None, None), ("/dev/xvdb", pool.disk_gib, 250))
    return [
        aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
            device_name=device,
            ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                volume_type="gp3",
                volume_size=size,
                throughput=throughput,
                encrypted="true",
                kms_key_id=key_arn,
                delete_on_termination="true",
            ),
        )
        # 250 MiB/s, twice the default of gp3: model images are gigabytes, and pulling them is most of a cold start.
        for device, size, throughput in ((("/dev/xvda", pool.disk_gib, 250),) if one_disk else bottlerocket)
    ]
