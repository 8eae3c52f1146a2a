"""Small networks that learnt what a model answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from model_images.compress.distill import distill
from model_images.compress.folder import CompressionError
from model_images.evaluation import predicted, read_data
from model_images.model_file import read_model_file
from model_images.runtimes import load
from tests.model_images.compress.trained import SAMPLES, training_data


def test_a_student_of_trees_reaches_their_thresholds_in_a_fraction_of_the_size(tmp_path: Path) -> None:
    done = distill(SAMPLES / "tumor", tmp_path / "new", data=training_data("tumor", tmp_path / "data.csv"), hidden=16)
    model = read_model_file(tmp_path / "new")
    assert (model.framework, model.artifact) == ("onnx", "student.onnx")
    assert done.size_after.bytes < 0.2 * done.size_before.bytes
    assert not (tmp_path / "new/tumor.joblib").exists()
    assert not (tmp_path / "new/requirements.lock").exists()


def test_a_student_of_a_regression_takes_inputs_of_several_types(tmp_path: Path) -> None:
    data = training_data("diabetes", tmp_path / "data.csv")
    teacher = SAMPLES / "diabetes"
    loose = tmp_path / "loose"
    shutil.copytree(teacher, loose)
    text = (loose / "model.yaml").read_text(encoding="utf-8").replace("rmse: 60, mae: 48", "rmse: 75")
    (loose / "model.yaml").write_text(text, encoding="utf-8")
    distill(loose, tmp_path / "new", data=data, hidden=8)
    model = read_model_file(tmp_path / "new")
    rows, _ = read_data(data, model.inputs)
    student = predicted(load(tmp_path / "new", model), rows)["progression"]
    taught = predicted(load(teacher, read_model_file(teacher)), rows)["progression"]
    assert student.dtype == np.float64
    assert np.corrcoef(student, taught)[0, 1] > 0.9


def test_rows_that_the_student_is_measured_on_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CompressionError, match=r"--data .*: the evaluation set; allowed: rows that the student is not"):
        distill(SAMPLES / "tumor", tmp_path / "new", data=SAMPLES / "tumor/evaluation/data.csv")


def test_rows_without_a_class_are_refused(tmp_path: Path) -> None:
    data = training_data("tumor", tmp_path / "data.csv")
    header, *rows = data.read_text(encoding="utf-8").splitlines()
    benign = [row for row in rows if row.endswith(",0")]
    data.write_text("\n".join([header, *benign]), encoding="utf-8")
    with pytest.raises(
        CompressionError, match=r"--data .*: the model answers class 1 for none of its rows; allowed: all"
    ):
        distill(SAMPLES / "tumor", tmp_path / "new", data=data)


def test_a_hidden_layer_has_one_unit_or_more(tmp_path: Path) -> None:
    with pytest.raises(CompressionError, match="--hidden: got 0; allowed: 1 or more"):
        distill(SAMPLES / "tumor", tmp_path / "new", data=tmp_path, hidden=0)
