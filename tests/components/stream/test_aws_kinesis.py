"""A region's streams in Kinesis: by name, encrypted, as long readable as told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.stream.aws_kinesis import AwsKinesis, AwsKinesisArgs
from tests.recorder import Graph, record

KEY = "arn:aws:kms:eu-west-1:123456789012:key/streams"
ARGS = AwsKinesisArgs(stack="demo-aws-eu-west-1", streams=("scores", "payments"), key_arn=KEY)


@cache
def streams(args: AwsKinesisArgs = ARGS, preview: bool = False) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsKinesis("streams", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("streams", dict(made.outputs.streams))

    return record(program, preview=preview)


def test_each_name_is_a_stream_of_the_stack() -> None:
    graph = streams()
    assert {s.name: s["name"] for s in graph.all("Stream")} == {
        "streams-payments": "demo-aws-eu-west-1-payments",
        "streams-scores": "demo-aws-eu-west-1-scores",
    }
    assert graph.outputs["streams"] == {
        name: f"arn:aws:kinesis:eu-west-1:123456789012:stream/demo-aws-eu-west-1-{name}"
        for name in ("payments", "scores")
    }


def test_records_are_encrypted_with_the_key_of_streams() -> None:
    assert {(s["encryptionType"], s["kmsKeyId"]) for s in streams().all("Stream")} == {("KMS", KEY)}


def test_a_stream_follows_its_load_unless_shards_are_told() -> None:
    (mode,) = {(s["streamModeDetails.streamMode"], s.inputs.get("shardCount")) for s in streams().all("Stream")}
    assert mode == ("ON_DEMAND", None)
    told = streams(replace(ARGS, shards=4)).all("Stream")[0]
    assert (told["streamModeDetails.streamMode"], told["shardCount"]) == ("PROVISIONED", 4)


def test_records_stay_as_long_as_told_and_hot_shards_are_seen() -> None:
    kept = streams(replace(ARGS, retention_hours=168)).all("Stream")[0]
    assert kept["retentionPeriod"] == 168
    assert "WriteProvisionedThroughputExceeded" in kept["shardLevelMetrics"]


def test_only_an_unprotected_stream_goes_and_then_whatever_reads_it() -> None:
    facts = {(bool(s.options.get("protect")), s["enforceConsumerDeletion"]) for s in streams().all("Stream")}
    kept = streams(replace(ARGS, protect=True)).all("Stream")
    assert facts == {(False, True)}
    assert {(bool(s.options.get("protect")), s["enforceConsumerDeletion"]) for s in kept} == {(True, False)}


def test_a_preview_shows_the_same_streams() -> None:
    assert {r.urn for r in streams(preview=True).resources} == {r.urn for r in streams().resources}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"streams": ()}, "streams: got"),
        ({"streams": ("a", "a")}, "streams: got"),
        ({"retention_hours": 23}, "retention_hours: got 23; allowed: 24 to 8760"),
        ({"shards": 0}, "shards: got 0"),
    ],
)
def test_what_no_stream_can_be_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ARGS, **change)
