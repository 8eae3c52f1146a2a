"""Captured lines in a bucket."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from model_images.serve.aws.capture_sink import ObjectSink
from model_images.serve.metrics import CAPTURE_DROPPED, CAPTURE_FAILED, CAPTURE_WRITTEN, Metrics
from tests.model_images.serve.aws.aws_server import KEYS, AwsServer, written
from tests.model_images.serve.small_models import Doubler, inference_of, numbers, request_of

NOW = datetime(2026, 11, 24, 15, 4, 5, tzinfo=UTC)
LINES = b'{"a":1}\n{"a":2}\n'


@pytest.fixture
def boto(aws: AwsServer) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket="captures", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


def objects(boto: Any) -> dict[str, bytes]:
    keys = [entry["Key"] for entry in boto.list_objects_v2(Bucket="captures").get("Contents", [])]
    return {key: boto.get_object(Bucket="captures", Key=key)["Body"].read() for key in keys}


@pytest.mark.parametrize(("url", "prefix"), [("s3://captures", ""), ("s3://captures/fraud/a/", "fraud/a/")])
def test_lines_are_an_object_named_by_time_and_content(aws: AwsServer, boto: Any, url: str, prefix: str) -> None:
    sink = ObjectSink(url, aws.environ, lambda: NOW)
    for lines in (LINES, LINES, b""):
        sink(lines)
    digest = hashlib.sha256(LINES).hexdigest()[:32]
    [(key, content)] = objects(boto).items()
    assert key == f"{prefix}2026/11/24/15/20261124T150405Z-{digest}.jsonl.gz"
    assert gzip.decompress(content) == LINES


def counts(metrics: Metrics) -> tuple[float, float, float]:
    return metrics.total(CAPTURE_WRITTEN), metrics.total(CAPTURE_DROPPED), metrics.total(CAPTURE_FAILED)


def captured(environ: dict[str, str], requests: int) -> Metrics:
    """Asks that often, and closes; the numbers."""
    metrics = Metrics.alone()
    inference = inference_of(Doubler(), metrics=metrics, capture_sink="s3://captures/fraud", aws=environ)

    async def run() -> None:
        for number in range(requests):
            await inference.predict(numbers(float(number)), request_of(id_=f"id-{number}"))
        await inference.close()
        await asyncio.sleep(0)

    asyncio.run(run())
    return metrics


def test_requests_are_gathered_into_few_objects(aws: AwsServer, boto: Any) -> None:
    assert counts(captured(aws.environ, 700)) == (700, 0, 0)
    found = objects(boto)
    assert all(re.match(r"fraud/\d{4}/\d\d/\d\d/\d\d/", key) for key in found)
    lines = [json.loads(line) for content in found.values() for line in gzip.decompress(content).splitlines()]
    assert {line["prediction_id"] for line in lines} == {f"id-{number}" for number in range(700)}
    assert len(found) == 2


def test_a_bucket_that_refuses_costs_no_request_anything(caplog: pytest.LogCaptureFixture) -> None:
    refusal = (403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
    with caplog.at_level(logging.WARNING), written(refusal) as server:
        assert counts(captured(server.environ, 3)) == (0, 0, 3)
    assert caplog.messages == ["capture: the sink fails (s3: AccessDenied: no); captured requests are lost"]


def test_an_address_without_a_bucket_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^CAPTURE_SINK: got 's3://A/b'; allowed: s3://BUCKET/PREFIX$"):
        ObjectSink("s3://A/b", KEYS)
