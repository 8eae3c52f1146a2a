"""What every compression does around its recipe."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from model_images.compress.folder import BelowThreshold, CompressionError, compress, set_key
from model_images.model_file import ModelFile
from tests.model_images.compress.trained import SAMPLES

TUMOR = SAMPLES / "tumor"


def nothing(old: Path, model: ModelFile, made: Path) -> None:
    """A recipe that changes nothing."""


def with_thresholds(root: Path, metrics: str) -> Path:
    """The sample with other thresholds."""
    folder = root / "old"
    shutil.copytree(TUMOR, folder)
    text = (folder / "model.yaml").read_text(encoding="utf-8")
    head, _, _ = text.partition("evaluation:")
    (folder / "model.yaml").write_text(f"{head}{metrics}", encoding="utf-8")
    return folder


def test_a_new_folder_holds_all_that_the_old_one_does(tmp_path: Path) -> None:
    done = compress(TUMOR, tmp_path / "new", "as it is", nothing)
    assert {path.name for path in (tmp_path / "new").iterdir()} >= {"model.yaml", "tumor.joblib", "evaluation", "tests"}
    assert done.before == done.after
    assert done.size_before == done.size_after
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_the_report_names_each_metric_before_and_after_and_the_size(tmp_path: Path) -> None:
    lines = compress(TUMOR, tmp_path / "new", "as it is", nothing).lines()
    size = f"{(TUMOR / 'tumor.joblib').stat().st_size:,}"
    assert lines[0] == "tumor: as it is"
    assert lines[1] == "  accuracy  0.9415 -> 0.9415  (at least 0.93)"
    assert lines[4] == f"  artifact  {size} -> {size} bytes  (100%)"
    assert lines[-1] == f"written to {tmp_path / 'new'}"


def test_a_model_that_misses_its_thresholds_is_not_written(tmp_path: Path) -> None:
    folder = with_thresholds(
        tmp_path, "evaluation: {data: evaluation/data.csv, metrics: {accuracy: 0.99, log_loss: 0.1, roc_auc: 0.9}}"
    )
    with pytest.raises(BelowThreshold) as below:
        compress(folder, tmp_path / "new", "as it is", nothing)
    assert str(below.value) == (
        "tumor: as it is: evaluation.metrics.accuracy: got 0.9415; allowed: at least 0.99; "
        "evaluation.metrics.log_loss: got 0.1983; allowed: at most 0.1; nothing was written"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_what_is_lost_has_to_be_measured(tmp_path: Path) -> None:
    with pytest.raises(CompressionError, match=r"model\.yaml: evaluation: missing; what is lost has to be measured"):
        compress(with_thresholds(tmp_path, ""), tmp_path / "new", "as it is", nothing)


def test_a_folder_that_is_there_already_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(CompressionError, match="is there already; allowed: a folder that is not there, or empty"):
        compress(TUMOR, tmp_path, "as it is", nothing)
    (tmp_path / "empty").mkdir()
    assert compress(TUMOR, tmp_path / "empty", "as it is", nothing).output == str(tmp_path / "empty")


def test_a_key_of_the_model_file_is_changed_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text("# about\nname: a\nframework: sklearn  # for now\nartifact: m.joblib\n", encoding="utf-8")
    set_key(path, "framework", "onnx")
    set_key(path, "artifact", "m.onnx")
    text = path.read_text(encoding="utf-8")
    assert text == "# about\nname: a\nframework: onnx  # for now\nartifact: m.onnx\n"
    with pytest.raises(CompressionError, match=r"model\.yaml: version: not on a line of its own"):
        set_key(path, "version", "2")
