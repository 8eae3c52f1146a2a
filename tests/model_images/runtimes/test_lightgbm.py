"""LightGBM boosters out of text files."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_images.runtimes import ArtifactError, load
from tests.model_images.runtimes.artifacts import folder_of, matrix_rows

lightgbm: Any = importlib.import_module("lightgbm")
X = np.random.default_rng(0).random((80, 2)).astype(np.float32)
BOTH = "outputs: [{name: label, type: int64}, {name: probabilities, type: float64, shape: [%d]}]"
ASKED = matrix_rows(*map(tuple, X[:5]))


def trained(root: Path, truth: Any, *, names: list[str] | str = "auto", **parameters: Any) -> Any:
    table = lightgbm.Dataset(X, truth, feature_name=names)
    booster = lightgbm.train({"num_leaves": 4, "num_threads": 1, "verbose": -1, **parameters}, table, 4)
    booster.save_model(root / "m.txt")
    return booster


def test_a_regression_answers_its_value(tmp_path: Path) -> None:
    booster = trained(tmp_path, X.sum(axis=1))
    runtime = load(tmp_path, folder_of(tmp_path, "lightgbm", "m.txt"))
    assert np.allclose(runtime.predict(ASKED)["score"], booster.predict(X[:5]))
    assert runtime.custom_attributes(ASKED, {}) is None


def test_a_classifier_of_two_answers_label_and_probabilities(tmp_path: Path) -> None:
    booster = trained(tmp_path, X[:, 0] > 0.5, objective="binary")
    outputs = load(tmp_path, folder_of(tmp_path, "lightgbm", "m.txt", outputs=BOTH % 2)).predict(ASKED)
    chance = booster.predict(X[:5])
    assert np.array_equal(outputs["probabilities"], np.stack([1 - chance, chance], axis=1))
    assert outputs["label"].tolist() == (chance >= 0.5).astype(int).tolist()


def test_a_classifier_of_three_answers_the_number_of_the_class(tmp_path: Path) -> None:
    booster = trained(tmp_path, (X[:, 0] * 3).astype(int), objective="multiclass", num_class=3)
    outputs = load(tmp_path, folder_of(tmp_path, "lightgbm", "m.txt", outputs=BOTH % 3)).predict(ASKED)
    assert np.array_equal(outputs["probabilities"], booster.predict(X[:5]))
    assert outputs["label"].tolist() == booster.predict(X[:5]).argmax(axis=1).tolist()


def test_features_known_by_name_are_put_in_the_models_order(tmp_path: Path) -> None:
    booster = trained(tmp_path, X[:, 0], names=["b", "a"])
    runtime = load(tmp_path, folder_of(tmp_path, "lightgbm", "m.txt"))
    rows = matrix_rows(*map(tuple, X[:5, ::-1]))
    assert np.allclose(runtime.predict(rows)["score"], booster.predict(X[:5]))


def refused(root: Path, **declared: str) -> str:
    with pytest.raises(ArtifactError) as error:
        load(root, folder_of(root, "lightgbm", "m.txt", **declared))
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{root / 'm.txt'}: ")


def test_a_file_of_another_format_is_refused_with_both(tmp_path: Path) -> None:
    trained(tmp_path, X[:, 0])
    content = (tmp_path / "m.txt").read_text(encoding="utf-8")
    (tmp_path / "m.txt").write_text(content.replace("version=v4", "version=v3"), encoding="utf-8")
    assert refused(tmp_path).startswith(f"saved in format v3, but lightgbm {lightgbm.__version__} reads v4; train it")


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.7, 0.9])
def test_a_file_that_is_cut_off_is_refused_by_name(tmp_path: Path, share: float) -> None:
    trained(tmp_path, X[:, 0])
    content = (tmp_path / "m.txt").read_text(encoding="utf-8").partition("end of trees")[0]
    (tmp_path / "m.txt").write_text(content[: int(len(content) * share)], encoding="utf-8")
    assert refused(tmp_path).startswith("not readable by lightgbm: ")


def test_a_file_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_bytes(b"tree\xff\xfe")
    assert refused(tmp_path).startswith(f"not readable by lightgbm {lightgbm.__version__}: 'utf-8' codec")


def test_a_feature_that_is_no_input_is_refused(tmp_path: Path) -> None:
    trained(tmp_path, X[:, 0], names=["a", "other"])
    assert refused(tmp_path) == "inputs: b, other: not in both the model and model.yaml; allowed: a, other"
