"""Identities of a cluster: who takes each role, what AWS wrote into it, and what it may do at most."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws

from components.identity.aws import AwsIdentity, AwsIdentityArgs, cluster_role_arn
from tests.recorder import Graph, record

CLUSTER = "arn:aws:eks:eu-west-1:123456789012:cluster/demo-aws-eu-west-1"
ARGS = AwsIdentityArgs(
    stack="demo-aws-eu-west-1",
    account="123456789012",
    region="eu-west-1",
    cluster_name="demo-aws-eu-west-1",
    secrets_key_arn="arn:aws:kms:eu-west-1:123456789012:key/secrets",
    volumes_key_arn="arn:aws:kms:eu-west-1:123456789012:key/volumes",
    permissions_boundary_arn="arn:aws:iam::123456789012:policy/homeport-delivery/demo-eu-workload",
)


@cache
def identity(args: AwsIdentityArgs = ARGS) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsIdentity("identity", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("cluster", made.outputs.cluster_role_arn)
        pulumi.export("attachments", len(made.outputs.attachments))

    return record(program)


def trust(role: str) -> dict[str, Any]:
    [statement] = json.loads(identity().one("Role", f"identity-{role}")["assumeRolePolicy"])["Statement"]
    return statement


def attached(graph: Graph, role: str) -> set[str]:
    prefix = f"identity-{role}-"
    found = [a["policyArn"] for a in graph.all("RolePolicyAttachment") if a.name.startswith(prefix)]
    return {arn.removeprefix("arn:aws:iam::aws:policy/") for arn in found}


def inline(role: str) -> list[dict[str, Any]]:
    [policy] = [p for p in identity().all("RolePolicy") if p.name.startswith(f"identity-{role}-")]
    return json.loads(policy["policy"])["Statement"]


def test_every_role_lies_below_homeport_under_the_boundary_and_has_a_name_of_its_own() -> None:
    roles = identity().all("Role")
    assert {(r["path"], r["permissionsBoundary"]) for r in roles} == {("/homeport/", ARGS.permissions_boundary_arn)}
    assert {r["name"] for r in roles} == {
        f"demo-aws-eu-west-1-{role}" for role in ("cluster", "node", "vpc-cni", "ebs-csi", "agent")
    }


def test_the_control_plane_of_this_cluster_alone_takes_the_cluster_role() -> None:
    assert trust("cluster")["Principal"] == {"Service": "eks.amazonaws.com"}
    assert trust("cluster")["Condition"] == {
        "ArnEquals": {"aws:SourceArn": CLUSTER},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }


def test_instances_take_the_node_role() -> None:
    assert trust("node")["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert trust("node")["Action"] == ["sts:AssumeRole"]


def test_the_add_ons_take_their_roles_as_their_own_service_accounts() -> None:
    accounts = {
        "vpc-cni": ("kube-system", "aws-node"),
        "ebs-csi": ("kube-system", "ebs-csi-controller-sa"),
        "agent": ("amazon-cloudwatch", "cloudwatch-agent"),
    }
    for role, (namespace, service_account) in accounts.items():
        assert trust(role)["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        assert trust(role)["Condition"] == {
            "ArnEquals": {"aws:SourceArn": CLUSTER},
            "StringEquals": {
                "aws:SourceAccount": "123456789012",
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": service_account,
            },
        }


def test_nodes_may_describe_themselves_and_pull_images_and_nothing_else() -> None:
    graph = identity()
    assert attached(graph, "node") == {"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"}
    assert [p.name for p in graph.all("RolePolicy") if "node" in p.name] == []


def test_control_plane_and_add_ons_carry_the_narrowest_policies_of_aws() -> None:
    graph = identity()
    assert attached(graph, "cluster") == {"AmazonEKSClusterPolicy"}
    assert attached(graph, "vpc-cni") == {"AmazonEKS_CNI_Policy"}
    assert attached(graph, "ebs-csi") == {"AmazonEBSCSIDriverEKSClusterScopedPolicy"}


def test_rights_of_our_own_name_their_key_and_hold_no_wildcard() -> None:
    assert {tuple(s["Resource"]) for s in inline("cluster")} == {(ARGS.secrets_key_arn,)}
    assert {tuple(s["Resource"]) for s in inline("ebs-csi")} == {(ARGS.volumes_key_arn,)}
    [grant] = [s for s in inline("ebs-csi") if s["Action"] == ["kms:CreateGrant"]]
    assert grant["Condition"] == {
        "Bool": {"kms:GrantIsForAWSResource": "true"}
    }  # to EC2 for a volume, and to nobody else
    assert "*" not in json.dumps([inline("cluster"), inline("ebs-csi")])


def test_the_agent_writes_into_the_cluster_s_log_groups_and_makes_none() -> None:
    """A group that it made would have neither key nor end; AWS's own policy for it lets it."""
    statements = {s["Sid"]: s for s in inline("agent")}
    logs = statements["WriteContainerLogs"]
    assert logs["Resource"] == [
        "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/containerinsights/demo-aws-eu-west-1/*:*"
    ]
    assert "logs:CreateLogGroup" not in json.dumps(inline("agent"))
    assert statements["SendMetrics"]["Condition"] == {
        "StringLike": {"cloudwatch:namespace": ["CWAgent", "ContainerInsights*"]}
    }
    assert attached(identity(), "agent") == set()


def test_key_policies_can_name_the_cluster_role_before_it_exists() -> None:
    made = identity().one("Role", "identity-cluster")
    foreseen = cluster_role_arn(stack=ARGS.stack, region="eu-west-1", account="123456789012")
    assert foreseen == f"arn:aws:iam::123456789012:role{made['path']}{made['name']}"


def test_cluster_and_nodes_can_wait_for_all_their_rights() -> None:
    graph = identity()
    assert graph.outputs["attachments"] == len(graph.all("RolePolicyAttachment")) + len(graph.all("RolePolicy")) == 8


def test_the_longest_stack_name_still_gives_names_that_iam_takes() -> None:
    longest = "abcdefghijklmnop-aws-ap-southeast-1" + "-models" * 4
    names = {r["name"] for r in identity(replace(ARGS, stack=longest)).all("Role")}
    assert len(names) == 5
    assert all(len(name) <= 64 for name in names)
