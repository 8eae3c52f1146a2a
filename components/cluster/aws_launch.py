"""The launch template of one group of nodes, as a pure function of what the group is.

IMDSv2 with one hop: a pod on its own network cannot reach the node's credentials; pods get theirs by Pod Identity. No
security group, instance profile, image or user data: EKS fills them in and keeps them right.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.capacity import Capacity
from components.cluster.pools import CapacityBlock
from components.labels import Labels

_TAGGED = ("instance", "network-interface", "volume")


def launch_template_args(
    *,
    name: str,
    capacity: Capacity,
    block: CapacityBlock | None,
    machine: str,
    disk_gib: int,
    key_arn: pulumi.Input[str],
    labels: Labels,
) -> aws.ec2.LaunchTemplateArgs:
    """`machine` counts for a capacity block only; otherwise the node group names its machines itself."""
    is_block = capacity is Capacity.CAPACITY_BLOCK
    return aws.ec2.LaunchTemplateArgs(
        name=name,
        instance_type=machine if is_block else None,
        instance_market_options=(
            aws.ec2.LaunchTemplateInstanceMarketOptionsArgs(market_type="capacity-block") if is_block else None
        ),
        capacity_reservation_specification=_reservation(capacity, block),
        block_device_mappings=_disks(disk_gib, key_arn),
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


def _disks(disk_gib: int, key_arn: pulumi.Input[str]) -> list[aws.ec2.LaunchTemplateBlockDeviceMappingArgs]:
    """Bottlerocket's two disks: the system, as large as the image says, and images and scratch data of the pods."""
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
        for device, size, throughput in (("/dev/xvda", None, None), ("/dev/xvdb", disk_gib, 250))
    ]
