"""What the stand-in's Diff says: which paths changed, what is replaced, what must go first."""

from __future__ import annotations

from typing import Any

import pytest

from tools.offline.protocol.values import UNKNOWN
from tools.offline.standin.difference import difference

ROLE = "aws:iam/role:Role"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def test_equal_inputs_have_no_difference() -> None:
    assert difference(ROLE, {"name": "a", "tags": {"x": "y"}}, {"tags": {"x": "y"}, "name": "a"}).changes == {}


def test_an_empty_list_is_no_list() -> None:
    assert difference("aws:ec2/subnet:Subnet", {"tags": {}}, {}).changes == {}


def test_every_changed_leaf_is_named() -> None:
    old = {"spec": {"containers": [{"image": "a"}, {"image": "b"}]}, "gone": 1}
    new = {"spec": {"containers": [{"image": "a"}, {"image": "c", "args": ["x"]}]}}
    assert difference(DEPLOYMENT, old, new).changes == {
        "gone": "DELETE",
        "spec.containers[1].args": "ADD",
        "spec.containers[1].image": "UPDATE",
    }


@pytest.mark.parametrize(
    ("token", "old", "new", "replaced"),
    [
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, True),
        ("aws:ec2/vpc:Vpc", {"enableDnsSupport": True}, {"enableDnsSupport": False}, False),
        ("aws:ec2/subnet:Subnet", {"vpcId": "vpc-1"}, {"vpcId": UNKNOWN}, True),
        ("aws:eks/cluster:Cluster", {"version": "1.33"}, {"version": "1.34"}, False),
        ("aws:eks/cluster:Cluster", {}, {"encryptionConfig": {"resources": ["secrets"]}}, False),
        ("aws:eks/cluster:Cluster", {"encryptionConfig": {"resources": ["secrets"]}}, {}, True),
        ("aws:eks/nodeGroup:NodeGroup", {"instanceTypes": ["a", "b"]}, {"instanceTypes": ["b", "a"]}, True),
        ("aws:eks/nodeGroup:NodeGroup", {"launchTemplate": {"version": "1"}}, {"launchTemplate": {}}, False),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {"cidrIpv4": "a"}, {"cidrIpv4": "b"}, False),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {"cidrIpv4": "a"}, {"prefixListId": "b"}, True),
        ("aws:ecr/lifecyclePolicy:LifecyclePolicy", {"policy": "{}"}, {"policy": '{"rules":[]}'}, True),
        ("aws:ecr/repository:Repository", {}, {"imageTagMutability": "IMMUTABLE"}, False),
        ("aws:ecr/repository:Repository", {}, {"encryptionConfigurations": [{"encryptionType": "KMS"}]}, True),
        ("aws:ecr/repositoryPolicy:RepositoryPolicy", {"policy": "{}"}, {"policy": '{"Statement":[]}'}, False),
        ("aws:s3/bucketPolicy:BucketPolicy", {"policy": "{}"}, {"policy": '{"Statement":[]}'}, False),
        ("aws:s3/bucketLogging:BucketLogging", {"targetPrefix": "a/"}, {"targetPrefix": "b/"}, False),
        ("aws:s3/bucketVersioning:BucketVersioning", {"bucket": "a"}, {"bucket": "b"}, True),
        ("aws:sns/topic:Topic", {"kmsMasterKeyId": "a"}, {"kmsMasterKeyId": "b"}, False),
        ("aws:sns/topic:Topic", {"name": "a"}, {"name": "b"}, True),
        ("aws:sns/topicSubscription:TopicSubscription", {"endpoint": "a@x"}, {"endpoint": "b@x"}, True),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", {"threshold": 1}, {"threshold": 2}, False),
        ("aws:cloudwatch/dashboard:Dashboard", {"dashboardBody": "{}"}, {"dashboardBody": "[]"}, False),
        ("aws:cloudwatch/eventTarget:EventTarget", {"rule": "a"}, {"rule": "b"}, True),
        ("aws:budgets/budget:Budget", {"limitAmount": "1"}, {"limitAmount": "2"}, False),
        ("aws:costexplorer/anomalyMonitor:AnomalyMonitor", {"monitorType": "CUSTOM"}, {"monitorType": "X"}, True),
        ("aws:costexplorer/anomalySubscription:AnomalySubscription", {"subscribers": []}, {"subscribers": [1]}, False),
        ("aws:costexplorer/costAllocationTag:CostAllocationTag", {"tagKey": "a"}, {"tagKey": "b"}, False),
        (DEPLOYMENT, {"spec": {"selector": {"matchLabels": {"a": "b"}}}}, {"spec": {"selector": {}}}, True),
        (DEPLOYMENT, {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, False),
        ("pulumi:providers:aws", {"region": "eu-west-1"}, {"region": "us-east-1"}, True),
        ("pulumi:providers:kubernetes", {"kubeconfig": "a"}, {"kubeconfig": "b"}, False),
        ("pulumi:providers:kubernetes", {"clusterIdentifier": "a"}, {"clusterIdentifier": "b"}, True),
    ],
)  # fmt: skip
def test_a_change_replaces_where_the_cloud_cannot_change_it(
    token: str, old: dict[str, Any], new: dict[str, Any], replaced: bool
) -> None:
    found = difference(token, old, new)
    assert found.changes
    assert bool(found.replaces) is replaced


def test_a_given_name_that_stays_makes_the_old_thing_go_first() -> None:
    old = {"name": "reader", "path": "/", "__defaults": []}
    assert difference(ROLE, old, {**old, "path": "/x/"}).delete_first


def test_a_made_up_name_lets_both_stand_at_once() -> None:
    old = {"name": "reader-1234567", "path": "/", "__defaults": ["name"]}
    assert not difference(ROLE, old, {**old, "path": "/x/"}).delete_first


def test_a_new_name_lets_both_stand_at_once() -> None:
    found = difference(ROLE, {"name": "reader"}, {"name": "writer"})
    assert (bool(found.replaces), found.delete_first) == (True, False)


def test_an_object_in_another_namespace_need_not_go_first() -> None:
    old = {"metadata": {"name": "a", "namespace": "b"}}
    assert not difference(DEPLOYMENT, old, {"metadata": {"name": "a", "namespace": "c"}}).delete_first
