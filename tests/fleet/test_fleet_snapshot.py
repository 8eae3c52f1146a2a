"""What a stack's state says, and by which id an interrupted creation is found."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.adoption import IMPORT_IDS, import_id
from fleet.snapshot import read_snapshot
from tests.fleet.fleets import CENTRAL, DOOR, WEST, fleet, models, platform, snapshot, survey
from tools.offline.types.library import tokens

ROLE = {
    "urn": "urn:pulumi:demo::homeport::homeport:x:C$aws:iam/role:Role::node",
    "type": "aws:iam/role:Role",
    "custom": True,
    "inputs": {"name": "demo-node"},
    "parent": "urn:pulumi:demo::homeport::homeport:x:C::identity",
    "provider": "urn:pulumi:demo::homeport::pulumi:providers:aws::main::0b1c",
}
ROOT = {"urn": "urn:pulumi:demo::homeport::pulumi:pulumi:Stack::homeport-demo", "type": "pulumi:pulumi:Stack"}


def exported(**parts: Any) -> dict[str, Any]:
    return {"manifest": {"time": "2026-11-24T09:00:00Z"}, **parts}


def test_an_empty_stack_does_not_stand() -> None:
    assert not read_snapshot(exported()).stands


def test_a_stack_stands_once_it_has_published_something() -> None:
    found = read_snapshot(exported(resources=[{**ROOT, "outputs": {"platform": {}}}, ROLE]))
    assert (found.stands, found.resources, found.held) == (True, 1, ("iam Role node",))


def test_components_and_providers_are_not_held_in_a_cloud() -> None:
    provider = {"urn": "urn:pulumi:s::p::pulumi:providers:aws::main", "type": "pulumi:providers:aws", "custom": True}
    component = {"urn": "urn:pulumi:s::p::homeport:x:C::c", "type": "homeport:x:C", "custom": False}
    assert read_snapshot(exported(resources=[provider, component])).held == ()


def test_a_pending_creation_keeps_what_an_import_needs() -> None:
    (pending,) = read_snapshot(exported(pending_operations=[{"type": "creating", "resource": ROLE}])).pending
    assert (pending.name, pending.parent) == ("node", ROLE["parent"])
    assert pending.provider == "urn:pulumi:demo::homeport::pulumi:providers:aws::main"
    assert str(pending) == "creating iam Role node"


@pytest.mark.parametrize(
    ("token", "inputs", "found_by"),
    [
        ("aws:iam/role:Role", {"name": "node"}, "node"),
        ("aws:eks/nodeGroup:NodeGroup", {"clusterName": "c", "nodeGroupName": "gpu"}, "c:gpu"),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "r", "policyArn": "arn:p"}, "r/arn:p"),
        ("aws:route53/record:Record", {"zoneId": "Z1", "name": "a.b", "type": "A"}, "Z1_a.b_A"),
        (
            "aws:route53/record:Record",
            {"zoneId": "Z1", "name": "a.b", "type": "CNAME", "setIdentifier": "eu-west-1"},
            "Z1_a.b_CNAME_eu-west-1",
        ),
        ("kubernetes:apps/v1:Deployment", {"metadata": {"name": "fraud", "namespace": "fraud"}}, "fraud/fraud"),
        ("kubernetes:core/v1:Namespace", {"metadata": {"name": "fraud"}}, "fraud"),
        ("kubernetes:helm.sh/v3:Release", {"name": "efa", "namespace": "kube-system"}, "kube-system/efa"),
    ],
)
def test_an_id_follows_from_the_inputs(token: str, inputs: dict[str, Any], found_by: str) -> None:
    assert import_id(token, inputs) == found_by


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}),
        ("aws:iam/role:Role", {}),
        ("aws:iam/role:Role", {"name": ""}),
        ("kubernetes:core/v1:Namespace", {"metadata": {"generateName": "x-"}}),
    ],
)
def test_without_a_name_of_ours_nothing_can_be_found(token: str, inputs: dict[str, Any]) -> None:
    assert import_id(token, inputs) is None


def test_every_type_in_the_table_is_one_of_the_installed_sdk() -> None:
    assert set(IMPORT_IDS) <= set(tokens("aws"))


def test_an_id_with_an_account_is_told_by_the_provider_of_the_resource() -> None:
    main = "urn:pulumi:demo::homeport::pulumi:providers:aws::main"
    provider = {
        "urn": main,
        "type": "pulumi:providers:aws",
        "inputs": {"allowedAccountIds": '["123456789012"]', "region": "cn-north-1"},
    }
    operation = {"type": "creating", "resource": ROLE}
    (pending,) = read_snapshot(exported(resources=[provider], pending_operations=[operation])).pending
    found_by = import_id("aws:iam/policy:Policy", {"name": "p"}, pending.account, pending.region)
    assert found_by == "arn:aws-cn:iam::123456789012:policy/p"


def test_an_id_with_an_account_cannot_be_told_without_one() -> None:
    assert import_id("aws:iam/policy:Policy", {"name": "p"}) is None


def test_a_stack_waits_for_the_first_lower_stack_without_its_contract(tmp_path: Any) -> None:
    whole = fleet(tmp_path)
    half_made = survey({WEST: snapshot(other=1)})
    assert half_made.waits_for(models(WEST), whole) == WEST
    assert survey({WEST: snapshot(platform={})}).waits_for(models(WEST), whole) is None


def test_a_front_door_waits_for_each_of_its_regions(tmp_path: Any) -> None:
    whole = fleet(tmp_path)
    door = whole.stack(DOOR)
    assert door is not None
    assert survey({f"{WEST}-models": snapshot(models={})}).waits_for(door, whole) == f"{CENTRAL}-models"


def test_a_platform_that_failed_at_first_does_not_stand() -> None:
    assert not survey({WEST: snapshot()}).stands(platform(WEST))
