"""A bucket as moto plays it, looked at with AWS's own client."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from model_images.serve.aws import s3
from model_images.serve.aws.errors import AwsError
from model_images.serve.aws.s3 import Bucket, parse
from tests.model_images.serve.aws.aws_server import KEYS, AwsServer, written

ODD = "exports/a b+c%2F#?ü&.csv"


@pytest.fixture
def boto(aws: AwsServer) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


@pytest.fixture
def bucket(aws: AwsServer, boto: Any) -> Bucket:
    return Bucket("models", aws.environ)


def test_all_objects_below_a_prefix_are_listed_over_all_pages(bucket: Bucket, boto: Any) -> None:
    keys = sorted([ODD, *(f"exports/{number:04}" for number in range(1100))])
    for key in (*keys, "other"):
        boto.put_object(Bucket="models", Key=key, Body=b"x" * 3)
    found = list(bucket.entries("exports/"))
    assert [entry.key for entry in found] == keys
    assert found[0].size == 3
    assert found[0].modified == boto.head_object(Bucket="models", Key=keys[0])["LastModified"]


def test_an_object_is_read_in_parts(bucket: Bucket, boto: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "BLOCK_BYTES", 1000)
    content = bytes(range(256)) * 10
    boto.put_object(Bucket="models", Key=ODD, Body=content)
    [entry] = bucket.entries("exports/")
    blocks = list(bucket.read(entry))
    assert [len(block) for block in blocks] == [1000, 1000, 560]
    assert b"".join(blocks) == content


def test_an_object_that_is_written_anew_meanwhile_is_told(
    bucket: Bucket, boto: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "BLOCK_BYTES", 10)
    boto.put_object(Bucket="models", Key="a", Body=b"x" * 20)
    [entry] = bucket.entries("a")
    blocks = bucket.read(entry)
    next(blocks)
    boto.put_object(Bucket="models", Key="a", Body=b"y" * 20)
    with pytest.raises(AwsError, match=r"^s3: 'a' was written anew while it was read$"):
        next(blocks)


def test_a_small_object_is_written_at_once(bucket: Bucket, boto: Any) -> None:
    bucket.put(ODD, b"content", "text/csv", encoding="gzip")
    found = boto.get_object(Bucket="models", Key=ODD)
    assert (found["Body"].read(), found["ContentType"], found["ContentEncoding"]) == (b"content", "text/csv", "gzip")


def test_a_large_object_is_there_only_when_it_is_whole(
    bucket: Bucket, boto: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "PART_BYTES", 5 << 20)
    upload = bucket.upload("out/large", "text/csv")
    content = hashlib.sha256(b"seed").digest() * (11 << 15)
    for begin in range(0, len(content), 1 << 20):
        upload.write(content[begin : begin + (1 << 20)])
        assert "Contents" not in boto.list_objects_v2(Bucket="models")
    assert len(boto.list_multipart_uploads(Bucket="models")["Uploads"]) == 1
    upload.finish()
    found = boto.get_object(Bucket="models", Key="out/large")
    assert found["Body"].read() == content
    assert found["ContentType"] == "text/csv"
    assert found["ETag"].endswith('-3"')


@pytest.mark.parametrize("written_bytes", [0, 10, 6 << 20])
def test_what_is_given_up_leaves_nothing(
    bucket: Bucket, boto: Any, monkeypatch: pytest.MonkeyPatch, written_bytes: int
) -> None:
    monkeypatch.setattr(s3, "PART_BYTES", 5 << 20)
    upload = bucket.upload("out/large", "text/csv")
    upload.write(b"x" * written_bytes)
    upload.give_up()
    assert "Contents" not in boto.list_objects_v2(Bucket="models")
    assert "Uploads" not in boto.list_multipart_uploads(Bucket="models")


def test_an_empty_object_can_be_written(bucket: Bucket, boto: Any) -> None:
    bucket.upload("empty", "text/csv").finish()
    assert boto.head_object(Bucket="models", Key="empty")["ContentLength"] == 0


def test_a_bucket_that_is_not_there_is_told(aws: AwsServer) -> None:
    with pytest.raises(AwsError, match=r"^s3: NoSuchBucket: The specified bucket does not exist$"):
        list(Bucket("nothing", aws.environ).entries(""))


@pytest.mark.parametrize("answer", [(200, b""), (200, b"<x/>")])
def test_an_upload_without_a_name_is_begun_for_nobody(
    answer: tuple[int, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "PART_BYTES", 4)
    with written(answer) as server, pytest.raises(AwsError, match="s3: an answer that"):
        Bucket("models", server.environ).upload("a", "text/csv").write(b"12345")
    assert len(server.asked) == 1


def test_an_answer_that_is_short_is_not_taken_for_whole() -> None:
    with written((206, b"12345")) as server:
        entry = s3.ObjectEntry("a", 10, '"1"', datetime.now(UTC))
        with pytest.raises(AwsError, match="got 5 bytes of 10"):
            list(Bucket("models", server.environ).read(entry))


@pytest.mark.parametrize(
    ("name", "host"), [("models", "models.s3.eu-west-1.amazonaws.com"), ("a.b", "s3.eu-west-1.amazonaws.com")]
)
def test_a_bucket_has_a_host_of_its_own_where_a_certificate_covers_it(name: str, host: str) -> None:
    assert Bucket(name, KEYS)._client._base.split("/")[2] == host


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("s3://models", ("models", "")),
        ("s3://models/", ("models", "")),
        ("s3://models/a/b c/", ("models", "a/b c/")),
        ("s3://Models/a", None),
        ("gs://models/a", None),
        ("s3:///a", None),
    ],
)
def test_addresses_are_read(uri: str, found: tuple[str, str] | None) -> None:
    assert parse(uri) == found
