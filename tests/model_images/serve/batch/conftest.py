"""Folders for batches, on this machine and in a bucket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.model_images.serve.aws.aws_server import AwsServer
from tests.model_images.serve.batch.jobs import Places


@pytest.fixture
def boto(aws: AwsServer) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


@pytest.fixture(params=["file", "s3"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    if request.param == "s3":
        boto = request.getfixturevalue("boto")
        server: AwsServer = request.getfixturevalue("aws")

        def put(name: str, content: bytes) -> None:
            boto.put_object(Bucket="data", Key=f"in/{name}", Body=content)

        def get() -> dict[str, bytes]:
            listed = boto.list_objects_v2(Bucket="data", Prefix="out/").get("Contents", [])
            keys = [entry["Key"] for entry in listed]
            return {k.removeprefix("out/"): boto.get_object(Bucket="data", Key=k)["Body"].read() for k in keys}

        return Places("s3://data/in", "s3://data/out/", server.environ, put, get)
    source, target = tmp_path / "in", tmp_path / "out"

    def put_file(name: str, content: bytes) -> None:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)

    def get_files() -> dict[str, bytes]:
        return {p.relative_to(target).as_posix(): p.read_bytes() for p in sorted(target.rglob("*")) if p.is_file()}

    return Places(f"file:{source}", f"file://{target}", {}, put_file, get_files)
