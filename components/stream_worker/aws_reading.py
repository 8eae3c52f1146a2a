"""How Lambda reads a stream and hands batches to the worker, and by which measure one sees that it keeps up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.stream.aws_kafka import topic_parts
from components.stream_worker.types import Metric

_FROM_THE_BEGINNING = "TRIM_HORIZON"  # what came while there was no worker is not lost


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What both sorts of streams have in common."""

    function_arn: pulumi.Input[str]
    dead_letters: pulumi.Input[str]
    batch: int
    window_s: int
    tags: Mapping[str, str]

    def on_failure(self) -> aws.lambda_.EventSourceMappingDestinationConfigArgs:
        """Where the place of a batch goes that is given up."""
        to = aws.lambda_.EventSourceMappingDestinationConfigOnFailureArgs(destination_arn=self.dead_letters)
        return aws.lambda_.EventSourceMappingDestinationConfigArgs(on_failure=to)


def read_kinesis(
    name: str,
    reading: Reading,
    stream_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    parallel: int,
    tries_again: int,
    oldest_s: int,
) -> None:
    """Shard by shard; only what failed comes again, divided until what fails stands alone."""
    aws.lambda_.EventSourceMapping(
        name,
        event_source_arn=stream_arn,
        function_name=reading.function_arn,
        starting_position=_FROM_THE_BEGINNING,
        batch_size=reading.batch,
        maximum_batching_window_in_seconds=reading.window_s,
        parallelization_factor=parallel,
        bisect_batch_on_function_error=True,
        function_response_types=["ReportBatchItemFailures"],
        maximum_retry_attempts=tries_again,
        maximum_record_age_in_seconds=oldest_s,
        destination_config=reading.on_failure(),
        metrics_config=aws.lambda_.EventSourceMappingMetricsConfigArgs(metrics=["EventCount"]),
        tags=reading.tags,
        opts=opts,
    )


def read_kafka(
    name: str, reading: Reading, topic_arn: pulumi.Input[str], group: str, opts: pulumi.ResourceOptions
) -> None:
    """Partition by partition; a failed batch comes again as a whole, until it is done.

    Counting tries and partial reports would need pollers that are paid for by the hour ("provisioned mode").
    """
    parts = pulumi.Output.from_input(topic_arn).apply(topic_parts)
    aws.lambda_.EventSourceMapping(
        name,
        event_source_arn=parts.apply(lambda found: found[0]),
        topics=[parts.apply(lambda found: found[1])],
        function_name=reading.function_arn,
        starting_position=_FROM_THE_BEGINNING,
        batch_size=reading.batch,
        maximum_batching_window_in_seconds=reading.window_s,
        amazon_managed_kafka_event_source_config=aws.lambda_.EventSourceMappingAmazonManagedKafkaEventSourceConfigArgs(
            consumer_group_id=group
        ),
        destination_config=reading.on_failure(),
        tags=reading.tags,
        opts=opts,
    )


def lag(function: str, *, kafka: bool) -> Metric:
    """Of Kinesis the age of what was read last, of Kafka the number of records that nobody has read."""
    if kafka:
        return Metric(namespace="AWS/Lambda", name="OffsetLag", dimensions={"FunctionName": function}, unit="Count")
    return Metric(
        namespace="AWS/Lambda", name="IteratorAge", dimensions={"FunctionName": function}, unit="Milliseconds"
    )
