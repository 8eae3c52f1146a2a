"""Weights out of a region's model store: served by every way into the image, and never if they are others."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from model_images.model_file import ModelFileError, model_digest
from model_images.serve import weights
from model_images.serve.aws.errors import AwsError
from model_images.serve.weights import WeightsError, completed, fetch
from tests.model_images.contracts.lambda_double import RuntimeApiDouble, start_lambda
from tests.model_images.folders import model_folder
from tests.model_images.live import ROOT, free_port, start
from tests.model_images.serve.aws.aws_server import AwsServer

IMAGE = [sys.executable, "-m", "model_images.serve"]


@pytest.fixture
def boto(aws: AwsServer) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket="weights", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


def stored(boto: Any, content: bytes, digest: str = "") -> str:
    digest = digest or hashlib.sha256(content).hexdigest()
    boto.put_object(Bucket="weights", Key=f"sha256/{digest}", Body=content)
    return f"s3://weights/sha256/{digest}"


@pytest.fixture
def apart(boto: Any, aws: AwsServer, tmp_path: Path) -> tuple[Path, dict[str, str], str]:
    """A model folder without its artifact, the variables that name it, and the digest of the whole folder."""
    folder = tmp_path / "model"
    (folder / "deep").mkdir(parents=True)
    model_folder(folder)
    (folder / "deep/words.txt").write_text("words")
    digest = model_digest(folder)
    artifact = folder / "model.py"
    environ = {**aws.environ, "WEIGHTS": stored(boto, artifact.read_bytes())}
    artifact.unlink()
    return folder, environ, digest


def test_bytes_are_fetched_in_parts_and_checked(
    boto: Any, aws: AwsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "BLOCK_BYTES", 1000)
    for content in (bytes(range(256)) * 40, b"", b"x"):
        fetch(stored(boto, content), tmp_path / "weights", aws.environ)
        assert (tmp_path / "weights").read_bytes() == content


def test_a_folder_is_completed_and_is_the_same_model(apart: tuple[Path, dict[str, str], str]) -> None:
    folder, environ, digest = apart
    with completed(folder, environ) as whole:
        assert model_digest(whole) == digest
        assert (whole / "deep/words.txt").read_text() == "words"
    assert not whole.exists()


def test_bytes_of_another_digest_are_not_loaded(boto: Any, aws: AwsServer, tmp_path: Path) -> None:
    uri = stored(boto, b"evil", "0" * 64)
    with pytest.raises(WeightsError) as caught:
        fetch(uri, tmp_path / "weights", aws.environ)
    got = hashlib.sha256(b"evil").hexdigest()
    assert str(caught.value) == f"WEIGHTS: got {uri!r}: its bytes have the digest sha256:{got}; they are not loaded"


@pytest.mark.parametrize(
    "uri", ["s3://weights", "s3://weights/sha256/ABC", "s3://weights/x/sha256/" + "0" * 64, "file:/x"]
)
def test_an_address_without_a_digest_is_refused(uri: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        fetch(uri, tmp_path / "weights", {})
    assert str(caught.value) == f"WEIGHTS: got {uri!r}; allowed: s3://BUCKET/sha256/HEX, or empty: the image's own"


def test_weights_that_are_not_there_are_told(apart: tuple[Path, dict[str, str], str]) -> None:
    folder, environ, _ = apart
    uri = "s3://weights/sha256/" + "1" * 64
    with pytest.raises(AwsError, match="HTTP 404"):
        fetch(uri, folder / "weights", environ)
    with (
        pytest.raises(WeightsError, match=r"is it there, and may the role read it"),
        completed(folder, {**environ, "WEIGHTS": uri}),
    ):
        pass


@pytest.mark.parametrize("name", ["../model.py", "/etc/x.py", "tests/x.py"])
def test_an_artifact_is_written_into_the_folder_only(name: str, apart: tuple[Path, dict[str, str], str]) -> None:
    folder, environ, _ = apart
    text = (folder / "model.yaml").read_text().replace("artifact: model.py", f"artifact: {name}")
    (folder / "model.yaml").write_text(text)
    with pytest.raises(ModelFileError, match=f"artifact: got {name!r}"), completed(folder, environ):
        pass


def test_the_server_serves_them_and_leaves_nothing(apart: tuple[Path, dict[str, str], str], tmp_path: Path) -> None:
    folder, environ, digest = apart
    (tmp_path / "scratch").mkdir()
    own = {**environ, "MODEL_DIR": str(folder), "TMPDIR": str(tmp_path / "scratch"), "WORKERS": "1"}
    server = start(IMAGE, own)
    try:
        assert server.post_json("/invocations", {"instances": [[2, "FR"]]}).json() == {"predictions": [4.0]}
        assert server.get("/openapi.json").json()["info"]["x-model-digest"] == digest
    finally:
        assert server.stop() == 0
    assert list((tmp_path / "scratch").iterdir()) == []


def test_lambda_answers_by_them(apart: tuple[Path, dict[str, str], str]) -> None:
    folder, environ, _ = apart
    api = RuntimeApiDouble()
    running = start_lambda(folder, api.address, environ)
    try:
        assert json.loads(api.invoke({"instances": [[2, "FR"]]}).body) == {"predictions": [4.0]}
    finally:
        running.kill()
        api.close()


def test_a_batch_predicts_by_them(apart: tuple[Path, dict[str, str], str], tmp_path: Path) -> None:
    folder, environ, _ = apart
    (tmp_path / "in.csv").write_text("2,FR\n")
    done = subprocess.run(
        [*IMAGE, "batch", "--input", f"file:{tmp_path}/in.csv", "--output", f"file:{tmp_path}/out"],
        cwd=ROOT,
        env={**os.environ, **environ, "MODEL_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, json.loads(done.stdout)["rows"]) == (0, 1)
    assert (tmp_path / "out/in.csv.out").read_text() == "4.0\n"


@pytest.mark.parametrize("words", [[], ["batch", "--input", "file:/x", "--output", "file:/y"]])
def test_weights_that_cannot_be_had_end_the_image_with_one_line(
    words: list[str], apart: tuple[Path, dict[str, str], str]
) -> None:
    folder, environ, _ = apart
    own = {"MODEL_DIR": str(folder), "WEIGHTS": "s3://weights/x", "AIP_HTTP_PORT": str(free_port())}
    done = subprocess.run(
        [*IMAGE, *words],
        cwd=ROOT,
        env={**os.environ, **environ, **own},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "WEIGHTS: got 's3://weights/x'; allowed: s3://BUCKET/sha256/HEX, or empty: the image's own\n"


def test_a_disk_that_is_full_is_told_and_nothing_is_loaded(
    apart: tuple[Path, dict[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, environ, _ = apart
    monkeypatch.setattr(os, "pwrite", lambda *_: 0)
    with pytest.raises(WeightsError, match=r"cannot be written: no space left$"), completed(folder, environ):
        pass
