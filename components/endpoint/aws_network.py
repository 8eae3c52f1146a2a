"""An endpoint's place in a VPC: private subnets, and a security group without any way in.

A way out exists only for a reason: to what a model's parts call, and to S3 for captures and files. A container that
has no reason is cut off by SageMaker as well. Owns the group and its rules; not the network interfaces, which are
SageMaker's and go with the endpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class ToGroup:
    """Something behind a security group, to which a door is added."""

    security_group: pulumi.Input[str]
    port: int


@dataclass(frozen=True, kw_only=True)
class ToPrefixList:
    """A service behind a gateway endpoint: S3, DynamoDB."""

    prefix_list: pulumi.Input[str]
    port: int = HTTPS


@dataclass(frozen=True, kw_only=True)
class EndpointNetwork:
    """`reach`: by a word, all that may be called."""

    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[tuple[str, ...]]  # private ones, one a zone
    reach: Mapping[str, ToGroup | ToPrefixList]


@dataclass(frozen=True, kw_only=True)
class AwsEndpointNetworkArgs:
    endpoint: str  # its physical name: the group's too
    network: EndpointNetwork
    tags: Mapping[str, str]


class AwsEndpointNetwork(pulumi.ComponentResource):
    """`rules`: give them to `depends_on` of whatever needs the way at its start."""

    security_group_id: pulumi.Output[str]
    subnet_ids: pulumi.Output[tuple[str, ...]]
    rules: tuple[pulumi.Resource, ...]

    def __init__(self, name: str, args: AwsEndpointNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:endpoint:AwsEndpointNetwork", name, None, opts)
        self._name, self._child = name, pulumi.ResourceOptions(parent=self)
        network = args.network
        group = aws.ec2.SecurityGroup(
            f"{name}-group",
            name=args.endpoint,
            description=f"Endpoint {args.endpoint}",
            vpc_id=network.vpc_id,
            tags={"Name": args.endpoint, **args.tags},
            opts=self._child,
        )
        self.security_group_id = group.id
        self.subnet_ids = pulumi.Output.from_input(network.subnet_ids)
        self.rules = tuple(rule for word in sorted(network.reach) for rule in self._way(word, network.reach[word]))
        self.register_outputs({"security_group": group.id})

    def _way(self, word: str, to: ToGroup | ToPrefixList) -> tuple[pulumi.Resource, ...]:
        out = aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-to-{word}",
            security_group_id=self.security_group_id,
            referenced_security_group_id=to.security_group if isinstance(to, ToGroup) else None,
            prefix_list_id=to.prefix_list if isinstance(to, ToPrefixList) else None,
            ip_protocol="tcp",
            from_port=to.port,
            to_port=to.port,
            description=f"To {word}",
            opts=self._child,
        )
        if not isinstance(to, ToGroup):
            return (out,)
        door = aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-at-{word}",
            security_group_id=to.security_group,
            referenced_security_group_id=self.security_group_id,
            ip_protocol="tcp",
            from_port=to.port,
            to_port=to.port,
            description=f"From {self._name}",
            opts=self._child,
        )
        return (out, door)
