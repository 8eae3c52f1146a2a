"""The model's metrics against its own thresholds."""

from __future__ import annotations

from pathlib import Path

from model_images.gates.accuracy import accuracy
from tests.model_images.gates.subjects import MODEL_PY, subject


def test_a_model_that_reaches_its_threshold_passes(tmp_path: Path) -> None:
    result = accuracy(subject(tmp_path))
    assert (result.passed, result.numbers) == (True, {"accuracy": 0.75})


def test_one_that_does_not_is_told_with_both_numbers(tmp_path: Path) -> None:
    result = accuracy(subject(tmp_path, code=MODEL_PY.replace("> model", "< model")))
    assert result.problems == ("evaluation.metrics.accuracy: got 0.25; allowed: at least 0.6",)
