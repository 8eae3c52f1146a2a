"""What is read from a lower stack, and what is said when it is not there."""

from __future__ import annotations

import pulumi
import pytest

from stacks.contracts import parse_models, parse_platform

PLATFORM = {
    "cloud": "aws",
    "place": "eu-west-1",
    "account": "123456789012",
    "jurisdiction": "eu",
    "cluster": {
        "name": "c",
        "identifier": "arn:aws:eks:eu-west-1:123456789012:cluster/c",
        "endpoint": "https://c",
        "certificate_authority": "YQ==",
        "version": "1.34",
    },
    "network": {
        "vpc": "vpc-1",
        "cidr": "10.0.0.0/16",
        "private_subnets": {"eu-west-1a": "subnet-1"},
        "cluster_security_group": "sg-1",
    },
    "node_groups": {"system": ["asg-1"]},
    "keys": {"logs": "arn:aws:kms:eu-west-1:123456789012:key/2"},
    "certificate": "arn:aws:acm:eu-west-1:123456789012:certificate/1",
    "alarm_channel": "arn:aws:sns:eu-west-1:123456789012:s-alarms",
    "registry": {"host": "r.example", "repositories": {"fraud": "r.example/homeport/fraud"}},
    "model_store": {"bucket": "weights", "key": "arn:aws:kms:eu-west-1:123456789012:key/1"},
}


def test_a_published_contract_is_read_back() -> None:
    assert parse_platform("s", PLATFORM).model_dump(exclude_unset=True) == PLATFORM


def test_a_model_added_after_its_platform_was_deployed_is_named_with_the_next_step() -> None:
    contract = parse_platform("s", PLATFORM)
    assert contract.repository("fraud", "s") == "r.example/homeport/fraud"
    with pytest.raises(pulumi.RunError) as raised:
        contract.repository("churn", "demo-aws-eu-west-1")
    assert str(raised.value) == (
        "stack demo-aws-eu-west-1 has no repository for churn: it was deployed before the model was added. "
        "Bring it up to date first: pulumi up -s demo-aws-eu-west-1"
    )


def test_a_model_that_takes_no_calls_from_outside_is_read_back_though_the_engine_drops_nulls() -> None:
    served = parse_models("s", {"cloud": "aws", "place": "eu-west-1", "models": {"churn": {}}}).models
    assert served["churn"].hostname is None


def test_a_stack_that_was_never_deployed_is_named_with_the_next_step() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        parse_models("demo-aws-eu-west-1-models", None)
    assert str(raised.value) == (
        "stack demo-aws-eu-west-1-models has no output 'models': it has not been deployed yet. "
        "Deploy it first: pulumi up -s demo-aws-eu-west-1-models"
    )


def test_a_contract_of_another_version_names_the_fields() -> None:
    with pytest.raises(pulumi.RunError, match=r"does not fit this version of the program \(certificate, colour\)"):
        parse_platform(
            "s", {**{key: value for key, value in PLATFORM.items() if key != "certificate"}, "colour": "blue"}
        )
