"""int8 in place of float32: weights alone (dynamic), or weights and activations by ranges seen in data (calibrated).

Made by ONNX Runtime's own quantization. Dynamic measures the range of activations in each request and suits matrix
products; calibrated fixes it beforehand and suits convolutions. Trees hold thresholds, not weights: int8 cannot make
them smaller.
"""

from __future__ import annotations

import importlib
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_images.compress.folder import Compressed, CompressionError, compress, require_onnx
from model_images.evaluation import read_data
from model_images.model_file import ModelFile
from model_images.runtimes import first_line
from model_images.serve.rows import MODEL_ERRORS, Array

WEIGHTED: Final = {"MatMul", "Gemm", "Conv", "ConvTranspose", "LSTM", "Attention", "Gather"}
CALIBRATION_ROWS: Final = 256
INT8: Final = (2, 3)
"""ONNX's numbers of uint8 and int8."""


def quantize(folder: Path, output: Path, *, calibrated: bool = False, data: Path | None = None) -> Compressed:
    """An int8 form of an ONNX model folder; `data` (CSV) gives the ranges, where absent the evaluation data.

    Raises:
        CompressionError: if the graph has nothing to quantize; see `compress` for the rest.
    """

    require_onnx(folder, "quantize")

    def recipe(old: Path, model: ModelFile, made: Path) -> None:
        importer: Any = importlib.import_module("onnx")
        kinds = {node.op_type for node in importer.load(old / model.artifact).graph.node}
        if not kinds & WEIGHTED:
            raise _nothing(old / model.artifact, kinds)
        _quantize(old, model, made / model.artifact, data, calibrated=calibrated)
        if not any(weights.data_type in INT8 for weights in importer.load(made / model.artifact).graph.initializer):
            raise _nothing(old / model.artifact, kinds)

    return compress(folder, output, "int8, calibrated" if calibrated else "int8, dynamic", recipe)


def _quantize(old: Path, model: ModelFile, artifact: Path, data: Path | None, *, calibrated: bool) -> None:
    quantization: Any = importlib.import_module("onnxruntime.quantization")
    prepare: Any = importlib.import_module("onnxruntime.quantization.shape_inference").quant_pre_process
    ranges = _ranges(old, model, data) if calibrated else None
    logging.getLogger().addFilter(_needed)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            prepared = Path(scratch) / "prepared.onnx"
            prepare(old / model.artifact, prepared, skip_symbolic_shape=True)
            if ranges is not None:
                # A range for each matrix: ranges for each column fail on a Gemm with an offset (onnxruntime 1.32).
                reader = _reader(quantization.CalibrationDataReader, iter([ranges]))
                quantization.quantize_static(prepared, artifact, reader)
            else:
                quantization.quantize_dynamic(prepared, artifact, per_channel=True)
    except MODEL_ERRORS as error:
        raise CompressionError(
            f"{old / model.artifact}: onnxruntime cannot quantize it: {first_line(error)}"
        ) from error
    finally:
        logging.getLogger().removeFilter(_needed)


def _reader(base: Any, feeds: Iterator[dict[str, Array]]) -> Any:
    class Reader(base):
        def get_next(self) -> dict[str, Array] | None:
            return next(feeds, None)

    return Reader()


def _ranges(old: Path, model: ModelFile, data: Path | None) -> dict[str, Array]:
    load: Any = importlib.import_module("model_images.runtimes.onnx").load
    path = data or old / (model.evaluation.data if model.evaluation else "")
    rows, _ = read_data(path, model.inputs, labelled=False)
    feed: dict[str, Array] = load(old, model).feed(rows.slice(0, min(rows.count, CALIBRATION_ROWS)))
    return {name: np.ascontiguousarray(array) for name, array in feed.items()}


def _needed(record: logging.LogRecord) -> bool:
    """Onnxruntime advises to prepare the graph, which is done."""
    return "pre-processing" not in record.getMessage()


def _nothing(path: Path, kinds: set[str]) -> CompressionError:
    return CompressionError(
        f"{path}: nothing to quantize: the graph holds {', '.join(sorted(kinds)):.120}; allowed: graphs with weights "
        "(MatMul, Gemm, Conv ...); the thresholds of trees are none"
    )
