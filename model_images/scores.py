"""Metrics of predictions against what is true. Pure arithmetic: arrays in, one number out.

A classifier is described by the `labels` that it answered, or by its `probabilities` of shape (rows, classes), whose
columns stand for `classes` in ascending order; a regression by `values`. Classes are whatever sorts and compares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np

from model_images.serve.rows import Array

SMALLEST: Final = np.finfo(np.float64).eps
"""Where a probability is cut off before its logarithm, at both ends."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What a model answered, in the forms that metrics take; None where it answers no such thing."""

    labels: Array | None = None
    probabilities: Array | None = None
    classes: Array | None = None
    values: Array | None = None


def accuracy(answered: Answered, truth: Array) -> float:
    """Share of rows whose label is right."""
    return float((_needed(answered.labels) == truth).mean())


def f1(answered: Answered, truth: Array) -> float:
    """Harmonic mean of precision and recall: of the greater of two classes, the mean over more than two."""
    labels = _needed(answered.labels)
    classes = np.unique(np.concatenate([truth, labels]))
    scored = classes[1:] if len(classes) == 2 else classes
    return float(np.mean([_f1_of(labels == one, truth == one) for one in scored]))


def roc_auc(answered: Answered, truth: Array) -> float:
    """Chance that a row of the class is given a higher probability than one of another, ties half: of the greater of
    two classes, the mean over more than two (each against the rest)."""
    probabilities, classes = _needed(answered.probabilities), _needed(answered.classes)
    scored = [1] if len(classes) == 2 else range(len(classes))
    return float(np.mean([_auc_of(probabilities[:, place], truth == classes[place]) for place in scored]))


def log_loss(answered: Answered, truth: Array) -> float:
    """Mean of -log(probability of the true class)."""
    probabilities, classes = _needed(answered.probabilities).astype(np.float64), _needed(answered.classes)
    right = probabilities[np.arange(len(truth)), np.searchsorted(classes, truth)]
    return float(-np.log(np.clip(right / probabilities.sum(axis=1), SMALLEST, 1 - SMALLEST)).mean())


def rmse(answered: Answered, truth: Array) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(((_needed(answered.values) - truth) ** 2).mean()))


def mae(answered: Answered, truth: Array) -> float:
    """Mean absolute error."""
    return float(np.abs(_needed(answered.values) - truth).mean())


METRICS: Final[dict[str, tuple[str, Callable[[Answered, Array], float]]]] = {
    "accuracy": ("labels", accuracy),
    "f1": ("labels", f1),
    "roc_auc": ("probabilities", roc_auc),
    "log_loss": ("probabilities", log_loss),
    "rmse": ("values", rmse),
    "mae": ("values", mae),
}
"""A metric's name, what it needs of the model, and how it is computed."""
LOSSES: Final = ("log_loss", "rmse", "mae")
"""Metrics of which less is better: their threshold is a maximum, that of the others a minimum."""


def _needed(part: Array | None) -> Array:
    if part is None:
        raise ValueError("the model answers nothing that this metric is made of")
    return part


def _f1_of(said: Any, true: Any) -> float:
    both, either = int((said & true).sum()), int(said.sum()) + int(true.sum())
    return 2 * both / either if either else 0.0


def _auc_of(scores: Array, true: Array) -> float:
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    hits, others = int(true.sum()), int((~true).sum())
    if not hits or not others:
        raise ValueError("roc_auc needs rows of each class")
    return float((ranks[true].sum() - hits * (hits + 1) / 2) / (hits * others))
