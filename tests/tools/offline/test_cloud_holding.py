"""The cloud refuses to delete what is in use, so that a destroy in the wrong order is seen offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools.offline.cloud.aws import KINDS
from tools.offline.cloud.holding import HELD
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.setting import Setting
from tools.offline.cloud.store import Store
from tools.offline.cloud.world import CloudRefused, World

EU = Setting(account="123456789012", place="eu-west-1", region="eu-west-1")
US = Setting(account="123456789012", place="us-east-1", region="us-east-1")
GROUP, FUNCTION = "aws:ec2/securityGroup:SecurityGroup", "aws:lambda/function:Function"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(store=Store(tmp_path / "cloud.sqlite"), setting=EU)


def made(world: World, token: str, name: str, /, **inputs: Any) -> str:
    urn = f"urn:pulumi:s::homeport::{token}::{name}"
    return world.create(Asked(token=token, urn=urn, name=name, inputs=inputs, setting=world.setting)).id


def test_a_firewall_goes_after_the_function_whose_interfaces_it_guards(world: World) -> None:
    group = made(world, GROUP, "group", name="g", vpcId="vpc-1")
    function = made(world, FUNCTION, "f", name="f", role="r", vpcConfig={"securityGroupIds": [group], "subnetIds": []})
    with pytest.raises(CloudRefused, match=f"DependencyViolation: SecurityGroup {group} is in use by Function f"):
        world.delete(GROUP, group)
    world.delete(FUNCTION, function)
    world.delete(GROUP, group)
    assert world.read(GROUP, group) is None


def test_what_another_region_uses_holds_nothing_here(world: World) -> None:
    group = made(world, GROUP, "group", name="g", vpcId="vpc-1")
    abroad = World(store=world.store, setting=US)
    made(abroad, FUNCTION, "f", name="f", role="r", vpcConfig={"securityGroupIds": [group]})
    world.delete(GROUP, group)


def test_a_balancer_goes_after_the_link_to_it(world: World) -> None:
    balancer = made(world, "aws:lb/loadBalancer:LoadBalancer", "b", name="b")
    thing = world.read("aws:lb/loadBalancer:LoadBalancer", balancer)
    assert thing is not None
    link = made(world, "aws:apigateway/vpcLink:VpcLink", "l", name="l", targetArn=thing.outputs["arn"])
    with pytest.raises(CloudRefused, match="ResourceInUse"):
        world.delete("aws:lb/loadBalancer:LoadBalancer", balancer)
    world.delete("aws:apigateway/vpcLink:VpcLink", link)
    world.delete("aws:lb/loadBalancer:LoadBalancer", balancer)


def test_what_is_gone_already_may_be_deleted_again(world: World) -> None:
    world.delete(GROUP, "sg-gone")


def test_the_table_names_types_that_the_stand_in_knows() -> None:
    named = HELD.keys() | {holder for held in HELD.values() for holder in held.by}
    assert named - KINDS.keys() == set()
