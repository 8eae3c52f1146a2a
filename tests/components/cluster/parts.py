"""A cluster's arguments with plain stand-ins for the network, identities and keys that other components make."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

import pulumi
import pulumi_aws as aws

from components.accelerators import ACCELERATORS
from components.capacity import Capacity
from components.cluster.aws import AwsCluster, AwsClusterArgs, system_pool
from components.cluster.aws_addons import ADDONS
from components.cluster.pools import CapacityBlock, NodePool
from components.identity.types import IdentityOutputs
from components.keys.types import KeysOutputs
from components.labels import Labels
from components.network.types import NetworkOutputs
from tests.recorder import Graph, record

ACCOUNT = "123456789012"
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
LABELS = Labels(environment="demo", stack="demo-aws-eu-west-1", jurisdiction="eu")
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/ci/apply"
VIEWER = f"arn:aws:iam::{ACCOUNT}:role/preview"
SYSTEM = system_pool(machines=("m7i.large", "m6i.large"), min_nodes=2, max_nodes=6)
GPU = NodePool(
    name="gpu-l4",
    machines=("g6.xlarge", "g6.2xlarge"),
    capacity=(Capacity.RESERVATION, Capacity.SPOT, Capacity.ON_DEMAND),
    min_nodes=1,
    max_nodes=8,
    accelerator=ACCELERATORS["l4"],
)
BLOCK = replace(
    GPU,
    name="gpu-h100",
    machines=("p5.48xlarge",),
    capacity=(Capacity.CAPACITY_BLOCK,),
    min_nodes=0,
    accelerator=ACCELERATORS["h100"],
    capacity_block=CapacityBlock(reservation_id="cr-0123456789abcdef0", zone="eu-west-1b"),
)
NEURON = replace(
    GPU,
    name="inferentia",
    machines=("inf2.24xlarge",),
    capacity=(Capacity.ON_DEMAND,),
    min_nodes=0,
    accelerator=ACCELERATORS["inferentia2"],
)
CLOSE = replace(
    GPU,
    name="gpu-a100",
    machines=("p4d.24xlarge",),
    capacity=(Capacity.RESERVATION, Capacity.ON_DEMAND),
    min_nodes=0,
    accelerator=ACCELERATORS["a100"],
    efa=True,
)


def _subnets(digit: str) -> dict[str, pulumi.Output[str]]:
    return {zone: pulumi.Output.from_input(f"subnet-0000000000000{digit}{zone[-1]}0") for zone in ZONES}


def _key(digit: str) -> pulumi.Output[str]:
    return pulumi.Output.from_input(f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{digit * 8}-0000-4000-8000-000000000000")


def _role(name: str) -> pulumi.Output[str]:
    return pulumi.Output.from_input(f"arn:aws:iam::{ACCOUNT}:role/homeport/{name}")


def cluster_args(**changes: Any) -> AwsClusterArgs:
    """Valid arguments with some fields changed; to be called inside a program, as it makes outputs."""
    fields: dict[str, Any] = {
        "place": "eu-west-1",
        "cluster_name": "demo-aws-eu-west-1",
        "version": "1.34",
        "public_access": (IPv4Network("203.0.113.0/24"),),
        "admins": (ADMIN,),
        "viewers": (VIEWER,),
        "system_pool": SYSTEM,
        "pools": (GPU, BLOCK),
        "addon_versions": {addon: f"v1.{index}.0-eksbuild.1" for index, addon in enumerate(ADDONS)},
        "network": NetworkOutputs(
            vpc_id=pulumi.Output.from_input("vpc-00000000000000001"),
            cidr=IPv4Network("10.20.0.0/16"),
            public_subnet_ids=_subnets("1"),
            private_subnet_ids=_subnets("2"),
            intra_subnet_ids=_subnets("3"),
        ),
        "identity": IdentityOutputs(
            cluster_role_arn=_role("cluster"),
            node_role_arn=_role("node"),
            cni_role_arn=_role("vpc-cni"),
            volume_driver_role_arn=_role("ebs-csi"),
            agent_role_arn=_role("agent"),
            attachments=(),
        ),
        "keys": KeysOutputs(
            secrets_key_arn=_key("1"),
            volumes_key_arn=_key("2"),
            logs_key_arn=_key("3"),
            images_key_arn=_key("4"),
            weights_key_arn=_key("5"),
            alarms_key_arn=_key("6"),
        ),
        "protect_data": False,
        "labels": LABELS,
    }
    return AwsClusterArgs(**{**fields, **changes})


def record_cluster(*, preview: bool = False, **changes: Any) -> Graph:
    """The recorded graph of one cluster in eu-west-1."""

    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1", allowed_account_ids=[ACCOUNT])
        cluster = AwsCluster("cluster", cluster_args(**changes), pulumi.ResourceOptions(provider=provider))
        pulumi.export("identifier", cluster.outputs.identifier)
        pulumi.export("security_group_id", cluster.outputs.security_group_id)
        pulumi.export("scaling_groups", {pool: list(all_) for pool, all_ in cluster.outputs.scaling_groups.items()})

    return record(program, preview=preview)
