"""Keys that stand only when something in the region asks for them, and the services that may use each."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.keys.aws import AwsKeys, AwsKeysArgs, key_policies
from components.keys.types import KeyPurpose
from tests.recorder import Graph, record

ACCOUNT = "arn:aws:iam::123456789012:root"
BUCKET = "demo-aws-eu-west-1-123456789012-predictions"
PLAIN = AwsKeysArgs(
    stack="demo-aws-eu-west-1",
    account="123456789012",
    region="eu-west-1",
    cluster_role_arn="arn:aws:iam::123456789012:role/homeport/demo-aws-eu-west-1-cluster",
    log_groups=("/homeport/demo-aws-eu-west-1/flow-logs",),
    alarm_topic="demo-aws-eu-west-1-alarms",
    store_bucket="demo-aws-eu-west-1-123456789012-weights",
)
ALL = replace(PLAIN, purposes=frozenset(KeyPurpose), predictions_bucket=BUCKET)
CRYPTOGRAPHY = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}


def keys(args: AwsKeysArgs) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsKeys("keys", args, pulumi.ResourceOptions(provider=provider)).outputs
        for purpose in KeyPurpose:
            pulumi.export(purpose.value, getattr(made, f"{purpose}_key_arn"))

    return record(program)


def statements(purpose: KeyPurpose, args: AwsKeysArgs = ALL) -> dict[str, dict[str, Any]]:
    return {s["Sid"]: s for s in json.loads(key_policies(args)[purpose.value][1])["Statement"]}


def via(*services: str) -> dict[str, Any]:
    names = [f"{service}.eu-west-1.amazonaws.com" for service in services]
    return {"kms:CallerAccount": "123456789012", "kms:ViaService": names[0] if len(names) == 1 else names}


def test_a_region_whose_models_ask_for_nothing_has_none_of_these_keys() -> None:
    graph = keys(PLAIN)
    assert not {f"keys-{purpose}" for purpose in KeyPurpose} & {key.name for key in graph.all("Key")}
    assert set(graph.outputs.values()) <= {None}


def test_a_key_that_is_asked_for_is_made_and_given_out_alone() -> None:
    graph = keys(replace(PLAIN, purposes=frozenset({KeyPurpose.CACHE})))
    arn = graph.one("Key", "keys-cache").outputs["arn"]
    assert {name: value for name, value in graph.outputs.items() if value} == {"cache": arn}
    assert "alias/demo-aws-eu-west-1-cache" in {alias["name"] for alias in graph.all("Alias")}


@pytest.mark.parametrize("purpose", list(KeyPurpose))
def test_nobody_uses_such_a_key_without_a_condition_and_no_action_is_a_wildcard(purpose: KeyPurpose) -> None:
    uses = [s for s in statements(purpose).values() if {*CRYPTOGRAPHY, "kms:CreateGrant"} & set(s["Action"])]
    assert uses
    assert all(s.get("Condition") for s in uses)
    assert [a for s in statements(purpose).values() for a in s["Action"] if "*" in a] == []


@pytest.mark.parametrize("purpose", list(KeyPurpose))
def test_administrators_of_such_a_key_cannot_use_it(purpose: KeyPurpose) -> None:
    assert not CRYPTOGRAPHY & set(statements(purpose)["AdministerThroughIam"]["Action"])


def test_elasticache_takes_its_grant_by_both_of_its_names() -> None:
    grant = statements(KeyPurpose.CACHE)["GrantToElastiCache"]
    assert (grant["Principal"], grant["Action"]) == ({"AWS": ACCOUNT}, ["kms:CreateGrant", "kms:DescribeKey"])
    assert grant["Condition"] == {"StringEquals": via("elasticache", "dax")}


def test_records_are_sealed_and_opened_through_kinesis_for_streams_of_this_stack_only() -> None:
    use = statements(KeyPurpose.STREAMS)["UseThroughKinesis"]
    streams = "arn:aws:kinesis:eu-west-1:123456789012:stream/demo-aws-eu-west-1-*"
    assert use["Condition"] == {
        "StringEquals": via("kinesis"),
        "StringLike": {"kms:EncryptionContext:aws:kinesis:arn": streams},
    }


def test_a_kafka_cluster_gets_a_grant_and_nothing_else() -> None:
    kafka = [s for s in statements(KeyPurpose.STREAMS).values() if s.get("Condition") == {"StringEquals": via("kafka")}]
    assert [s["Action"] for s in kafka] == [["kms:CreateGrant", "kms:DescribeKey"]]


def test_features_are_read_through_dynamodb_from_tables_of_this_stack_only() -> None:
    use = statements(KeyPurpose.FEATURES)["UseThroughDynamoDb"]
    assert use["Condition"] == {
        "StringEquals": via("dynamodb"),
        "StringLike": {
            "kms:EncryptionContext:aws:dynamodb:subscriberId": "123456789012",
            "kms:EncryptionContext:aws:dynamodb:tableName": "demo-aws-eu-west-1-*",
        },
    }


def test_what_tells_kms_no_context_is_never_asked_for_one() -> None:
    told = [s for purpose in KeyPurpose for s in statements(purpose).values() if "StringLike" in s.get("Condition", {})]
    others = [s for s in told if s["Sid"] != "UseThroughS3"]
    assert others
    assert not [s for s in others if {"kms:CreateGrant", "kms:DescribeKey"} & set(s["Action"])]


def test_predictions_are_sealed_through_s3_for_their_one_bucket() -> None:
    use = statements(KeyPurpose.PREDICTIONS)["UseThroughS3"]
    arn = f"arn:aws:s3:::{BUCKET}"
    assert use["Condition"] == {
        "StringEquals": via("s3"),
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [arn, f"{arn}/*"]},
    }


def test_eventbridge_fills_queues_of_this_stack_though_it_has_no_role() -> None:
    use = statements(KeyPurpose.QUEUES)["UseByEventBridge"]
    assert use["Principal"] == {"Service": "events.amazonaws.com"}
    queues = "arn:aws:sqs:eu-west-1:123456789012:demo-aws-eu-west-1-*"
    assert use["Condition"] == {"StringLike": {"kms:EncryptionContext:aws:sqs:arn": queues}}
    assert statements(KeyPurpose.QUEUES)["UseThroughSqs"]["Condition"]["StringEquals"] == via("sqs")


@pytest.mark.parametrize(
    ("purposes", "bucket"), [(frozenset[KeyPurpose](), BUCKET), (frozenset({KeyPurpose.PREDICTIONS}), None)]
)
def test_the_bucket_of_predictions_is_named_exactly_when_it_has_a_key(
    purposes: frozenset[KeyPurpose], bucket: str | None
) -> None:
    with pytest.raises(ValueError, match="predictions_bucket: got"):
        replace(PLAIN, purposes=purposes, predictions_bucket=bucket)
