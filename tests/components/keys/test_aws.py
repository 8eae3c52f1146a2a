"""KMS keys: who may use which, and that administering a key is not using it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.keys.aws import AwsKeys, AwsKeysArgs
from tests.recorder import Graph, record

ACCOUNT = "arn:aws:iam::123456789012:root"
ARGS = AwsKeysArgs(
    stack="demo-aws-eu-west-1",
    account="123456789012",
    region="eu-west-1",
    cluster_role_arn="arn:aws:iam::123456789012:role/homeport/demo-aws-eu-west-1-cluster",
    log_groups=("/homeport/demo-aws-eu-west-1/flow-logs", "/aws/eks/demo-aws-eu-west-1/cluster"),
    alarm_topic="demo-aws-eu-west-1-alarms",
    store_bucket="demo-aws-eu-west-1-123456789012-weights",
)
PURPOSES = ("secrets", "volumes", "logs", "images", "weights", "alarms")
CRYPTOGRAPHY = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}


@cache
def keys(args: AwsKeysArgs = ARGS) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsKeys("keys", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("logs", made.outputs.logs_key_arn)

    return record(program)


def statements(purpose: str, args: AwsKeysArgs = ARGS) -> dict[str, dict[str, Any]]:
    policy = json.loads(keys(args).one("Key", f"keys-{purpose}")["policy"])
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_every_key_rotates_waits_a_month_before_it_goes_and_stays_in_its_region() -> None:
    facts = {(k["enableKeyRotation"], k["deletionWindowInDays"], k["multiRegion"]) for k in keys().all("Key")}
    assert facts == {(True, 30, False)}
    assert len(keys().all("Key")) == len(PURPOSES)


def test_keys_are_found_by_an_alias() -> None:
    aliases = {alias["name"] for alias in keys().all("Alias")}
    assert aliases == {f"alias/demo-aws-eu-west-1-{purpose}" for purpose in PURPOSES}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_no_action_is_a_wildcard(purpose: str) -> None:
    assert [a for s in statements(purpose).values() for a in s["Action"] if "*" in a] == []


@pytest.mark.parametrize("purpose", PURPOSES)
def test_administrators_cannot_use_a_key_but_can_still_change_its_policy(purpose: str) -> None:
    administration = statements(purpose)["AdministerThroughIam"]
    assert administration["Principal"] == {"AWS": ACCOUNT}
    assert not CRYPTOGRAPHY & set(administration["Action"])
    assert "kms:CreateGrant" not in administration["Action"]
    assert "kms:PutKeyPolicy" in administration["Action"]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_use_of_a_key_has_a_condition(purpose: str) -> None:
    uses = [s for s in statements(purpose).values() if {*CRYPTOGRAPHY, "kms:CreateGrant"} & set(s["Action"])]
    assert uses
    assert all(s.get("Condition") for s in uses)


def test_the_control_plane_alone_uses_the_secrets_key() -> None:
    use = statements("secrets")["UseByControlPlane"]
    assert use["Condition"] == {"ArnEquals": {"aws:PrincipalArn": ARGS.cluster_role_arn}}


def test_grants_on_the_volumes_key_are_made_for_services_of_aws_only() -> None:
    grants = [s for s in statements("volumes").values() if s["Action"] == ["kms:CreateGrant"]]
    assert len(grants) == 2
    assert all(s["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"} for s in grants)


def test_whoever_creates_the_cluster_may_make_the_grant_that_eks_asks_for() -> None:
    grant = statements("secrets")["GrantToEks"]
    assert grant["Principal"] == {"AWS": ACCOUNT}
    assert "kms:GrantIsForAWSResource" not in json.dumps(grant)  # with it, CreateCluster is refused


def test_auto_scaling_uses_the_volumes_key_through_its_own_role_of_this_account() -> None:
    use = statements("volumes")["UseByAutoScaling"]
    role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    assert use["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::123456789012:{role}"},
        "StringEquals": {"kms:CallerAccount": "123456789012"},
    }


def test_the_account_uses_the_volumes_key_through_ec2_of_the_region_only() -> None:
    use = statements("volumes")["UseThroughEc2"]
    through = {"kms:CallerAccount": "123456789012", "kms:ViaService": "ec2.eu-west-1.amazonaws.com"}
    assert use["Condition"] == {"StringEquals": through}


def test_cloudwatch_uses_the_logs_key_for_the_named_groups_only() -> None:
    use = statements("logs")["UseByCloudWatchLogs"]
    assert use["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    groups = [f"arn:aws:logs:eu-west-1:123456789012:log-group:{group}" for group in ARGS.log_groups]
    assert use["Condition"] == {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": groups}}


def test_ecr_takes_its_grants_on_the_images_key_for_callers_of_the_account_only() -> None:
    grant = statements("images")["GrantToEcr"]
    assert grant["Principal"] == {"AWS": ACCOUNT}
    assert grant["Action"] == ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"]
    through = {"kms:CallerAccount": "123456789012", "kms:ViaService": "ecr.eu-west-1.amazonaws.com"}
    assert grant["Condition"] == {"StringEquals": through}


def test_nobody_uses_the_weights_key_but_through_s3_for_the_one_bucket() -> None:
    use = statements("weights")["UseThroughS3"]
    bucket = "arn:aws:s3:::demo-aws-eu-west-1-123456789012-weights"
    assert use["Condition"] == {
        "StringEquals": {"kms:CallerAccount": "123456789012", "kms:ViaService": "s3.eu-west-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [bucket, f"{bucket}/*"]},
    }
    uses = {sid for sid, s in statements("weights").items() if CRYPTOGRAPHY & set(s["Action"])}
    assert uses == {"UseThroughS3"}


def test_protected_keys_are_kept_from_destroy() -> None:
    assert {bool(k.options.get("protect")) for k in keys(replace(ARGS, protect=True)).all("Key")} == {True}
    assert {bool(k.options.get("protect")) for k in keys().all("Key")} == {False}


def test_a_key_is_given_out_by_its_arn() -> None:
    assert keys().outputs == {"logs": keys().one("Key", "keys-logs").outputs["arn"]}


@pytest.mark.parametrize("groups", [(), ("/aws/*",)])
def test_log_groups_must_be_named_in_full(groups: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="full names of log groups"):
        replace(ARGS, log_groups=groups)


def test_services_use_the_alarms_key_for_messages_of_the_one_topic() -> None:
    uses = [s for s in statements("alarms").values() if CRYPTOGRAPHY & set(s["Action"])]
    services = {"cloudwatch", "events", "budgets", "costalerts"}
    assert {s["Principal"]["Service"].removesuffix(".amazonaws.com") for s in uses} == services
    topic = "arn:aws:sns:eu-west-1:123456789012:demo-aws-eu-west-1-alarms"
    assert all(
        s["Condition"] == {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic}}
        and s["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
        for s in uses
    )
