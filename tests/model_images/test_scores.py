"""Metrics, compared with scikit-learn's."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from model_images.scores import METRICS, Answered, log_loss, roc_auc

theirs: Any = importlib.import_module("sklearn.metrics")
RANDOM = np.random.default_rng(0)


def classified(classes: int, *, ties: bool = False) -> tuple[Answered, Any]:
    chances = RANDOM.random((200, classes))
    chances = np.round(chances, 1) + 0.05 if ties else chances
    chances /= chances.sum(axis=1, keepdims=True)
    truth = np.where(RANDOM.random(200) < 0.4, chances.argmax(axis=1), RANDOM.integers(0, classes, 200))
    answered = Answered(labels=chances.argmax(axis=1), probabilities=chances, classes=np.array(range(classes)))
    return answered, truth


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("ties", [False, True])
def test_metrics_of_classifiers_are_scikit_learns(classes: int, ties: bool) -> None:
    answered, truth = classified(classes, ties=ties)
    chances: Any = answered.probabilities
    average = "binary" if classes == 2 else "macro"
    expected = {
        "accuracy": theirs.accuracy_score(truth, answered.labels),
        "f1": theirs.f1_score(truth, answered.labels, average=average),
        "roc_auc": theirs.roc_auc_score(truth, chances[:, 1] if classes == 2 else chances, multi_class="ovr"),
        "log_loss": theirs.log_loss(truth, chances),
    }
    assert {name: METRICS[name][1](answered, truth) for name in expected} == pytest.approx(expected)


def test_metrics_of_regressions_are_scikit_learns() -> None:
    values, truth = RANDOM.random(50), RANDOM.random(50)
    assert METRICS["rmse"][1](Answered(values=values), truth) == theirs.root_mean_squared_error(truth, values)
    assert METRICS["mae"][1](Answered(values=values), truth) == theirs.mean_absolute_error(truth, values)


def test_texts_are_classes_too() -> None:
    classes = np.array(["cat", "dog"], object)
    truth = np.array(["dog", "cat", "dog"], object)
    answered = Answered(labels=truth, probabilities=np.array([[0.1, 0.9], [0.6, 0.4], [0.2, 0.8]]), classes=classes)
    assert roc_auc(answered, truth) == 1.0
    assert log_loss(answered, truth) == pytest.approx(-np.log([0.9, 0.6, 0.8]).mean())


def test_a_certain_mistake_costs_much_but_not_infinity() -> None:
    answered = Answered(probabilities=np.array([[1.0, 0.0]]), classes=np.array([0, 1]))
    assert log_loss(answered, np.array([1])) == pytest.approx(36.04, abs=0.01)


def test_one_class_alone_has_no_area_under_a_curve() -> None:
    answered = Answered(probabilities=np.array([[0.5, 0.5]]), classes=np.array([0, 1]))
    with pytest.raises(ValueError, match="roc_auc needs rows of each class"):
        roc_auc(answered, np.array([1]))
