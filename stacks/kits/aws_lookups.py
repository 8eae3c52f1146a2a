"""What is asked of AWS while the graph is built: zones, an adopted network, add-on versions, the domain's zone."""

from __future__ import annotations

from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.cluster.aws_addons import ADDONS
from components.endpoint.aws_monitor import IMAGE_REPOSITORY
from components.network.aws_existing import AwsExistingNetworkArgs
from stacks.settings import ExistingNetwork

# EKS puts no control plane there: "Subnet requirements for clusters" in its user guide names the exception; the ids are
# from knowledge. Ids, not names: what is zone `a` for one account is another's `c`.
ZONES_WITHOUT_EKS = ["use1-az3", "usw1-az2", "cac1-az3"]


class AwsLookups:
    """Questions to one region of the provider's account; nothing is changed."""

    def __init__(self, region: str, provider: aws.Provider) -> None:
        self._region, self._provider = region, provider

    def zones(self, file: str, wanted: int) -> tuple[str, ...]:
        """The first zones by name that EKS takes; local zones, which may lie abroad, are left out.

        Raises `pulumi.RunError`, naming the stack's `file`, where the account is offered fewer.
        """
        found = aws.get_availability_zones(
            state="available",
            exclude_zone_ids=ZONES_WITHOUT_EKS,
            filters=[aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])],
            opts=self._at_once,
        )
        names = sorted(found.names)
        if len(names) < wanted:
            raise pulumi.RunError(
                f"{file}: region.network.zones: got {wanted}; allowed: at most {len(names)}, "
                f"since {self._region} offers this account {', '.join(names)}; ask for fewer zones"
            )
        return tuple(names[:wanted])

    def existing(self, network: ExistingNetwork) -> AwsExistingNetworkArgs:
        """The adopted network, its range as EC2 knows it."""
        found = aws.ec2.get_vpc(id=network.existing, opts=self._at_once)
        by_zone = [
            {f"{self._region}{letter}": subnet for letter, subnet in subnets.items()}
            for subnets in (network.private_subnets, network.public_subnets, network.intra_subnets)
        ]
        return AwsExistingNetworkArgs(
            vpc_id=network.existing,
            cidr=IPv4Network(found.cidr_block),
            private_subnet_ids=by_zone[0],
            public_subnet_ids=by_zone[1],
            intra_subnet_ids=by_zone[2],
        )

    def addon_versions(self, version: str) -> dict[str, pulumi.Input[str]]:
        """The version of each add-on that EKS gives a cluster of this version when nobody names one."""
        return {
            name: aws.eks.get_addon_version_output(
                addon_name=name, kubernetes_version=version, opts=self._later
            ).version
            for name in ADDONS
        }

    def zone_id(self, domain: str) -> pulumi.Output[str]:
        """The account stack's zone, found by the domain: nobody reads that stack's state."""
        return aws.route53.get_zone_output(name=domain, private_zone=False, opts=self._later).zone_id

    def prefix_list(self, service: str) -> pulumi.Output[str]:
        """The id of AWS's list of a service's addresses, `s3` or `dynamodb`, for rules of security groups."""
        name = f"com.amazonaws.{self._region}.{service}"
        return aws.ec2.get_managed_prefix_list_output(name=name, opts=self._later).id

    def monitor_image(self) -> pulumi.Output[str]:
        """AWS's own image of SageMaker Model Monitor in this region, by the tag that AWS moves: it has no other."""
        return aws.sagemaker.get_prebuilt_ecr_image_output(
            repository_name=IMAGE_REPOSITORY, image_tag="latest", opts=self._later
        ).registry_path

    @property
    def _at_once(self) -> pulumi.InvokeOptions:
        return pulumi.InvokeOptions(provider=self._provider)

    @property
    def _later(self) -> pulumi.InvokeOutputOptions:
        return pulumi.InvokeOutputOptions(provider=self._provider)
