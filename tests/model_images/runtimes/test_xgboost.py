"""XGBoost boosters out of JSON and UBJ files."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_images.runtimes import ArtifactError, load
from model_images.serve.rows import Rows
from tests.model_images.runtimes.artifacts import column_rows, folder_of, matrix_rows

xgboost: Any = importlib.import_module("xgboost")
X = np.random.default_rng(0).random((80, 2))
BOTH = "outputs: [{name: label, type: int64}, {name: probabilities, type: float32, shape: [%d]}]"
ASKED = matrix_rows(*map(tuple, X[:5]))


def trained(path: Path, truth: Any, *, names: list[str] | None = None, **parameters: Any) -> Any:
    table = xgboost.DMatrix(X, truth, feature_names=names)
    booster = xgboost.train({"max_depth": 2, "nthread": 1, **parameters}, table, 4)
    booster.save_model(path)
    return booster


def answered(booster: Any) -> Any:
    return booster.predict(xgboost.DMatrix(X[:5].astype(np.float32)))


@pytest.mark.parametrize("artifact", ["m.json", "m.ubj"])
def test_a_regression_answers_its_value(tmp_path: Path, artifact: str) -> None:
    booster = trained(tmp_path / artifact, X.sum(axis=1))
    runtime = load(tmp_path, folder_of(tmp_path, "xgboost", artifact))
    assert np.array_equal(runtime.predict(ASKED)["score"], answered(booster))
    assert runtime.custom_attributes(ASKED, {}) is None


def test_a_classifier_of_two_answers_label_and_probabilities(tmp_path: Path) -> None:
    booster = trained(tmp_path / "m.ubj", X[:, 0] > 0.5, objective="binary:logistic")
    outputs = load(tmp_path, folder_of(tmp_path, "xgboost", "m.ubj", outputs=BOTH % 2)).predict(ASKED)
    chance = answered(booster)
    assert np.allclose(outputs["probabilities"], np.stack([1 - chance, chance], axis=1))
    assert outputs["label"].tolist() == (chance >= 0.5).astype(int).tolist()


def test_a_scalar_probability_is_that_of_class_one(tmp_path: Path) -> None:
    booster = trained(tmp_path / "m.ubj", X[:, 0] > 0.5, objective="binary:logistic")
    outputs = "outputs: [{name: probability, type: float32}, {name: large, type: bool}]"
    answers = load(tmp_path, folder_of(tmp_path, "xgboost", "m.ubj", outputs=outputs)).predict(ASKED)
    assert np.array_equal(answers["probability"], answered(booster))
    assert np.array_equal(answers["large"], answered(booster) >= 0.5)


@pytest.mark.parametrize("objective", ["multi:softprob", "multi:softmax"])
def test_a_classifier_of_three_answers_the_number_of_the_class(tmp_path: Path, objective: str) -> None:
    trained(tmp_path / "m.json", (X[:, 0] * 3).astype(int), objective=objective, num_class=3)
    model = folder_of(tmp_path, "xgboost", "m.json", outputs="outputs: [{name: label, type: int64}]")
    labels = load(tmp_path, model).predict(ASKED)["label"]
    assert labels.dtype == np.int64
    assert labels.tolist() == (X[:5, 0] * 3).astype(int).tolist()


def test_features_known_by_name_are_put_in_the_models_order(tmp_path: Path) -> None:
    booster = trained(tmp_path / "m.json", X[:, 0], names=["b", "a"])
    rows = matrix_rows(*map(tuple, X[:5, ::-1]))
    expected = booster.predict(xgboost.DMatrix(X[:5].astype(np.float32), feature_names=["b", "a"]))
    runtime = load(tmp_path, folder_of(tmp_path, "xgboost", "m.json"))
    assert np.array_equal(runtime.predict(rows)["score"], expected)


def test_inputs_of_several_types_become_one_matrix(tmp_path: Path) -> None:
    booster = trained(tmp_path / "m.json", X[:, 0])
    inputs = "inputs: [{name: a, type: int64}, {name: b, type: bool}]"
    rows: Rows = column_rows({"a": [0, 1], "b": [True, False]})
    expected = booster.predict(xgboost.DMatrix(np.array([[0, 1], [1, 0]])))
    model = folder_of(tmp_path, "xgboost", "m.json", inputs=inputs, warmup="[1, true]")
    assert np.array_equal(load(tmp_path, model).predict(rows)["score"], expected)


def refused(root: Path, **declared: str) -> str:
    with pytest.raises(ArtifactError) as error:
        load(root, folder_of(root, "xgboost", "m.json", **declared))
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{root / 'm.json'}: ")


@pytest.mark.parametrize("version", [b"[2,1,4]", b"[4,0,0]", b"[3,99,0]"])
def test_a_file_of_another_version_is_refused_with_both_versions(tmp_path: Path, version: bytes) -> None:
    trained(tmp_path / "m.json", X[:, 0])
    content = (tmp_path / "m.json").read_bytes()
    (tmp_path / "m.json").write_bytes(content.replace(b"[3,2,0]", version))
    made = version.decode().strip("[]").replace(",", ".")
    assert refused(tmp_path).startswith(f"saved by xgboost {made}, but this is xgboost {xgboost.__version__}; save it")


@pytest.mark.parametrize("content", [b"", b"no booster", b'{"version":[3,2,0]}', b'{"a"'])
def test_a_file_that_is_no_booster_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.json").write_bytes(content)
    assert refused(tmp_path).startswith("not readable by xgboost")


def test_a_text_input_is_refused(tmp_path: Path) -> None:
    trained(tmp_path / "m.json", X[:, 0])
    said = refused(tmp_path, inputs="inputs: [{name: a, type: float32}, {name: b, type: string}]", warmup="[1, x]")
    assert said == "inputs: b: got string; allowed: numbers (xgboost)"


def test_another_number_of_features_is_refused(tmp_path: Path) -> None:
    trained(tmp_path / "m.json", X[:, 0])
    said = refused(tmp_path, inputs="inputs: [{name: a, type: float32}]", warmup="[1]")
    assert said == "inputs: got 1 values a row; allowed: 2, as the model was made"
