"""The alarm topic: encrypted, TLS only, spoken to by services for this account alone, heard by who was named."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.monitoring.aws_topic import AwsAlarmTopic, AwsAlarmTopicArgs, topic_policy
from tests.components.monitoring.parts import ACCOUNT, RECEIVERS, STACK, TOPIC
from tests.recorder import Graph, record

ARGS = AwsAlarmTopicArgs(
    stack=STACK,
    account=ACCOUNT,
    region="eu-west-1",
    key_arn=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/alarms",
    event_rule=f"{STACK}-health",
    receivers=RECEIVERS,
)
SERVICES = {"cloudwatch", "events", "budgets", "costalerts"}


@cache
def topic(args: AwsAlarmTopicArgs = ARGS) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        AwsAlarmTopic("channel", args, pulumi.ResourceOptions(provider=provider))

    return record(program)


def statements() -> dict[str, dict[str, Any]]:
    return {s["Sid"]: s for s in json.loads(topic().one("Topic")["policy"])["Statement"]}


def test_messages_are_encrypted_with_the_region_s_own_key_and_signed_anew() -> None:
    made = topic().one("Topic")
    assert (made["kmsMasterKeyId"], made["signatureVersion"], made["name"]) == (ARGS.key_arn, 2, f"{STACK}-alarms")


def test_four_services_publish_and_nobody_else_is_let_in() -> None:
    allowed = [s for s in statements().values() if s["Effect"] == "Allow"]
    assert {s["Principal"]["Service"].removesuffix(".amazonaws.com") for s in allowed} == SERVICES
    assert all(s["Action"] == ["sns:Publish"] and s["Resource"] == [TOPIC] for s in allowed)


@pytest.mark.parametrize(
    ("sid", "source"),
    [
        ("PublishByCloudWatch", f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:*"),
        ("PublishByEventBridge", f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/{STACK}-health"),
        ("PublishByBudgets", f"arn:aws:budgets::{ACCOUNT}:*"),
    ],
)
def test_a_service_speaks_for_things_of_this_account_only(sid: str, source: str) -> None:
    [by_arn] = [keys for operator, keys in statements()[sid]["Condition"].items() if operator.startswith("Arn")]
    assert by_arn == {"aws:SourceArn": source}


def test_cost_anomalies_are_told_for_this_account_only() -> None:
    condition = statements()["PublishByCostAnomalyDetection"]["Condition"]
    assert condition == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_nobody_publishes_or_subscribes_without_tls() -> None:
    refusal = statements()["TlsOnly"]
    assert (refusal["Effect"], refusal["Principal"]) == ("Deny", {"AWS": "*"})
    assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_another_partition_has_its_own_arns() -> None:
    text = topic_policy(replace(ARGS, region="cn-north-1"))
    assert "arn:aws-cn:sns:cn-north-1" in text
    assert f"arn:aws-cn:budgets::{ACCOUNT}" in text


def test_each_receiver_is_subscribed_by_its_own_protocol_under_a_name_of_its_own() -> None:
    found = {s["endpoint"]: (s["protocol"], s["topic"]) for s in topic().all("TopicSubscription")}
    assert found == {RECEIVERS[0]: ("email", TOPIC), RECEIVERS[1]: ("https", TOPIC)}


def test_the_order_of_receivers_changes_nothing() -> None:
    turned = topic(replace(ARGS, receivers=RECEIVERS[::-1]))
    assert {s.urn: s["endpoint"] for s in turned.all("TopicSubscription")} == {
        s.urn: s["endpoint"] for s in topic().all("TopicSubscription")
    }


def test_an_address_that_is_neither_mail_nor_https_is_refused() -> None:
    with pytest.raises(ValueError, match=r"got 'http://x'; allowed: email addresses and https:// addresses"):
        replace(ARGS, receivers=("http://x",))
