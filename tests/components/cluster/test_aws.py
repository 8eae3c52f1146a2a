"""The EKS cluster of a region, as declared."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws
import pytest

from components.cluster.aws import AwsCluster, system_pool
from components.cluster.aws_addons import ADDONS
from tests.components.cluster.parts import ACCOUNT, ADMIN, BLOCK, GPU, SYSTEM, VIEWER, cluster_args, record_cluster
from tests.recorder import Graph, record


class Thing(pulumi.ComponentResource):
    """Something that another component would have made."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("test:cluster:Thing", name, None, opts)
        self.made = aws.ec2.Eip(name, domain="vpc", opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


@pytest.fixture(scope="module")
def graph() -> Graph:
    return record_cluster()


def test_only_access_entries_let_anyone_in(graph: Graph) -> None:
    assert graph.one("Cluster")["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    policies = {
        one["principalArn"]: one["policyArn"].rpartition("/")[2] for one in graph.all("AccessPolicyAssociation")
    }
    assert policies == {ADMIN: "AmazonEKSClusterAdminPolicy", VIEWER: "AmazonEKSViewPolicy"}
    assert {one["principalArn"] for one in graph.all("AccessEntry")} == set(policies)


def test_the_api_answers_inside_and_to_the_networks_given(graph: Graph) -> None:
    network = graph.one("Cluster")["vpcConfig"]
    assert network["endpointPrivateAccess"] is True
    assert network["endpointPublicAccess"] is True
    assert network["publicAccessCidrs"] == ["203.0.113.0/24"]


def test_without_networks_the_api_does_not_answer_outside_at_all() -> None:
    network = record_cluster(public_access=(), pools=()).one("Cluster")["vpcConfig"]
    assert network["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in network


def test_hosts_of_the_network_reach_the_api_without_being_nodes(graph: Graph) -> None:
    group, rule = graph.one("SecurityGroup"), graph.one("SecurityGroupIngressRule")
    assert graph.one("Cluster")["vpcConfig"]["securityGroupIds"] == [group.id]
    assert rule["securityGroupId"] == group.id
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.20.0.0/16", 443, 443)


def test_the_control_plane_lies_in_subnets_without_a_way_out(graph: Graph) -> None:
    assert graph.one("Cluster")["vpcConfig"]["subnetIds"] == [f"subnet-00000000000003{zone}0" for zone in "abc"]


def test_secrets_are_encrypted_with_the_region_s_own_key(graph: Graph) -> None:
    encryption = graph.one("Cluster")["encryptionConfig"]
    assert encryption["resources"] == ["secrets"]
    assert encryption["provider"]["keyArn"].endswith("key/11111111-0000-4000-8000-000000000000")


def test_every_log_of_the_control_plane_goes_into_a_group_of_ours(graph: Graph) -> None:
    group, cluster = graph.one("LogGroup"), graph.one("Cluster")
    assert group["name"] == f"/aws/eks/{cluster['name']}/cluster"
    assert group["retentionInDays"] == 365
    assert group["kmsKeyId"].endswith("key/33333333-0000-4000-8000-000000000000")
    assert len(cluster["enabledClusterLogTypes"]) == 5
    assert group.urn in cluster.dependencies


def test_nothing_of_what_eks_would_install_by_itself_is_left_to_it(graph: Graph) -> None:
    assert graph.one("Cluster")["bootstrapSelfManagedAddons"] is False
    assert {one["addonName"] for one in graph.all("Addon")} == {
        "amazon-cloudwatch-observability",
        "aws-ebs-csi-driver",
        "coredns",
        "eks-node-monitoring-agent",
        "eks-pod-identity-agent",
        "kube-proxy",
        "metrics-server",
        "vpc-cni",
    }


def test_support_is_not_extended_by_itself_and_a_zone_can_be_shifted_away(graph: Graph) -> None:
    cluster = graph.one("Cluster")
    assert cluster["upgradePolicy"] == {"supportType": "STANDARD"}
    assert cluster["zonalShiftConfig"] == {"enabled": True}


@pytest.mark.parametrize("protect", [True, False])
def test_data_is_protected_when_the_environment_says_so(protect: bool) -> None:
    graph = record_cluster(protect_data=protect, pools=())
    assert graph.one("Cluster")["deletionProtection"] is protect
    assert graph.one("LogGroup")["deletionProtectionEnabled"] is protect


def test_nodes_wait_for_their_network_and_what_runs_on_nodes_waits_for_them(graph: Graph) -> None:
    addons = {one["addonName"]: one for one in graph.all("Addon")}
    groups = graph.all("NodeGroup")
    assert all(addons["vpc-cni"].urn in group.dependencies for group in groups)
    system = graph.one("NodeGroup", "cluster-system-on-demand")
    assert system.urn in addons["coredns"].dependencies
    assert not any(group.urn in addons["vpc-cni"].dependencies for group in groups)


def test_nodes_wait_for_their_way_out_and_their_rights() -> None:
    """A node that starts without them never joins; on the way back they go after it."""

    def program() -> None:
        opts = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1", allowed_account_ids=[ACCOUNT]))
        way, right = Thing("way", opts), Thing("right", opts)
        args = cluster_args()
        network = replace(args.network, routes=(way.made,))
        identity = replace(args.identity, attachments=(right.made,))
        AwsCluster("cluster", replace(args, network=network, identity=identity), opts)

    graph = record(program)
    needed = {one.urn for one in graph.all("Eip")}
    assert len(needed) == 2
    assert all(needed <= group.dependencies for group in graph.all("NodeGroup"))


def test_the_contract_s_facts_come_out(graph: Graph) -> None:
    assert graph.outputs["identifier"] == "arn:aws:eks:eu-west-1:123456789012:cluster/demo-aws-eu-west-1"
    assert graph.outputs["security_group_id"].startswith("sg-")


def test_every_way_of_a_pool_tells_its_auto_scaling_group_in_order(graph: Graph) -> None:
    groups = graph.outputs["scaling_groups"]
    assert {pool: len(names) for pool, names in groups.items()} == {"system": 1, "gpu-l4": 3, "gpu-h100": 1}
    for way, name in zip(("reservation", "spot", "on-demand"), groups["gpu-l4"], strict=True):
        resources = graph.one("NodeGroup", f"cluster-gpu-l4-{way}").outputs["resources"]
        assert name == resources[0]["autoscalingGroups"][0]["name"]


def test_a_preview_declares_the_same(graph: Graph) -> None:
    assert {one.urn for one in record_cluster(preview=True).resources} == {one.urn for one in graph.resources}


def test_the_order_of_zones_and_pools_changes_nothing(graph: Graph) -> None:
    assert record_cluster(pools=(BLOCK, GPU)).text() == graph.text()


def test_an_api_open_to_the_world_is_refused() -> None:
    with pytest.raises(ValueError, match=r"public_access: got 0\.0\.0\.0/0; allowed: networks of your own"):
        record_cluster(public_access=(IPv4Network("203.0.113.0/24"), IPv4Network("0.0.0.0/0")))


def test_a_missing_add_on_version_is_refused() -> None:
    with pytest.raises(ValueError, match="addon_versions: got none for coredns"):
        record_cluster(addon_versions={addon: "v1.0.0-eksbuild.1" for addon in ADDONS if addon != "coredns"})


@pytest.mark.parametrize("pools", [(GPU, GPU), (replace(GPU, name="system"),)])
def test_two_pools_of_one_name_are_refused(pools: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="pools: got names"):
        record_cluster(pools=pools)


def test_the_system_pool_outlives_a_node() -> None:
    assert SYSTEM.accelerator is None
    with pytest.raises(ValueError, match=r"system pool: nodes\.min: got 1; allowed: 2 or more"):
        system_pool(machines=("m7i.large",), min_nodes=1, max_nodes=3)
