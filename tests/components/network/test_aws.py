"""The network of an AWS region: every subnet where the plan says, each way out as asked, nothing open by accident."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws
import pytest

from components.network.aws import AwsNetwork, AwsNetworkArgs, NatMode
from components.network.aws_endpoints import DEFAULT_SERVICES, AwsEndpointsArgs
from components.network.aws_existing import AwsExistingNetworkArgs, existing_network
from tests.recorder import Graph, Recorded, record

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
ARGS = AwsNetworkArgs(
    stack="demo-aws-eu-west-1",
    account="123456789012",
    region="eu-west-1",
    cidr=IPv4Network("10.20.0.0/16"),
    zones=ZONES,
    logs_key_arn="arn:aws:kms:eu-west-1:123456789012:key/logs",
    permissions_boundary_arn="arn:aws:iam::123456789012:policy/homeport-delivery/demo-eu-workload",
)


@cache
def network(args: AwsNetworkArgs = ARGS, *, preview: bool = False) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsNetwork("network", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("private", dict(made.outputs.private_subnet_ids))
        pulumi.export("nat", dict(made.outputs.nat_gateway_ids))
        pulumi.export("routes", [resource.urn for resource in made.outputs.routes])

    return record(program, preview=preview)


def subnets(graph: Graph, kind: str) -> dict[str, Recorded]:
    return {r["availabilityZone"]: r for r in graph.all("Subnet") if r.name.startswith(f"network-{kind}-")}


def table_of(graph: Graph, subnet: Recorded) -> str:
    """The name of the route table that a subnet uses."""
    [association] = [a for a in graph.all("RouteTableAssociation") if a["subnetId"] == subnet.id]
    [table] = [t for t in graph.all("RouteTable") if t.id == association["routeTableId"]]
    return table.name


def test_every_subnet_lies_inside_the_vpc_and_none_overlap() -> None:
    ranges = [IPv4Network(subnet["cidrBlock"]) for subnet in network().all("Subnet")]
    assert len(ranges) == 9
    assert all(one.subnet_of(ARGS.cidr) for one in ranges)
    assert not any(one.overlaps(other) for one in ranges for other in ranges if one is not other)


def test_nothing_launched_in_a_subnet_gets_a_public_address_by_itself() -> None:
    assert {subnet["mapPublicIpOnLaunch"] for subnet in network().all("Subnet")} == {False}


def test_public_and_private_subnets_are_marked_for_load_balancers_and_intra_ones_are_not() -> None:
    marks = {
        kind: {tuple(sorted(set(s["tags"]) - {"Name"})) for s in subnets(network(), kind).values()}
        for kind in ("public", "private", "intra")
    }
    assert marks == {
        "public": {("kubernetes.io/role/elb",)},
        "private": {("kubernetes.io/role/internal-elb",)},
        "intra": {()},
    }


def test_the_vpc_resolves_private_names() -> None:
    vpc = network().one("Vpc")
    assert (vpc["enableDnsHostnames"], vpc["enableDnsSupport"], vpc["cidrBlock"]) == (True, True, "10.20.0.0/16")


def test_the_default_security_group_lets_nothing_through() -> None:
    group = network().one("DefaultSecurityGroup")
    assert (group["ingress"], group["egress"]) == ([], [])


def test_one_shared_gateway_stands_in_the_first_zone_and_serves_all() -> None:
    graph = network()
    assert graph.one("NatGateway")["subnetId"] == subnets(graph, "public")["eu-west-1a"].id
    assert {route["natGatewayId"] for route in graph.all("Route") if "natGatewayId" in route.inputs} == {
        graph.one("NatGateway").id
    }


def test_a_nat_gateway_waits_until_its_subnet_has_a_way_out() -> None:
    graph = network()
    routing = [*graph.all("Route"), *graph.all("RouteTableAssociation")]
    way_out = {r.urn for r in routing if r.name.startswith("network-public")}
    assert way_out <= graph.one("NatGateway").dependencies
    assert len(way_out) == 1 + len(ZONES)


def test_the_order_of_zones_moves_nothing() -> None:
    assert network(replace(ARGS, zones=ZONES[::-1])).text() == network().text()


def test_a_gateway_a_zone_serves_its_own_zone_only() -> None:
    graph = network(replace(ARGS, nat=NatMode.PER_ZONE))
    assert len(graph.all("NatGateway")) == len(graph.all("Eip")) == 3
    for zone in ZONES:
        [gateway] = [g for g in graph.all("NatGateway") if g.name == f"network-nat-{zone}"]
        [route] = [r for r in graph.all("Route") if r.name == f"network-private-{zone}"]
        assert gateway["subnetId"] == subnets(graph, "public")[zone].id
        assert route["natGatewayId"] == gateway.id


def test_adding_a_zone_changes_nothing_that_exists() -> None:
    fewer = {
        r.urn: r
        for r in network(replace(ARGS, zones=ZONES[:2])).resources
        if r.custom and r.type != "aws:ec2/vpcEndpoint:VpcEndpoint"
    }
    more = {r.urn: r for r in network().resources}
    assert {urn: dict(r.inputs) for urn, r in fewer.items()} == {urn: dict(more[urn].inputs) for urn in fewer}


def test_private_subnets_have_a_table_each_and_intra_ones_a_table_without_a_way_out() -> None:
    graph = network()
    assert {zone: table_of(graph, s) for zone, s in subnets(graph, "private").items()} == {
        z: f"network-private-{z}" for z in ZONES
    }
    assert {table_of(graph, s) for s in subnets(graph, "intra").values()} == {"network-intra"}
    [intra] = [t.id for t in graph.all("RouteTable") if t.name == "network-intra"]
    assert intra not in {route["routeTableId"] for route in graph.all("Route")}


def test_only_public_subnets_meet_the_internet_gateway() -> None:
    graph = network()
    [route] = [r for r in graph.all("Route") if "gatewayId" in r.inputs]
    assert {table_of(graph, s) for s in subnets(graph, "public").values()} == {"network-public"}
    assert (route["gatewayId"], route.name) == (graph.one("InternetGateway").id, "network-public")


def test_who_needs_a_way_out_can_wait_for_every_route_and_endpoint() -> None:
    graph = network()
    kinds = ("Route", "RouteTableAssociation", "VpcEndpoint")
    assert set(graph.outputs["routes"]) == {one.urn for kind in kinds for one in graph.all(kind)}


def test_an_endpoint_takes_over_a_service_s_name_only_once_it_can_be_reached() -> None:
    graph = network()
    [rule] = [r for r in graph.all("SecurityGroupIngressRule") if r.name.startswith("network-endpoints")]
    assert all(rule.urn in one.dependencies for one in endpoints(graph, "Interface").values())


def endpoints(graph: Graph, kind: str) -> dict[str, Recorded]:
    return {r["serviceName"]: r for r in graph.all("VpcEndpoint") if r["vpcEndpointType"] == kind}


def test_s3_and_dynamodb_are_reached_from_private_and_intra_subnets_without_the_internet() -> None:
    graph = network()
    found = endpoints(graph, "Gateway")
    tables = {t.id for t in graph.all("RouteTable") if t.name != "network-public"}
    assert set(found) == {"com.amazonaws.eu-west-1.s3", "com.amazonaws.eu-west-1.dynamodb"}
    assert all(set(endpoint["routeTableIds"]) == tables for endpoint in found.values())


def test_data_leaves_through_the_gateway_endpoints_into_this_account_only() -> None:
    for service in ("s3", "dynamodb"):
        policy = json.loads(endpoints(network(), "Gateway")[f"com.amazonaws.eu-west-1.{service}"]["policy"])
        open_to_all = {a for s in policy["Statement"] if "Condition" not in s for a in s["Action"]}
        assert open_to_all <= {"s3:GetObject"}
        assert policy["Statement"][0]["Condition"] == {
            "StringEquals": {"aws:PrincipalAccount": "123456789012", "aws:ResourceAccount": "123456789012"}
        }


def test_interface_endpoints_answer_under_the_services_own_names_to_the_vpc_only() -> None:
    graph = network()
    found = endpoints(graph, "Interface")
    rule = graph.one("SecurityGroupIngressRule")
    assert set(found) == {f"com.amazonaws.eu-west-1.{service}" for service in DEFAULT_SERVICES}
    assert {e["privateDnsEnabled"] for e in found.values()} == {True}
    assert {tuple(e["securityGroupIds"]) for e in found.values()} == {(graph.one("SecurityGroup").id,)}
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.20.0.0/16", 443, 443)
    assert graph.all("SecurityGroupEgressRule") == ()


def test_without_interface_endpoints_no_security_group_is_left_over() -> None:
    graph = network(replace(ARGS, interface_endpoints=()))
    assert endpoints(graph, "Interface") == {}
    assert graph.all("SecurityGroup") == ()


def test_flow_logs_of_all_traffic_are_kept_encrypted() -> None:
    graph = network()
    group, log = graph.one("LogGroup"), graph.one("FlowLog")
    assert (group["name"], group["kmsKeyId"], group["retentionInDays"]) == (
        "/homeport/demo-aws-eu-west-1/flow-logs",
        ARGS.logs_key_arn,
        90,
    )
    assert (log["trafficType"], log["logDestination"]) == ("ALL", group.outputs["arn"])


def test_the_flow_logs_role_is_taken_by_flow_logs_of_this_account_only() -> None:
    role = network().one("Role")
    [statement] = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-west-1:123456789012:vpc-flow-log/*"},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }
    assert (role["path"], role["permissionsBoundary"]) == ("/homeport/", ARGS.permissions_boundary_arn)


def test_the_flow_logs_role_writes_to_its_own_group_only() -> None:
    graph = network()
    group = graph.one("LogGroup").outputs["arn"]
    write, _find = json.loads(graph.one("RolePolicy")["policy"])["Statement"]
    assert write["Resource"] == [group, f"{group}:*"]
    assert "*" not in "".join(write["Action"])


def test_a_preview_declares_the_same() -> None:
    assert {r.urn for r in network(preview=True).resources} == {r.urn for r in network().resources}


@pytest.mark.parametrize("zones", [("eu-west-1a",), ("eu-west-1a", "eu-central-1b")])
def test_too_few_or_foreign_zones_are_refused(zones: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="two or more zones of eu-west-1"):
        replace(ARGS, zones=zones)


@pytest.mark.parametrize("services", [("s3",), ("sts", "sts")])
def test_interface_endpoints_of_gateway_services_or_twice_are_refused(services: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no service twice"):
        AwsEndpointsArgs(
            stack="s",
            account="1",
            region="eu-west-1",
            vpc_id="vpc-1",
            cidr=ARGS.cidr,
            subnet_ids=(),
            route_table_ids=(),
            services=services,
        )


EXISTING = AwsExistingNetworkArgs(
    vpc_id="vpc-1",
    cidr=IPv4Network("10.9.0.0/16"),
    private_subnet_ids={"eu-west-1a": "subnet-1", "eu-west-1b": "subnet-2"},
)


def test_an_existing_vpc_declares_nothing_and_gives_the_same_outputs() -> None:
    def program() -> None:
        found = existing_network(EXISTING)
        pulumi.export("vpc", found.vpc_id)
        pulumi.export("private", dict(found.private_subnet_ids))
        pulumi.export("intra", dict(found.intra_subnet_ids))
        assert found.routes == ()

    graph = record(program)
    ids = {"eu-west-1a": "subnet-1", "eu-west-1b": "subnet-2"}
    assert graph.outputs == {"vpc": "vpc-1", "private": ids, "intra": ids}
    assert [r for r in graph.resources if r.type != "pulumi:pulumi:Stack"] == []


def test_an_existing_vpc_with_one_private_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="two or more zones"):
        replace(EXISTING, private_subnet_ids={"eu-west-1a": "subnet-1"})


@pytest.mark.parametrize(("mode", "zones"), [(NatMode.SHARED, ZONES[:1]), (NatMode.PER_ZONE, ZONES)])
def test_gateways_are_told_by_the_zone_in_which_they_stand(mode: NatMode, zones: tuple[str, ...]) -> None:
    graph = network(replace(ARGS, nat=mode))
    assert graph.outputs["nat"] == {zone: graph.one("NatGateway", f"network-nat-{zone}").id for zone in zones}
