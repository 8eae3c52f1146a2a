"""What a worker reads, whom it asks and where it writes: as the worker's environment, and as rights. Pure.

A sort of stream or target more is one more class here and one more case in the worker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

import pulumi

from components.aws_policies import Statement
from components.serverless.aws_network import FunctionNetwork
from components.stream.aws_kafka import topic_parts


@dataclass(frozen=True, kw_only=True)
class EndpointTarget:
    """A SageMaker endpoint, by name and ARN."""

    name: pulumi.Input[str]
    arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class FunctionTarget:
    """A Lambda function, by the ARN of an alias."""

    alias_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class HttpTarget:
    """A server inside the network, such as the cluster's internal balancer; `network` is the worker's way there."""

    url: pulumi.Input[str]
    network: FunctionNetwork


Target: TypeAlias = EndpointTarget | FunctionTarget | HttpTarget


@dataclass(frozen=True, kw_only=True)
class KinesisStreams:
    """Input and output by ARN, and the key of both."""

    input_arn: pulumi.Input[str]
    output_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class KafkaStreams:
    """Input and output by the ARNs of their topics, in one cluster: its brokers, their security group, and how the
    worker reaches both them and AWS's services (`network` names the brokers' group too).
    """

    input_arn: pulumi.Input[str]
    output_arn: pulumi.Input[str]
    brokers: pulumi.Input[str]
    network: FunctionNetwork


Streams: TypeAlias = KinesisStreams | KafkaStreams
Known: TypeAlias = dict[str, str]
"""What of a target or of streams is an input, resolved."""


def target_inputs(target: Target) -> dict[str, pulumi.Input[str]]:
    """What must be known of a target before its environment and rights can be written."""
    match target:
        case EndpointTarget():
            return {"name": target.name, "arn": target.arn}
        case FunctionTarget():
            return {"arn": target.alias_arn}
        case HttpTarget():
            return {"url": target.url}
        case _:
            assert_never(target)


def target_told(target: Target, known: Known) -> Known:
    """The variable TARGET of the worker."""
    match target:
        case EndpointTarget():
            return {"kind": "endpoint", "name": known["name"]}
        case FunctionTarget():
            return {"kind": "function", "arn": known["arn"]}
        case HttpTarget():
            return {"kind": "server", "url": known["url"]}
        case _:
            assert_never(target)


def target_rights(target: Target, known: Known) -> tuple[Statement, ...]:
    """The right to ask this one target and no other."""
    match target:
        case EndpointTarget():
            return (Statement(sid="Ask", actions=("sagemaker:InvokeEndpoint",), resources=(known["arn"],)),)
        case FunctionTarget():
            return (Statement(sid="Ask", actions=("lambda:InvokeFunction",), resources=(known["arn"],)),)
        case HttpTarget():
            return ()
        case _:
            assert_never(target)


def streams_inputs(streams: Streams) -> dict[str, pulumi.Input[str]]:
    """What must be known of streams before environment and rights can be written."""
    found = {"input": streams.input_arn, "output": streams.output_arn}
    match streams:
        case KinesisStreams():
            return {**found, "key": streams.key_arn}
        case KafkaStreams():
            return {**found, "brokers": streams.brokers}
        case _:
            assert_never(streams)


def output_told(streams: Streams, known: Known) -> Known:
    """The variable OUTPUT of the worker."""
    match streams:
        case KinesisStreams():
            return {"kind": "kinesis", "arn": known["output"]}
        case KafkaStreams():
            return {"kind": "kafka", "brokers": known["brokers"], "topic": topic_parts(known["output"])[1]}
        case _:
            assert_never(streams)


def streams_rights(streams: Streams, known: Known, group: str) -> tuple[Statement, ...]:
    """Reading the one and writing the other. `group`: as whom Kafka counts the worker."""
    match streams:
        case KinesisStreams():
            return _kinesis_rights(known)
        case KafkaStreams():
            return _kafka_rights(known, group)
        case _:
            assert_never(streams)


def _kinesis_rights(known: Known) -> tuple[Statement, ...]:
    """ListStreams, which Lambda's guide names too, is not asked for a stream that is given by its ARN."""
    reading = (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    )
    return (
        Statement(sid="Read", actions=reading, resources=(known["input"],)),
        Statement(sid="Write", actions=("kinesis:PutRecords",), resources=(known["output"],)),
        Statement(sid="StreamsKey", actions=("kms:Decrypt", "kms:GenerateDataKey"), resources=(known["key"],)),
    )


def _kafka_rights(known: Known, group: str) -> tuple[Statement, ...]:
    """As Lambda's guide on Amazon MSK asks for a cluster with IAM; the brokers' disks need no right on their key."""
    cluster, _ = topic_parts(known["input"])
    groups = f"{cluster.replace(':cluster/', ':group/', 1)}/{group}"
    return (
        Statement(sid="Cluster", actions=("kafka:DescribeClusterV2",), resources=(cluster,)),
        # IAM ties this one to no resource.
        Statement(sid="Brokers", actions=("kafka:GetBootstrapBrokers",), resources=("*",)),
        Statement(sid="Connect", actions=("kafka-cluster:Connect",), resources=(cluster,)),
        Statement(
            sid="Group", actions=("kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"), resources=(groups,)
        ),
        Statement(
            sid="Read",
            actions=("kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"),
            resources=(known["input"],),
        ),
        Statement(
            sid="Write",
            actions=("kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"),
            resources=(known["output"],),
        ),
    )
