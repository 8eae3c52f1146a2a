"""What a batch says when it is called wrongly, and how it ends."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from model_images.serve.batch import command as batch
from tests.model_images.live import ROOT
from tests.model_images.serve.aws.aws_server import AwsServer
from tests.model_images.serve.batch.jobs import command, ran


def test_a_signal_is_never_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as caught:
        batch._stop(signal.SIGTERM, None)
    assert caught.value.code == 143


@pytest.mark.parametrize(
    ("source", "target", "line"),
    [
        ("gs://x", "file:/y", "--input: got 'gs://x'; allowed: s3://BUCKET/PREFIX, file:/FOLDER"),
        ("file:x", "file:/y", "--input: got 'file:x'; allowed: s3://BUCKET/PREFIX, file:/FOLDER"),
        ("file:/x", "s3://Y", "--output: got 's3://Y'; allowed: s3://BUCKET/PREFIX, file:/FOLDER"),
        ("file:/x", "file:/x/y", "--output: got 'file:/x/y'; allowed: a folder that is not below --input, 'file:/x'"),
        (
            "file:///x",
            "file:/x/z/../y",
            "--output: got 'file:/x/z/../y'; allowed: a folder that is not below --input, 'file:///x'",
        ),
        ("s3://data", "file:/y", "AWS_REGION: missing; allowed: a region, such as eu-west-1"),
    ],
)
def test_what_is_wrong_with_the_call_is_told_in_a_line(source: str, target: str, line: str) -> None:
    done = ran(source, target, environ={"AWS_REGION": "", "AWS_DEFAULT_REGION": ""})
    assert (done.status, done.summary, done.said) == (2, {}, f"{line}\n")


def test_all_words_are_needed() -> None:
    done = subprocess.run(
        command("file:/x", "file:/y")[:-2], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (2, "batch: the following arguments are required: --output\n")


def test_an_input_with_nothing_below_is_no_success(tmp_path: Path) -> None:
    done = ran(f"file:{tmp_path}/in", f"file:{tmp_path}/out")
    assert (done.status, done.said.splitlines()[-1]) == (
        1,
        "--input: nothing lies below it; allowed: a folder with objects",
    )


def test_a_bucket_that_is_not_there_is_told_in_a_line(boto: Any, aws: AwsServer) -> None:
    done = ran("s3://nothing/in", "s3://data/out", environ=aws.environ)
    assert (done.status, done.said.splitlines()[-1]) == (1, "s3: NoSuchBucket: The specified bucket does not exist")
