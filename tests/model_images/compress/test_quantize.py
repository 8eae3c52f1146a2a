"""int8 forms of ONNX models."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from model_images.compress.folder import CompressionError
from model_images.compress.quantize import quantize
from model_images.evaluation import EvaluationError
from tests.model_images.compress.trained import SAMPLES

onnx: Any = importlib.import_module("onnx")
DIGITS = SAMPLES / "digits-onnx"


@pytest.mark.parametrize("calibrated", [False, True])
def test_an_int8_form_is_a_third_of_the_size_and_nearly_as_right(tmp_path: Path, calibrated: bool) -> None:
    done = quantize(DIGITS, tmp_path / "new", calibrated=calibrated)
    assert done.size_after.bytes < 0.4 * done.size_before.bytes
    assert done.after["accuracy"] == pytest.approx(done.before["accuracy"], abs=0.01)
    kinds = {node.op_type for node in onnx.load(tmp_path / "new/digits.onnx").graph.node}
    assert ("MatMulInteger" in kinds) is not calibrated
    assert ("DequantizeLinear" in kinds) is calibrated


def test_ranges_may_come_from_other_data(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"other\.csv: No such file"):
        quantize(DIGITS, tmp_path / "new", calibrated=True, data=tmp_path / "other.csv")
    assert not (tmp_path / "new").exists()


def test_trees_cannot_be_quantized(tmp_path: Path) -> None:
    with pytest.raises(CompressionError) as error:
        quantize(SAMPLES / "tumor-onnx", tmp_path / "new")
    assert str(error.value).endswith(
        "tumor.onnx: nothing to quantize: the graph holds Identity, TreeEnsembleClassifier; allowed: graphs with "
        "weights (MatMul, Gemm, Conv ...); the thresholds of trees are none"
    )


def test_another_framework_cannot_be_quantized(tmp_path: Path) -> None:
    with pytest.raises(CompressionError, match=r"model\.yaml: framework: got sklearn; quantize works on onnx"):
        quantize(SAMPLES / "tumor", tmp_path / "new")
