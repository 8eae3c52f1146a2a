"""ONNX models whose smallest weights are zero."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_images.compress.folder import BelowThreshold, CompressionError
from model_images.compress.prune import prune, without_smallest
from tests.model_images.compress.trained import SAMPLES

onnx: Any = importlib.import_module("onnx")
DIGITS = SAMPLES / "digits-onnx"


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=40), st.floats(0.01, 0.99))
def test_the_smallest_weights_are_zero_and_the_others_stay(values: list[int], sparsity: float) -> None:
    before = np.array(values, np.float32).reshape(-1, 1)
    after = without_smallest(before, sparsity)
    gone = after != before
    assert np.count_nonzero(after == 0) >= int(sparsity * before.size)
    assert np.all(after[gone] == 0)
    assert not gone.any() or np.abs(before[gone]).max() <= np.abs(before[~gone]).max(initial=9)


def test_a_pruned_form_packs_better_and_reaches_its_thresholds(tmp_path: Path) -> None:
    done = prune(DIGITS, tmp_path / "new", sparsity=0.4)
    assert done.size_after.packed_bytes < 0.75 * done.size_before.packed_bytes
    weights = onnx.numpy_helper.to_array(onnx.load(tmp_path / "new/digits.onnx").graph.initializer[2])
    assert np.mean(weights == 0) == pytest.approx(0.4, abs=0.01)


def test_offsets_are_not_pruned(tmp_path: Path) -> None:
    prune(DIGITS, tmp_path / "new", sparsity=0.4)
    old, new = (
        {
            tensor.name: onnx.numpy_helper.to_array(tensor)
            for tensor in onnx.load(folder / "digits.onnx").graph.initializer
        }
        for folder in (DIGITS, tmp_path / "new")
    )
    assert np.array_equal(old["intercepts"], new["intercepts"])


def test_too_much_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(BelowThreshold, match="digits-onnx: pruned, 95% of each matrix: evaluation"):
        prune(DIGITS, tmp_path / "new", sparsity=0.95)
    assert list(tmp_path.iterdir()) == []


def test_trees_cannot_be_pruned(tmp_path: Path) -> None:
    with pytest.raises(CompressionError, match="nothing to prune: the graph holds Identity, TreeEnsembleClassifier; "):
        prune(SAMPLES / "tumor-onnx", tmp_path / "new")


@pytest.mark.parametrize("sparsity", [0.0, 1.0, -1.0, float("nan")])
def test_a_share_is_between_zero_and_one(tmp_path: Path, sparsity: float) -> None:
    with pytest.raises(CompressionError, match=r"--sparsity: got .*; allowed: between 0 and 1"):
        prune(DIGITS, tmp_path / "new", sparsity=sparsity)
