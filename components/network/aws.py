"""Private network of one AWS region: VPC, one public, private and intra subnet a zone, NAT, endpoints, flow logs.

Public subnets hold load balancers and NAT gateways only: nothing launched in them gets a public address by itself.
Private subnets reach out through NAT, intra subnets reach nothing outside but S3 and DynamoDB. The VPC's default
security group is emptied, so that what is put into it by accident reaches nothing; its default network ACL (all open)
is left as AWS made it.

Owns no security group of cluster or load balancers, no peering and no transit gateway (regions are islands), no IPv6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.cidr import SubnetPlan, plan_subnets
from components.network.aws_endpoints import DEFAULT_SERVICES, AwsEndpoints, AwsEndpointsArgs
from components.network.aws_flow_logs import AwsFlowLogs, AwsFlowLogsArgs
from components.network.types import NetworkOutputs

ANYWHERE = "0.0.0.0/0"
# Where Kubernetes puts load balancers ("Amazon EKS networking requirements", read 2026-11-24).
PUBLIC_ROLE = {"kubernetes.io/role/elb": "1"}
PRIVATE_ROLE = {"kubernetes.io/role/internal-elb": "1"}


class NatMode(StrEnum):
    """How private subnets reach out."""

    SHARED = "shared"  # one gateway, in the first zone by name: cheaper; all zones lose their way out with that zone
    PER_ZONE = "per_zone"  # survives the loss of a zone, and no traffic is paid for between zones


@dataclass(frozen=True, kw_only=True)
class AwsNetworkArgs:
    stack: str
    account: str
    region: str
    cidr: IPv4Network
    zones: tuple[str, ...]  # keys of child names: their order does not matter
    logs_key_arn: pulumi.Input[str]
    permissions_boundary_arn: str
    nat: NatMode = NatMode.SHARED
    interface_endpoints: tuple[str, ...] = DEFAULT_SERVICES  # empty: these services are reached through NAT
    protect_logs: bool = False  # the flow logs' group cannot be deleted until it is taken back

    def __post_init__(self) -> None:
        foreign = [zone for zone in self.zones if zone[:-1] != self.region]
        if foreign or len(self.zones) < 2:
            raise ValueError(f"zones: got {self.zones}; allowed: two or more zones of {self.region} (EKS wants two)")


class AwsNetwork(pulumi.ComponentResource):
    """The network and, in `outputs`, its ids by zone."""

    outputs: NetworkOutputs

    def __init__(self, name: str, args: AwsNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:network:AwsNetwork", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._zones = tuple(sorted(args.zones))
        self._nat_zones = self._zones if args.nat is NatMode.PER_ZONE else self._zones[:1]
        plan = plan_subnets(args.cidr, self._zones)
        vpc = self._vpc()
        public, private, intra = self._subnets(vpc, plan)
        routes = [*self._way_in_and_out(vpc, public)]
        nat = self._nat(public, tuple(routes))
        intra_table = self._table(vpc, "intra")
        private_tables = {zone: self._table(vpc, f"private-{zone}") for zone in self._zones}
        for zone in self._zones:
            routes += [
                aws.ec2.Route(
                    f"{name}-private-{zone}",
                    route_table_id=private_tables[zone].id,
                    destination_cidr_block=ANYWHERE,
                    nat_gateway_id=nat[zone].id,
                    opts=self._child,
                ),
                self._association(f"private-{zone}", private[zone], private_tables[zone]),
                self._association(f"intra-{zone}", intra[zone], intra_table),
            ]
        endpoints = self._endpoints(vpc, intra, [*private_tables.values(), intra_table])
        self._flow_logs(vpc)
        self.outputs = NetworkOutputs(
            vpc_id=vpc.id,
            cidr=args.cidr,
            public_subnet_ids=_ids(public),
            private_subnet_ids=_ids(private),
            intra_subnet_ids=_ids(intra),
            routes=(*routes, *endpoints),
            nat_gateway_ids={zone: nat[zone].id for zone in self._nat_zones},
        )
        self.register_outputs({"vpc_id": vpc.id, "private_subnet_ids": _ids(private)})

    def _vpc(self) -> aws.ec2.Vpc:
        vpc = aws.ec2.Vpc(
            f"{self._name}-vpc",
            cidr_block=str(self._args.cidr),
            enable_dns_hostnames=True,  # with enable_dns_support: private names of endpoints and of the cluster resolve
            enable_dns_support=True,
            tags=self._tags(),
            opts=self._child,
        )
        aws.ec2.DefaultSecurityGroup(
            f"{self._name}-default",
            vpc_id=vpc.id,
            ingress=[],
            egress=[],
            tags=self._tags("default-closed"),
            opts=self._child,
        )
        return vpc

    def _subnets(self, vpc: aws.ec2.Vpc, plan: SubnetPlan) -> tuple[dict[str, aws.ec2.Subnet], ...]:
        """Public, private and intra subnets by zone."""
        kinds: dict[str, tuple[Mapping[str, IPv4Network], dict[str, str]]] = {
            "public": (plan.public, PUBLIC_ROLE),
            "private": (plan.private, PRIVATE_ROLE),
            "intra": (plan.intra, {}),
        }
        return tuple(
            {
                zone: aws.ec2.Subnet(
                    f"{self._name}-{kind}-{zone}",
                    vpc_id=vpc.id,
                    availability_zone=zone,
                    cidr_block=str(ranges[zone]),
                    map_public_ip_on_launch=False,
                    tags={**self._tags(f"{kind}-{zone}"), **role},
                    opts=self._child,
                )
                for zone in self._zones
            }
            for kind, (ranges, role) in kinds.items()
        )

    def _way_in_and_out(self, vpc: aws.ec2.Vpc, public: Mapping[str, aws.ec2.Subnet]) -> list[pulumi.Resource]:
        """The internet gateway and the one route table of the public subnets."""
        gateway = aws.ec2.InternetGateway(f"{self._name}-internet", vpc_id=vpc.id, tags=self._tags(), opts=self._child)
        table = self._table(vpc, "public")
        route = aws.ec2.Route(
            f"{self._name}-public",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=self._child,
        )
        return [route, *(self._association(f"public-{zone}", subnet, table) for zone, subnet in public.items())]

    def _nat(
        self, public: Mapping[str, aws.ec2.Subnet], routes: tuple[pulumi.Resource, ...]
    ) -> dict[str, aws.ec2.NatGateway]:
        """The gateway that each zone uses. `routes` first: a gateway whose subnet has no way out fails."""
        made: dict[str, aws.ec2.NatGateway] = {}
        for zone in self._nat_zones:
            tags = self._tags(f"nat-{zone}")
            address = aws.ec2.Eip(f"{self._name}-nat-{zone}", domain="vpc", tags=tags, opts=self._child)
            made[zone] = aws.ec2.NatGateway(
                f"{self._name}-nat-{zone}",
                allocation_id=address.allocation_id,
                subnet_id=public[zone].id,
                tags=tags,
                opts=pulumi.ResourceOptions(parent=self, depends_on=list(routes)),
            )
        return {zone: made.get(zone, made[self._nat_zones[0]]) for zone in self._zones}

    def _endpoints(
        self, vpc: aws.ec2.Vpc, intra: Mapping[str, aws.ec2.Subnet], tables: list[aws.ec2.RouteTable]
    ) -> tuple[aws.ec2.VpcEndpoint, ...]:
        args = self._args
        return AwsEndpoints(
            f"{self._name}-endpoints",
            AwsEndpointsArgs(
                stack=args.stack,
                account=args.account,
                region=args.region,
                vpc_id=vpc.id,
                cidr=args.cidr,
                subnet_ids=tuple(subnet.id for subnet in intra.values()),
                route_table_ids=tuple(table.id for table in tables),
                services=args.interface_endpoints,
            ),
            self._child,
        ).endpoints

    def _flow_logs(self, vpc: aws.ec2.Vpc) -> None:
        args = self._args
        AwsFlowLogs(
            f"{self._name}-flow-logs",
            AwsFlowLogsArgs(
                stack=args.stack,
                account=args.account,
                region=args.region,
                vpc_id=vpc.id,
                key_arn=args.logs_key_arn,
                permissions_boundary_arn=args.permissions_boundary_arn,
                protect_logs=args.protect_logs,
            ),
            self._child,
        )

    def _table(self, vpc: aws.ec2.Vpc, key: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(f"{self._name}-{key}", vpc_id=vpc.id, tags=self._tags(key), opts=self._child)

    def _association(
        self, key: str, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable
    ) -> aws.ec2.RouteTableAssociation:
        return aws.ec2.RouteTableAssociation(
            f"{self._name}-{key}", subnet_id=subnet.id, route_table_id=table.id, opts=self._child
        )

    def _tags(self, *key: str) -> dict[str, str]:
        return {"Name": "-".join((self._args.stack, *key))}


def _ids(subnets: Mapping[str, aws.ec2.Subnet]) -> dict[str, pulumi.Output[str]]:
    return {zone: subnet.id for zone, subnet in subnets.items()}
