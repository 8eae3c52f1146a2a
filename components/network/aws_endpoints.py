"""Ways from a VPC to AWS services that do not cross the internet.

S3 and DynamoDB have gateway endpoints (free, by route table) which also guard data: through them anything may be
read, but written only into this account. Reading stays open because layers of public images lie in buckets of others.
Interface endpoints keep AWS's default policy: STS and ECR are called without an identity of this account too.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.aws_policies import Conditions, Statement, document
from components.naming import aws_partition

DEFAULT_SERVICES = (
    "autoscaling",
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "sts",
)
"""What nodes, add-ons and the control plane's helpers call all day. Each costs by the hour and zone, NAT by the
gigabyte.
"""

HTTPS = 443
_EVERYTHING = ("*",)  # an endpoint's policy cannot name buckets that are not made yet; the conditions name the account


@dataclass(frozen=True, kw_only=True)
class AwsEndpointsArgs:
    stack: str
    account: str
    region: str
    vpc_id: pulumi.Input[str]
    cidr: IPv4Network
    subnet_ids: tuple[pulumi.Input[str], ...]  # one a zone
    route_table_ids: tuple[pulumi.Input[str], ...]
    services: tuple[str, ...]

    def __post_init__(self) -> None:
        if {"s3", "dynamodb"} & set(self.services) or len(set(self.services)) != len(self.services):
            raise ValueError(
                f"services: got {self.services}; allowed: no service twice, not s3 and dynamodb (gateways)"
            )


class AwsEndpoints(pulumi.ComponentResource):
    """Gateway endpoints always; interface endpoints as asked, behind a security group that only the VPC can reach."""

    endpoints: tuple[aws.ec2.VpcEndpoint, ...]

    def __init__(self, name: str, args: AwsEndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:network:AwsEndpoints", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        gateways = [
            aws.ec2.VpcEndpoint(
                f"{name}-{service}",
                vpc_id=args.vpc_id,
                vpc_endpoint_type="Gateway",
                service_name=f"com.amazonaws.{args.region}.{service}",
                route_table_ids=list(args.route_table_ids),
                policy=policy,
                tags={"Name": f"{args.stack}-{service}"},
                opts=child,
            )
            for service, policy in gateway_policies(args.account).items()
        ]
        self.endpoints = (*gateways, *_interfaces(name, args, child))
        self.register_outputs({})


def gateway_policies(account: str) -> dict[str, str]:
    """Policies of the gateway endpoints by service: all for this account in this account, and reading from S3."""
    own: Conditions = {"StringEquals": {"aws:PrincipalAccount": account, "aws:ResourceAccount": account}}
    anyone = {"AWS": "*"}  # callers of the VPC; narrowed by `own`

    def within(service: str) -> Statement:
        return Statement(
            sid="WithinTheAccount",
            actions=(f"{service}:*",),  # not a grant: what a caller may do is said by its own policies
            resources=_EVERYTHING,
            principal=anyone,
            conditions=own,
        )

    reading = Statement(sid="ReadAnywhere", actions=("s3:GetObject",), resources=_EVERYTHING, principal=anyone)
    return {"s3": document(within("s3"), reading), "dynamodb": document(within("dynamodb"))}


def _interfaces(name: str, args: AwsEndpointsArgs, child: pulumi.ResourceOptions) -> list[aws.ec2.VpcEndpoint]:
    """One endpoint a service. The way in stands first and goes last: the service's name leads to nowhere else."""
    if not args.services:
        return []
    group = _group(name, args, child)
    way_in = _way_in(name, args, group, child)
    # The partition's domain backwards: com.amazonaws, in China cn.com.amazonaws (not so for gateways).
    prefix = ".".join((*reversed(aws_partition(args.region).dns_suffix.split(".")), args.region))
    return [
        aws.ec2.VpcEndpoint(
            f"{name}-{service}",
            vpc_id=args.vpc_id,
            vpc_endpoint_type="Interface",
            service_name=f"{prefix}.{service}",
            private_dns_enabled=True,  # the service's ordinary name leads here, so no client needs to know
            subnet_ids=list(args.subnet_ids),
            security_group_ids=[group.id],
            tags={"Name": f"{args.stack}-{service}"},
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[way_in])),
        )
        for service in args.services
    ]


def _group(name: str, args: AwsEndpointsArgs, child: pulumi.ResourceOptions) -> aws.ec2.SecurityGroup:
    """Without a rule outwards, as an endpoint only answers."""
    return aws.ec2.SecurityGroup(
        f"{name}-clients",
        name=f"{args.stack}-endpoints",
        description="HTTPS from inside the VPC to interface endpoints",
        vpc_id=args.vpc_id,
        tags={"Name": f"{args.stack}-endpoints"},
        opts=child,
    )


def _way_in(
    name: str, args: AwsEndpointsArgs, group: aws.ec2.SecurityGroup, child: pulumi.ResourceOptions
) -> aws.vpc.SecurityGroupIngressRule:
    """HTTPS from inside the VPC."""
    return aws.vpc.SecurityGroupIngressRule(
        f"{name}-https",
        security_group_id=group.id,
        description="HTTPS from the VPC",
        cidr_ipv4=str(args.cidr),
        ip_protocol="tcp",
        from_port=HTTPS,
        to_port=HTTPS,
        tags={"Name": f"{args.stack}-endpoints-https"},
        opts=child,
    )
