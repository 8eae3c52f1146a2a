"""A model's evaluation: its data, its metrics, its thresholds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_images.evaluation import EvaluationError, evaluate, missed, read_data
from model_images.model_file import ModelFile, read_model_file
from model_images.runtimes import load

MODEL_YAML = """
name: made
version: "1"
framework: python
artifact: model.py
inputs: [{name: amount, type: float64}, {name: country, type: string}, {name: home, type: bool}]
outputs: OUTPUTS
warmup: {instances: [[12.5, DE, true]]}
evaluation: {data: evaluation/data.csv, metrics: METRICS}
"""
DATA = "amount,country,home,label\n1,DE,true,yes\n5,FR,False,no\n7,DE,false,no\n"
LABEL = "[{name: label, type: string}]"
LABELS = "['yes' if row['amount'] < 6 else 'no' for row in rows]"


def made(
    root: Path, *, outputs: str = LABEL, metrics: str = "{accuracy: 0.9}", data: str = DATA, code: str = LABELS
) -> Path:
    (root / "model.yaml").write_text(
        MODEL_YAML.replace("OUTPUTS", outputs).replace("METRICS", metrics), encoding="utf-8"
    )
    (root / "model.py").write_text(
        f"def load(folder): ...\ndef predict(model, rows): return {code}\n", encoding="utf-8"
    )
    (root / "evaluation").mkdir()
    (root / "evaluation/data.csv").write_text(data, encoding="utf-8")
    return root


def values(folder: Path) -> tuple[ModelFile, dict[str, float]]:
    model = read_model_file(folder)
    return model, evaluate(folder, model, load(folder, model))


def refused(folder: Path) -> str:
    with pytest.raises(EvaluationError) as error:
        values(folder)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{folder}/")


def test_labels_are_compared_with_what_is_true(tmp_path: Path) -> None:
    assert values(made(tmp_path))[1] == {"accuracy": pytest.approx(2 / 3)}


def test_a_score_below_its_threshold_is_missed(tmp_path: Path) -> None:
    assert missed(*values(made(tmp_path))) == ["evaluation.metrics.accuracy: got 0.6667; allowed: at least 0.9"]


def test_a_loss_above_its_threshold_is_missed(tmp_path: Path) -> None:
    folder = made(
        tmp_path,
        outputs="[{name: value, type: float64}]",
        metrics="{mae: 0.5, rmse: 2}",
        data="amount,country,home,target\n1,DE,true,2\n5,FR,false,5\n7,DE,false,5\n",
        code="[row['amount'] for row in rows]",
    )
    assert missed(*values(folder)) == ["evaluation.metrics.mae: got 1; allowed: at most 0.5"]


def test_a_threshold_that_is_just_reached_is_not_missed(tmp_path: Path) -> None:
    model = read_model_file(made(tmp_path, metrics="{accuracy: 0.9, log_loss: 0.5}"))
    assert missed(model, {"accuracy": 0.9, "log_loss": 0.5}) == []


def test_a_metric_that_is_no_number_is_missed(tmp_path: Path) -> None:
    model = read_model_file(made(tmp_path))
    assert missed(model, {"accuracy": float("nan")}) == ["evaluation.metrics.accuracy: got nan; allowed: at least 0.9"]


def test_a_scalar_probability_is_that_of_class_one(tmp_path: Path) -> None:
    folder = made(
        tmp_path,
        outputs="[{name: probability, type: float64}]",
        metrics="{accuracy: 0.9, roc_auc: 0.9, log_loss: 1}",
        data="amount,country,home,label\n1,DE,true,1\n5,FR,false,0\n7,DE,false,0\n",
        code="[0.8 if row['home'] else 0.2 for row in rows]",
    )
    assert values(folder)[1] == pytest.approx({"accuracy": 1, "roc_auc": 1, "log_loss": -np.log(0.8)})


def test_an_input_with_a_shape_has_a_column_a_number(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("p_1,p_0,p_2,p_3,label\n1,0,2,3,x\n5,4,6,7,x\n", encoding="utf-8")
    (tmp_path / "model.py").touch()
    (tmp_path / "model.yaml").write_text(
        "name: m\nversion: '1'\nframework: python\nartifact: model.py\n"
        "inputs: [{name: p, type: float32, shape: [2, 2]}]\noutputs: [{name: y, type: float32}]\n"
        "warmup: {instances: [[[[1, 2], [3, 4]]]]}\n",
        encoding="utf-8",
    )
    rows, _ = read_data(tmp_path / "data.csv", read_model_file(tmp_path).inputs)
    assert rows.columns["p"].tolist() == [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]


def test_a_model_without_an_evaluation_is_not_evaluated(tmp_path: Path) -> None:
    folder = made(tmp_path)
    text = (folder / "model.yaml").read_text(encoding="utf-8").partition("evaluation:")[0]
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    assert refused(folder) == "model.yaml: evaluation: missing; allowed: data and metrics to hold it to"


def test_a_metric_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    said = refused(made(tmp_path, metrics="{precision: 0.9}"))
    assert said == "model.yaml: evaluation.metrics: got precision; allowed: accuracy, f1, roc_auc, log_loss, rmse, mae"


def test_a_metric_that_the_outputs_cannot_give_is_refused(tmp_path: Path) -> None:
    said = refused(made(tmp_path, metrics="{log_loss: 1}"))
    assert said == "evaluation/data.csv: log_loss: the model answers nothing that this metric is made of"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "got 0 lines; allowed: a header and one row or more"),
        ("amount,country,home,label\n", "got 1 lines; allowed: a header and one row or more"),
        ("amount,country,home\n1,DE,true\n", "no column says what is true; allowed: one called label or target"),
        ("amount,home,label\n1,true,x\n", "column country is missing; allowed: a column for each number of the inputs"),
        ("amount,country,home,label\n1,DE\n", "row 0: got 2 values; allowed: 4, as the header"),
        ("amount,country,home,label\nx,DE,true,x\n", "row 0, amount: got 'x'; allowed: float64"),
        ("amount,country,home,label\n1,DE,maybe,x\n", "row 0, home: got 'maybe'; allowed: bool"),
    ],
)
def test_data_that_cannot_be_used_are_refused_by_row_and_column(tmp_path: Path, data: str, said: str) -> None:
    assert refused(made(tmp_path, data=data)) == f"evaluation/data.csv: {said}"


def test_data_that_are_not_there_are_refused_by_name(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "evaluation/data.csv").unlink()
    with pytest.raises(ValueError, match=r"evaluation/data\.csv"):
        values(folder)


def test_a_class_that_the_model_does_not_know_is_refused(tmp_path: Path) -> None:
    folder = made(
        tmp_path,
        outputs="[{name: probability, type: float64}]",
        metrics="{log_loss: 1}",
        data="amount,country,home,label\n1,DE,true,2\n",
        code="[0.5 for row in rows]",
    )
    assert "got the classes 2; allowed: rows of each of the 2 classes that the model answers" in refused(folder)
