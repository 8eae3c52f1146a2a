"""How the private link finds one version of a model on the nodes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pulumi
import pulumi_aws as aws
import pytest

from components.api.aws_private_target import AwsPrivateTarget, AwsPrivateTargetArgs, target_group_name
from tests.recorder import UNKNOWN, Graph, record

BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/demo-link/0123"
ARGS = AwsPrivateTargetArgs(
    stack="demo-aws-eu-west-1-models",
    model="fraud",
    vpc_id="vpc-1",
    balancer_arn=BALANCER,
    port=30001,
    groups={"system": "eks-system-1", "gpu-l4-spot": "eks-gpu-1"},
    tags={"homeport:model": "fraud"},
)


@cache
def graph(*, port: int = 30001, preview: bool = False) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsPrivateTarget("fraud-stable", replace(ARGS, port=port), pulumi.ResourceOptions(provider=provider))
        pulumi.export("port", made.port)

    return record(program, preview=preview)


def test_a_listener_on_the_nodes_port_leads_to_the_group() -> None:
    listener, group = graph().one("Listener"), graph().one("TargetGroup")
    assert (listener["port"], listener["protocol"], listener["loadBalancerArn"]) == (30001, "TCP", BALANCER)
    assert listener["defaultActions"] == [{"type": "forward", "targetGroupArn": group.outputs["arn"]}]
    assert (group["port"], group["targetType"], group["vpcId"]) == (30001, "instance", "vpc-1")


def test_nodes_see_the_balancers_address_so_that_a_pod_on_any_node_can_answer() -> None:
    """With a caller's address kept, what a node hands on would come back by another way; and the group of the balancer
    would let nothing of it in.
    """
    group = graph().one("TargetGroup")
    assert (group["preserveClientIp"], group["protocol"]) == ("false", "TCP")


def test_nodes_of_every_pool_come_and_go_with_their_scaling() -> None:
    group = graph().one("TargetGroup").outputs["arn"]
    attached = {one["autoscalingGroupName"]: one["lbTargetGroupArn"] for one in graph().all("Attachment")}
    assert attached == {"eks-gpu-1": group, "eks-system-1": group}


def test_health_is_the_models_own_and_not_that_a_port_is_open() -> None:
    check = graph().one("TargetGroup")["healthCheck"]
    assert (check["protocol"], check["path"], check["port"], check["matcher"]) == (
        "HTTP",
        "/ping",
        "traffic-port",
        "200",
    )
    assert check["interval"] * check["unhealthyThreshold"] == 20


def test_another_port_is_another_group_so_that_both_can_stand_for_a_while() -> None:
    names = {graph(port=port).one("TargetGroup")["name"] for port in (30001, 30002)}
    assert names == {target_group_name(ARGS.stack, "fraud", port) for port in (30001, 30002)}
    assert len(names) == 2


def test_the_port_is_told_once_calls_get_through_it() -> None:
    assert graph().outputs["port"] == 30001
    assert graph(preview=True).outputs["port"] == UNKNOWN


def test_a_version_that_no_node_may_run_is_refused() -> None:
    with pytest.raises(ValueError, match="groups: got none"):
        replace(ARGS, groups={})
