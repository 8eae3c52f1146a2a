"""`quantize`, `prune` and `distill` as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model_images.__main__ import main
from tests.model_images.compress.trained import SAMPLES

DIGITS = str(SAMPLES / "digits-onnx")


def test_what_was_written_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quantize", DIGITS, "--output", str(tmp_path / "new")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "digits-onnx: int8, dynamic"
    assert said[-1] == f"written to {tmp_path / 'new'}"


def test_the_report_is_one_json_object_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prune", DIGITS, "--output", str(tmp_path / "new"), "--sparsity", "0.3", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["thresholds"] == {"accuracy": 0.95, "f1": 0.95, "log_loss": 0.25}
    assert {*said["before"]} == {*said["after"]} == {*said["thresholds"]}


def test_a_missed_threshold_ends_in_one_and_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prune", DIGITS, "--output", str(tmp_path / "new"), "--sparsity", "0.95"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["quantize", str(SAMPLES / "tumor-onnx")], "nothing to quantize"),
        (["quantize", "nowhere"], "nowhere/model.yaml: No such file or directory; a model folder holds a model.yaml"),
        (["distill", DIGITS, "--data", "nowhere.csv"], "nowhere.csv: No such file or directory"),
    ],
)
def test_what_cannot_be_used_ends_in_two_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main([*words, "--output", str(tmp_path / "new")]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1
