"""The autoscaler of nodes: what it is told, what it may do, and when it goes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest

from components.cluster.aws import AwsCluster
from components.cluster.aws_autoscaler import AwsAutoscaler, AwsAutoscalerArgs
from components.cluster.aws_autoscaler_values import autoscaler_values, scaling_groups
from tests.components.cluster.parts import ACCOUNT, BLOCK, GPU, SYSTEM, cluster_args
from tests.recorder import Graph, record

NAME = "demo-aws-eu-west-1"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/homeport-delivery/demo-eu-workload"


def record_autoscaler(*, preview: bool = False, **changes: Any) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1", allowed_account_ids=[ACCOUNT])
        cluster = AwsCluster("cluster", cluster_args(), pulumi.ResourceOptions(provider=provider)).outputs
        inside = kubernetes.Provider("cluster", kubeconfig="{}", cluster_identifier=cluster.identifier)
        fields: dict[str, Any] = {
            "stack": NAME,
            "account": ACCOUNT,
            "region": "eu-west-1",
            "cluster_name": NAME,
            "version": "1.34",
            "system_pool": SYSTEM,
            "pools": (GPU, BLOCK),
            "cluster": cluster,
            "permissions_boundary_arn": BOUNDARY,
        }
        opts = pulumi.ResourceOptions(providers=[provider, inside])
        AwsAutoscaler("autoscaler", AwsAutoscalerArgs(**{**fields, **changes}), opts)

    return record(program, preview=preview)


@cache
def autoscaler() -> Graph:
    return record_autoscaler()


def values() -> dict[str, Any]:
    return autoscaler().one("Release")["values"]


def test_it_holds_the_settings_bounds_and_only_the_first_way_keeps_the_fewest() -> None:
    ways = ("system-on-demand", "gpu-l4-reservation", "gpu-l4-spot", "gpu-l4-on-demand", "gpu-h100-capacity-block")
    bounds = {
        way: [(group["minSize"], group["maxSize"]) for group in _groups() if group["name"].startswith(f"eks-{way}-")]
        for way in ways
    }
    assert bounds == {
        "system-on-demand": [(2, 6)],
        "gpu-l4-reservation": [(1, 8)],
        "gpu-l4-spot": [(0, 8)],
        "gpu-l4-on-demand": [(0, 8)],
        "gpu-h100-capacity-block": [(0, 8)],
    }
    assert values()["extraArgs"]["enforce-node-group-min-size"] == "true"


def _groups() -> list[dict[str, Any]]:
    return values()["autoscalingGroups"]


def test_ways_are_tried_in_the_order_of_the_pool() -> None:
    weights = {
        name.strip("^$"): int(weight) for weight, names in values()["expanderPriorities"].items() for name in names
    }
    order = sorted((name for name in weights if "gpu-l4" in name), key=lambda name: -weights[name])
    assert [name[len("eks-gpu-l4-") :].split("-")[0] for name in order] == ["reservation", "spot", "on"]
    assert len({weights[name] for name in order}) == 3
    assert set(weights) == {group["name"] for group in _groups()}  # a group without a place is never chosen
    assert values()["extraArgs"]["expander"].split(",")[0] == "priority"
    assert values()["extraArgs"]["balance-similar-node-groups"] == "false"


def test_a_pattern_fits_its_own_group_only() -> None:
    """Names of groups may begin alike; whatever a pattern fits in part has its place too."""
    patterns = [pattern for names in values()["expanderPriorities"].values() for pattern in names]
    for pattern in patterns:
        assert [group["name"] for group in _groups() if re.search(pattern, f"{group['name']}")] == [pattern[1:-1]]
        assert not re.search(pattern, f"{pattern[1:-1]}-2")
        assert not re.search(pattern, f"other-{pattern[1:-1]}")


def test_a_machine_that_never_joins_is_given_up_before_the_caller_is() -> None:
    """The way after it is tried then: well before the half hour that a model with an accelerator has to start."""
    told = values()["extraArgs"]
    assert (told["max-node-provision-time"], told["max-node-group-backoff-duration"]) == ("10m", "15m")


def test_scratch_data_and_agents_do_not_keep_a_node_that_nobody_needs() -> None:
    told = values()["extraArgs"]
    assert told["skip-nodes-with-local-storage"] == told["skip-nodes-with-system-pods"] == "false"
    assert told["ignore-daemonsets-utilization"] == "true"


def test_it_runs_on_nodes_that_it_never_takes_all_away_and_without_the_cluster_s_dns() -> None:
    assert values()["nodeSelector"] == {"homeport.dev/pool": "system"}
    assert values()["replicaCount"] == 2
    assert values()["dnsPolicy"] == "Default"


@pytest.mark.parametrize(("version", "image"), [("1.34", "v1.34."), ("1.35", "v1.35."), ("1.99", "v1.36.")])
def test_it_is_of_the_cluster_s_own_minor_version(version: str, image: str) -> None:
    made = autoscaler_values((), region="eu-west-1", version=version, system_pool="system")
    assert made["image"]["tag"].startswith(image)


def test_the_order_of_pools_changes_nothing() -> None:
    names = {"system": ["s"], "gpu-l4": ["a", "b", "c"], "gpu-h100": ["h"]}
    assert scaling_groups((SYSTEM, GPU, BLOCK), names) == scaling_groups((BLOCK, GPU, SYSTEM), names)


def test_it_scales_the_groups_of_this_cluster_alone() -> None:
    statements = {s["Sid"]: s for s in json.loads(autoscaler().one("RolePolicy")["policy"])["Statement"]}
    scale = statements["ScaleThisCluster"]
    assert scale["Condition"] == {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{NAME}": "owned"}}
    assert scale["Resource"] == [
        f"arn:aws:autoscaling:eu-west-1:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/eks-*"
    ]
    assert not any("Describe" in action for action in scale["Action"])
    anywhere = [action for s in statements.values() if s["Resource"] == ["*"] for action in s["Action"]]
    assert all(":Describe" in action or ":GetInstanceTypes" in action for action in anywhere)


def test_its_role_is_its_service_account_s_under_the_boundary() -> None:
    graph = autoscaler()
    role, association = graph.one("Role"), graph.one("PodIdentityAssociation")
    assert (role["path"], role["permissionsBoundary"]) == ("/homeport/", BOUNDARY)
    assert association["roleArn"] == role.outputs["arn"]
    assert association["serviceAccount"] == values()["rbac"]["serviceAccount"]["name"]
    assert association["namespace"] == graph.one("Release")["namespace"] == "kube-system"
    condition = json.loads(role["assumeRolePolicy"])["Statement"][0]["Condition"]["StringEquals"]
    assert condition["aws:RequestTag/kubernetes-service-account"] == association["serviceAccount"]


def test_it_loses_its_rights_before_nodes_go_and_needs_no_api_to_go_itself() -> None:
    """What depends on the nodes is destroyed before them; the release dies with its cluster, asking nobody."""
    graph = autoscaler()
    groups = {group.urn for group in graph.all("NodeGroup")}
    release = graph.one("Release")
    assert {one.urn for one in graph.all("AccessPolicyAssociation")} <= release.dependencies  # whoever applies it may
    dns = next(one for one in graph.all("Addon") if one["addonName"] == "coredns")
    assert dns.urn in release.dependencies
    for one in (graph.one("RolePolicy"), graph.one("PodIdentityAssociation"), release):
        assert groups <= one.dependencies
    assert release.options["deleted_with"] == "cluster"
    assert graph.one("RolePolicy").urn in release.dependencies


def test_its_two_pods_keep_apart() -> None:
    """The chart gives its pods the release's name by this label."""
    [spread] = values()["topologySpreadConstraints"]
    name = autoscaler().one("Release")["name"]
    assert spread["labelSelector"] == {"matchLabels": {"app.kubernetes.io/instance": name}}
    assert spread["topologyKey"] == "kubernetes.io/hostname"


def test_the_chart_is_pinned() -> None:
    release = autoscaler().one("Release")
    assert release["timeout"] == 600  # Helm's own five minutes are short for pods that wait for a node
    assert release["repositoryOpts"] == {"repo": "https://kubernetes.github.io/autoscaler"}
    assert release["version"] == "9.59.0"
    assert release["atomic"] is True


def test_a_preview_declares_the_same() -> None:
    assert {one.urn for one in record_autoscaler(preview=True).resources} == {one.urn for one in autoscaler().resources}


def test_pools_that_the_cluster_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match=r"pools: got \['gpu-l4', 'system'\]; allowed: those of the cluster: "):
        record_autoscaler(pools=(GPU,))
    with pytest.raises(ValueError, match=r"pool 'gpu-l4': capacity: got 1 ways; allowed: .* for it: 3"):
        record_autoscaler(pools=(replace(GPU, capacity=GPU.capacity[:1]), BLOCK))
