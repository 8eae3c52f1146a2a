"""What is kept of a prediction comes back as it was, or is not kept."""

from __future__ import annotations

import numpy as np

from model_images.serve.kept import read, written
from model_images.serve.rows import Outputs


def test_a_kept_prediction_comes_back_as_it_was() -> None:
    outputs: Outputs = {
        "number": np.array([[0.1, np.nan]], np.float32),
        "whole": np.array([2**62]),
        "known": np.array([True]),
        "text": np.array([["a", "é"]], np.object_),
    }
    found = read(written(outputs, "x=1"))
    assert found is not None
    assert found[1] == "x=1"
    for name, array in outputs.items():
        assert found[0][name].dtype == array.dtype
        assert found[0][name].shape == array.shape
        assert found[0][name].tolist().__repr__() == array.tolist().__repr__()


def test_what_cannot_be_kept_is_not() -> None:
    assert written({"x": np.array([object()], np.object_)}, None) == b""
    assert read(b"") is None
    assert read(written({"x": np.array(["2026-01-01"], "datetime64[s]")}, None)) is None
