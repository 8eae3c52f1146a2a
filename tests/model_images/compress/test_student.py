"""The student's graph: what it takes and answers is what `model.yaml` declares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_images.compress.student import write_student
from model_images.model_file import Input, ModelFile, Tensor, WarmUp
from model_images.runtimes import load
from tests.model_images.runtimes.artifacts import column_rows, matrix_rows

# Two features, two hidden units, two answers: the features themselves, where they are above zero.
SAME = [(np.eye(2), np.zeros(2)), (np.eye(2), np.zeros(2))]
SUM = [(np.eye(2), np.zeros(2)), (np.ones((2, 1)), np.ones(1))]
FLOATS = (Input(name="a", type="float32"), Input(name="b", type="float32"))


def student(
    root: Path, inputs: tuple[Input, ...], outputs: tuple[Tensor, ...], classes: tuple[Any, ...], layers: Any
) -> Any:
    model = ModelFile(
        name="made",
        version="1",
        framework="onnx",
        artifact="student.onnx",
        inputs=inputs,
        outputs=outputs,
        warmup=WarmUp(instances=([1, 2],)),
    )
    write_student(root / "student.onnx", model, outputs, classes, layers)
    return load(root, model)


def test_scalars_of_one_type_go_in_side_by_side(tmp_path: Path) -> None:
    made = student(tmp_path, FLOATS, (Tensor(name="value", type="float64"),), (), SUM)
    assert made.predict(matrix_rows((1, 2), (-1, 2)))["value"].tolist() == [4.0, 3.0]


def test_inputs_of_several_types_go_in_one_by_one(tmp_path: Path) -> None:
    inputs = (Input(name="n0", type="int64"), Input(name="flag", type="bool"))
    made = student(tmp_path, inputs, (Tensor(name="value", type="float32"),), (), SUM)
    rows = column_rows({"n0": [3, 4], "flag": [True, False]})
    assert made.predict(rows)["value"].tolist() == [5.0, 5.0]


def test_an_input_with_a_shape_is_laid_flat(tmp_path: Path) -> None:
    made = student(
        tmp_path, (Input(name="pair", type="float64", shape=(2, 1)),), (Tensor(name="value", type="float32"),), (), SUM
    )
    assert made.predict(column_rows({"pair": np.array([[[1.0], [2.0]]])}))["value"].tolist() == [4.0]


@pytest.mark.parametrize(("kind", "classes"), [("string", ("no", "yes")), ("int64", (7, 3)), ("bool", (False, True))])
def test_labels_are_those_of_the_highest_probability(tmp_path: Path, kind: Any, classes: tuple[Any, ...]) -> None:
    outputs = (Tensor(name="label", type=kind), Tensor(name="probabilities", type="float32", shape=(2,)))
    answers = student(tmp_path, FLOATS, outputs, classes, SAME).predict(matrix_rows((0, 2), (2, 0)))
    assert answers["label"].tolist() == [classes[1], classes[0]]
    assert answers["probabilities"][0] == pytest.approx(np.exp([0, 2]) / np.exp([0, 2]).sum())


def test_a_scalar_probability_is_that_of_the_second_class(tmp_path: Path) -> None:
    made = student(tmp_path, FLOATS, (Tensor(name="probability", type="float64"),), (0, 1), SAME)
    assert made.predict(matrix_rows((0, 2)))["probability"][0] == pytest.approx(1 / (1 + np.exp(-2)))
