"""A region's streams in Kafka: three zones, our key, IAM over TLS, and no topic by accident."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.stream.aws_kafka import AwsKafka, AwsKafkaArgs, broker_log_group, server_properties, topic_parts
from tests.recorder import Graph, record

KEY = "arn:aws:kms:eu-west-1:123456789012:key/streams"
ARGS = AwsKafkaArgs(
    stack="demo-aws-eu-west-1",
    streams=("scores", "payments"),
    vpc_id="vpc-0123456789abcdef0",
    subnet_ids={f"eu-west-1{letter}": f"subnet-0{letter * 16}" for letter in "abcd"},
    key_arn=KEY,
    logs_key_arn="arn:aws:kms:eu-west-1:123456789012:key/logs",
    retention_hours=48,
)
RECORDED: dict[str, Graph] = {}


def kafka(args: AwsKafkaArgs = ARGS) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsKafka("streams", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("streams", dict(made.outputs.streams))
        pulumi.export("brokers", made.outputs.brokers)

    if str(args) not in RECORDED:
        RECORDED[str(args)] = record(program)
    return RECORDED[str(args)]


def test_a_broker_stands_in_each_of_three_zones() -> None:
    cluster = kafka().one("Cluster")
    assert cluster["numberOfBrokerNodes"] == 3
    assert cluster["brokerNodeGroupInfo.clientSubnets"] == [f"subnet-0{letter * 16}" for letter in "abc"]


def test_who_calls_shows_an_iam_identity_over_tls_and_there_is_no_other_way_in() -> None:
    cluster = kafka().one("Cluster")
    assert cluster["clientAuthentication"] == {"sasl": {"iam": True, "scram": False}, "unauthenticated": False}
    assert cluster["encryptionInfo"] == {
        "encryptionAtRestKmsKeyArn": KEY,
        "encryptionInTransit": {"clientBroker": "TLS", "inCluster": True},
    }


def test_nobody_makes_a_topic_by_writing_to_it_and_a_lost_broker_loses_nothing() -> None:
    lines = server_properties().splitlines()
    assert {"auto.create.topics.enable=false", "min.insync.replicas=2", "default.replication.factor=3"} <= set(lines)
    assert kafka().one("Configuration")["serverProperties"] == server_properties()


def test_each_name_is_a_topic_with_three_copies_and_its_own_retention() -> None:
    topics = {topic["name"]: topic for topic in kafka().all("Topic")}
    assert set(topics) == {"payments", "scores"}
    assert {(t["replicationFactor"], t["partitionCount"]) for t in topics.values()} == {(3, 6)}
    assert json.loads(topics["scores"]["configs"]) == {"retention.ms": "172800000"}


def test_a_topics_arn_tells_its_cluster() -> None:
    graph = kafka()
    assert topic_parts(graph.outputs["streams"]["scores"]) == (graph.one("Cluster").outputs["arn"], "scores")
    with pytest.raises(ValueError, match="allowed: the ARN of a topic"):
        topic_parts("arn:aws:kinesis:eu-west-1:123456789012:stream/scores")


def test_only_lambdas_pollers_inside_reach_the_brokers() -> None:
    graph = kafka()
    group = graph.one("SecurityGroup").id
    door = graph.one("SecurityGroupIngressRule")
    assert (door["securityGroupId"], door["referencedSecurityGroupId"], door["fromPort"]) == (group, group, 9098)


def test_brokers_lines_are_encrypted() -> None:
    group = kafka().one("LogGroup")
    assert (group["name"], group["kmsKeyId"]) == (broker_log_group(ARGS.stack), ARGS.logs_key_arn)


def test_protected_topics_stay() -> None:
    kept = kafka(replace(ARGS, protect=True))
    assert {bool(r.options.get("protect")) for r in (*kept.all("Topic"), kept.one("Cluster"))} == {True}
    assert [r.name for r in kafka().resources if r.options.get("protect")] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subnet_ids": {"eu-west-1a": "subnet-1"}}, "allowed: 3 zones or more"),
        ({"partitions": 0}, "partitions: got 0"),
        ({"disk_gib": 0}, "disk_gib: got 0"),
        ({"streams": ()}, "streams: got"),
    ],
)
def test_what_kafka_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ARGS, **change)
