"""Delivery from GitHub: what the two roles may do with APIs of models and with what stands around them."""

from __future__ import annotations

import pytest

from tests.components.account.test_aws_delivery import delivery, matches, never, policy


@pytest.mark.parametrize("sid", ["WebLists", "Balancers"])
def test_applying_changes_the_environments_own_web_lists_and_balancers_only(sid: str) -> None:
    ours = [resource for resource in policy("apply")[sid]["Resource"] if ":123456789012:" in resource]
    assert ours
    assert all("/prod-" in resource for resource in ours)


def test_of_objects_only_the_authorities_of_callers_are_readable_beside_the_state() -> None:
    file = "arn:aws:s3:::prod-aws-eu-west-1-models-123456789012-fraud-callers/authorities.pem"
    weights = "arn:aws:s3:::prod-aws-eu-west-1-123456789012-weights/sha256/1"
    assert not matches(never("Objects"), "s3:GetObject", file)
    assert matches(never("Objects"), "s3:GetObject", weights)
    for role in ("preview", "apply"):
        assert matches(policy(role)["Authorities"], "s3:GetObject", file)
        assert not matches(policy(role)["Authorities"], "s3:GetObject", weights)


def test_neither_role_calls_a_model() -> None:
    for role in ("preview", "apply"):
        actions = {action for statement in policy(role).values() for action in statement["Action"]}
        assert not {"execute-api:Invoke", "sagemaker:InvokeEndpoint", "lambda:InvokeFunction"} & actions


def test_what_one_document_has_no_room_for_is_attached_to_applying_and_to_it_alone() -> None:
    graph = delivery()
    parts = {one.outputs["arn"] for one in graph.all("Policy") if one.name != "delivery-boundary"}
    attached = {(one["role"], one["policyArn"]) for one in graph.all("RolePolicyAttachment")}
    assert attached == {("prod-apply", arn) for arn in parts}
    assert len(parts) <= 10  # IAM attaches no more to a role
