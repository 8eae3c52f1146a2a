"""A function's way into a VPC, only where something that it calls has no other: a cache, a balancer in the cluster.

Owns the function's security group and the rules of both sides: what it may reach, and, where that is guarded by a
security group, the door there. The network interfaces are Lambda's own; they outlive a deleted function by up to 20
minutes, so on its end the function hands them to the VPC's default group, and ours can go at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import Statement, arn

HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class ReachedGroup:
    """What stands behind a security group: that group's id, to which a door is added, and its port."""

    security_group: pulumi.Input[str]
    port: pulumi.Input[int]


@dataclass(frozen=True, kw_only=True)
class ReachedRange:
    """What stands at addresses, without a group that we know."""

    cidr: str
    port: int = HTTPS


Reached = ReachedGroup | ReachedRange


@dataclass(frozen=True, kw_only=True)
class FunctionNetwork:
    """`subnet_ids`: private ones, one a zone. `reach`: by a word, the only things that the function may call there.

    The services of AWS that it calls need a way too: an endpoint in the VPC, or NAT.
    """

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]] | pulumi.Output[Sequence[str]]
    reach: Mapping[str, Reached]

    def __post_init__(self) -> None:
        if not isinstance(self.subnet_ids, pulumi.Output) and len(self.subnet_ids) < 2:
            raise ValueError(f"subnet_ids: got {self.subnet_ids!r}; allowed: two or more, so that a zone may be lost")
        if not self.reach:
            raise ValueError("reach: got nothing; allowed: what is in the VPC, or no network at all")


@dataclass(frozen=True, kw_only=True)
class AwsFunctionNetworkArgs:
    function: str  # its physical name: the group's too
    network: FunctionNetwork
    tags: Mapping[str, str]


class AwsFunctionNetwork(pulumi.ComponentResource):
    """`rules`: give them to `depends_on` of whatever needs the way at its start."""

    vpc_config: aws.lambda_.FunctionVpcConfigArgs
    rules: tuple[pulumi.Resource, ...]

    def __init__(self, name: str, args: AwsFunctionNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:serverless:AwsFunctionNetwork", name, None, opts)
        self._name, self._child = name, pulumi.ResourceOptions(parent=self)
        network = args.network
        self._group = aws.ec2.SecurityGroup(
            f"{name}-group",
            name=args.function,
            description=f"Function {args.function}",
            vpc_id=network.vpc_id,
            tags={"Name": args.function, **args.tags},
            opts=self._child,
        )
        self.rules = tuple(rule for word in sorted(network.reach) for rule in self._way(word, network.reach[word]))
        self.vpc_config = aws.lambda_.FunctionVpcConfigArgs(
            security_group_ids=[self._group.id],
            subnet_ids=network.subnet_ids,
        )
        self.register_outputs({"security_group": self._group.id})

    def _way(self, word: str, reached: Reached) -> tuple[pulumi.Resource, ...]:
        group = reached.security_group if isinstance(reached, ReachedGroup) else None
        out = aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-to-{word}",
            security_group_id=self._group.id,
            referenced_security_group_id=group,
            cidr_ipv4=reached.cidr if isinstance(reached, ReachedRange) else None,
            ip_protocol="tcp",
            from_port=reached.port,
            to_port=reached.port,
            description=f"To {word}",
            opts=self._child,
        )
        if group is None:
            return (out,)
        door = aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-at-{word}",
            security_group_id=group,
            referenced_security_group_id=self._group.id,
            ip_protocol="tcp",
            from_port=reached.port,
            to_port=reached.port,
            description=f"From {self._name}",
            opts=self._child,
        )
        return (out, door)


def interfaces(account: str, region: str) -> tuple[Statement, ...]:
    """The rights by which Lambda, in the function's name, makes and removes network interfaces.

    It asks for them on the account's whole EC2 before it takes a function in a VPC, so narrower resources are refused
    ("Giving Lambda functions access to resources in a VPC", read 2026-11-24).
    """
    return (
        Statement(
            sid="Interfaces",
            actions=(
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:UnassignPrivateIpAddresses",
            ),
            resources=(arn("ec2", "*/*", region=region, account=account),),
        ),
        Statement(
            sid="SeeInterfaces",
            actions=("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
            resources=("*",),
        ),
    )
