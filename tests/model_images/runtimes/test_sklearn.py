"""scikit-learn estimators out of a joblib file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from model_images.runtimes import ArtifactError, load
from model_images.serve.rows import Runtime
from tests.model_images.runtimes.artifacts import column_rows, folder_of, matrix_rows

X = np.array([[0.0, 1.0], [1.0, 0.0], [0.2, 3.0], [2.0, 0.1]])
BOTH = "outputs: [{name: label, type: string}, {name: probabilities, type: float32, shape: [2]}]"


def saved(root: Path, estimator: Any, **declared: str) -> Runtime:
    joblib.dump(estimator, root / "m.joblib")
    return load(root, folder_of(root, "sklearn", "m.joblib", **declared))


def refused(root: Path, estimator: Any, **declared: str) -> str:
    with pytest.raises(ArtifactError) as error:
        saved(root, estimator, **declared)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{root / 'm.joblib'}: ")


def test_a_classifier_answers_label_and_probabilities(tmp_path: Path) -> None:
    classifier = LogisticRegression().fit(X, ["no", "yes", "no", "yes"])
    outputs = saved(tmp_path, classifier, outputs=BOTH).predict(matrix_rows((0, 1), (2, 0)))
    assert outputs["label"].tolist() == ["no", "yes"]
    assert np.allclose(outputs["probabilities"], classifier.predict_proba(np.array([[0, 1], [2, 0]])))
    assert outputs["probabilities"].dtype == np.float32


def test_a_scalar_probability_is_that_of_the_second_of_two_classes(tmp_path: Path) -> None:
    classifier = LogisticRegression().fit(X, [0, 1, 0, 1])
    runtime = saved(tmp_path, classifier, outputs="outputs: [{name: probability, type: float64}]")
    assert runtime.predict(matrix_rows((2, 0)))["probability"][0] == classifier.predict_proba([[2, 0]])[0, 1]


def test_a_regression_answers_its_value(tmp_path: Path) -> None:
    runtime = saved(tmp_path, LinearRegression().fit(X, X.sum(axis=1)))
    assert runtime.predict(matrix_rows((1, 2)))["score"].tolist() == pytest.approx([3.0])


def test_features_known_by_name_are_put_in_the_models_order_without_a_data_frame(tmp_path: Path) -> None:
    table = pd.DataFrame({"B size": X[:, 1], "A": X[:, 0]})
    runtime = saved(
        tmp_path,
        make_pipeline(StandardScaler(), LinearRegression()).fit(table, X[:, 0] - X[:, 1]),
        inputs="inputs: [{name: a, type: float32}, {name: b_size, type: float32}]",
    )
    assert runtime.predict(matrix_rows((3, 1)))["score"].tolist() == pytest.approx([2.0])


def test_a_feature_that_is_no_input_is_refused(tmp_path: Path) -> None:
    estimator = LinearRegression().fit(pd.DataFrame({"a": X[:, 0], "other": X[:, 1]}), X[:, 0])
    assert refused(tmp_path, estimator) == "inputs: b, other: not in both the model and model.yaml; allowed: a, other"


def test_another_number_of_features_is_refused(tmp_path: Path) -> None:
    estimator = LinearRegression().fit(np.c_[X, X], X[:, 0])
    assert refused(tmp_path, estimator) == "inputs: got 2 values a row; allowed: 4, as the model was made"


def test_an_input_with_a_shape_stands_for_as_many_features(tmp_path: Path) -> None:
    runtime = saved(
        tmp_path,
        LinearRegression().fit(np.c_[X, X[:, :1] * X[:, 1:]], X.sum(axis=1)),
        inputs="inputs: [{name: pair, type: float32, shape: [2]}, {name: c, type: int64}]",
        warmup="[[1, 2], 3]",
    )
    rows = column_rows({"pair": np.float32([[1, 2]]), "c": np.array([2])})
    assert runtime.predict(rows)["score"].tolist() == pytest.approx([3.0])


INPUTS = "inputs: [{name: amount, type: float64}, {name: country, type: string}]"


def test_texts_reach_a_pipeline_that_picks_columns_by_place(tmp_path: Path) -> None:
    table = np.array([[1.0, "DE"], [2.0, "FR"], [3.0, "DE"]], object)
    picks = make_column_transformer((OneHotEncoder(), [1]), remainder="passthrough")
    runtime = saved(
        tmp_path, make_pipeline(picks, LinearRegression()).fit(table, [1, 20, 3]), inputs=INPUTS, warmup="[1, DE]"
    )
    rows = column_rows({"amount": [2.0, 2.0], "country": np.array(["DE", "FR"], object)})
    assert runtime.predict(rows)["score"].tolist() == pytest.approx([2.0, 20.0])


def test_a_pipeline_that_picks_columns_by_name_is_given_a_data_frame(tmp_path: Path) -> None:
    table = pd.DataFrame({"country": ["DE", "FR", "DE"], "amount": [1.0, 2.0, 3.0]})
    picks = make_column_transformer((OneHotEncoder(), ["country"]), remainder="passthrough")
    runtime = saved(
        tmp_path, make_pipeline(picks, LinearRegression()).fit(table, [1, 20, 3]), inputs=INPUTS, warmup="[1, DE]"
    )
    rows = column_rows({"amount": [2.0, 2.0], "country": np.array(["DE", "FR"], object)})
    assert runtime.predict(rows)["score"].tolist() == pytest.approx([2.0, 20.0])


def test_a_forest_that_would_use_every_core_is_held_to_one(tmp_path: Path) -> None:
    forest = make_pipeline(RandomForestClassifier(3, n_jobs=-1)).fit(X, [0, 1, 0, 1])
    runtime: Any = saved(tmp_path, forest, outputs="outputs: [{name: label, type: int64}]")
    assert runtime._estimator[-1].n_jobs == 1


def test_probabilities_of_a_classifier_without_them_are_refused(tmp_path: Path) -> None:
    estimator = LinearSVC().fit(X, [0, 1, 0, 1])
    assert refused(tmp_path, estimator, outputs=BOTH) == "output probabilities: LinearSVC has no predict_proba"


def test_what_is_no_estimator_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, {"weights": [1]}) == "got dict; allowed: a scikit-learn estimator with predict"


def test_an_estimator_of_another_version_is_refused_with_both_versions(tmp_path: Path) -> None:
    estimator = LinearRegression().fit(X, X[:, 0])
    joblib.dump(estimator, tmp_path / "m.joblib")
    content = (tmp_path / "m.joblib").read_bytes()
    assert content.count(b"1.9.1") == 1
    (tmp_path / "m.joblib").write_bytes(content.replace(b"1.9.1", b"1.3.0"))
    with pytest.raises(
        ArtifactError, match=r"m\.joblib: saved by scikit-learn 1\.3\.0, but this is scikit-learn 1\.9\.1; "
    ):
        load(tmp_path, folder_of(tmp_path, "sklearn", "m.joblib"))


@pytest.mark.parametrize("content", [b"", b"no pickle", b"\x80\x05\x95"])
def test_a_file_that_is_no_pickle_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.joblib").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"m\.joblib: not readable by joblib: "):
        load(tmp_path, folder_of(tmp_path, "sklearn", "m.joblib"))


def test_a_module_that_the_pickle_needs_is_named(tmp_path: Path) -> None:
    (tmp_path / "m.joblib").write_bytes(b"cnowhere\nThing\n.")
    with pytest.raises(ArtifactError, match=r"m\.joblib: needs the module nowhere; add its package to requirements"):
        load(tmp_path, folder_of(tmp_path, "sklearn", "m.joblib"))


class Odd(Exception):
    """An error of no kind that anybody lists."""


def _odd(table: Any) -> Any:
    if table[0, 0] == 13:
        raise Odd("thirteen")
    return table


def test_an_error_of_a_steps_own_kind_is_an_error_of_the_model(tmp_path: Path) -> None:
    pipeline = make_pipeline(FunctionTransformer(_odd), LinearRegression()).fit(X, X.sum(axis=1))
    with pytest.raises(RuntimeError, match=r"^Odd: thirteen$"):
        saved(tmp_path, pipeline).predict(matrix_rows((13, 2)))
