"""The streams of one AWS region in Kinesis: for each name a stream that grows and shrinks by itself.

Owns no consumer with a share of its own and no policy for other accounts: who reads and writes has the right in its own
role. Lag is watched where it is read (components/stream_worker).
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.naming import physical_name
from components.stream.types import StreamOutputs

LONGEST_STREAM_NAME = 128
LEAST_RETENTION_HOURS, MOST_RETENTION_HOURS = 24, 8760
# By shard: where a hot key throttles, and whether its readers keep up, is seen nowhere else.
_SHARD_METRICS = ("IteratorAgeMilliseconds", "ReadProvisionedThroughputExceeded", "WriteProvisionedThroughputExceeded")


@dataclass(frozen=True, kw_only=True)
class AwsKinesisArgs:
    """`shards`: None where each stream follows its load, else as many for each, which is cheaper for a steady one."""

    stack: str
    streams: tuple[str, ...]  # keys of child names: their order does not matter
    key_arn: pulumi.Input[str]
    retention_hours: int = LEAST_RETENTION_HOURS
    shards: int | None = None
    protect: bool = False  # true: no `destroy` deletes a stream with what nobody has read yet

    def __post_init__(self) -> None:
        check_streams(self.streams, self.retention_hours)
        if self.shards is not None and self.shards < 1:
            raise ValueError(
                f"shards: got {self.shards}; allowed: 1 or more, or none for a stream that follows its load"
            )


class AwsKinesis(pulumi.ComponentResource):
    """Streams `STACK-NAME`, encrypted with the region's key for streams."""

    outputs: StreamOutputs

    def __init__(self, name: str, args: AwsKinesisArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:stream:AwsKinesis", name, None, opts)
        made = {stream: _stream(name, stream, args, self) for stream in sorted(args.streams)}
        self.outputs = StreamOutputs(
            streams={stream: one.arn for stream, one in made.items()}, ready=tuple(made.values())
        )
        self.register_outputs({"streams": dict(self.outputs.streams)})


def stream_name(stack: str, stream: str) -> str:
    """The physical name of a stream."""
    return physical_name(stack, stream, longest=LONGEST_STREAM_NAME)


def check_streams(streams: tuple[str, ...], retention_hours: int) -> None:
    """Raises ValueError for no stream, one named twice, and a retention that Kinesis and Kafka do not both have."""
    if not streams or len(set(streams)) != len(streams):
        raise ValueError(f"streams: got {streams!r}; allowed: one or more, each once")
    if not LEAST_RETENTION_HOURS <= retention_hours <= MOST_RETENTION_HOURS:
        raise ValueError(
            f"retention_hours: got {retention_hours}; allowed: {LEAST_RETENTION_HOURS} to {MOST_RETENTION_HOURS}"
        )


def _stream(name: str, stream: str, args: AwsKinesisArgs, parent: pulumi.Resource) -> aws.kinesis.Stream:
    mode = "ON_DEMAND" if args.shards is None else "PROVISIONED"
    return aws.kinesis.Stream(
        f"{name}-{stream}",
        name=stream_name(args.stack, stream),
        stream_mode_details=aws.kinesis.StreamStreamModeDetailsArgs(stream_mode=mode),
        shard_count=args.shards,
        retention_period=args.retention_hours,
        encryption_type="KMS",
        kms_key_id=args.key_arn,
        shard_level_metrics=list(_SHARD_METRICS),
        enforce_consumer_deletion=not args.protect,  # a consumer would hold up a `destroy` that may delete
        tags={"Name": stream_name(args.stack, stream)},
        opts=pulumi.ResourceOptions(parent=parent, protect=args.protect),
    )
