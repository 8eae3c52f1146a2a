"""ONNX models, run by ONNX Runtime on the processor.

The graph takes either one tensor an input, by the inputs' names, or one tensor of shape (rows, inputs) in which all
scalar inputs stand side by side. Where one input (or output) meets one tensor of the graph, names need not agree: many
tools write names such as `X`. Outputs that tools for scikit-learn wrap as a list of maps from class to probability
(ZipMap) are unwrapped, classes in ascending order.

One thread a session: a worker process is the unit of parallelism, and threads that spin between requests take the
cores of the other workers.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_images.model_file import ModelFile
from model_images.runtimes import ArtifactError
from model_images.runtimes.columns import as_matrix
from model_images.runtimes.onnx_graph import check_all_in_one, check_each, check_outputs, takes_all_in_one
from model_images.runtimes.outputs import declared
from model_images.serve.arrays import TYPES
from model_images.serve.rows import MODEL_ERRORS, Array, Outputs, Rows, Runtime

# Its types are unknown to checkers.
onnxruntime: Any = importlib.import_module("onnxruntime")
_state: Any = onnxruntime.capi.onnxruntime_pybind11_state
# Its errors descend from Exception alone.
_ERRORS: Final[tuple[type[Exception], ...]] = (
    _state.Fail,
    _state.InvalidArgument,
    _state.InvalidGraph,
    _state.InvalidProtobuf,
    _state.NoSuchFile,
    _state.NotImplemented,
    _state.RuntimeException,
)


def load(folder: Path, model: ModelFile) -> OnnxModel:
    """A session of the artifact, its inputs and outputs checked against `model.yaml`.

    Raises:
        ArtifactError: if the file is no graph that this ONNX Runtime reads, or names, types or shapes differ.
    """
    path = folder / model.artifact
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 4  # what is wrong comes as an exception
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (*_ERRORS, *MODEL_ERRORS) as error:
        raise ArtifactError(f"{path}: not readable by onnxruntime {onnxruntime.__version__}: {_said(error)}") from error
    takes, answers = session.get_inputs(), session.get_outputs()
    if takes_all_in_one(model.inputs, takes):
        check_all_in_one(model.inputs, takes[0], path)
        feeds = takes
    else:
        feeds = check_each(model.inputs, takes, path)
    fetches = check_outputs(model.outputs, answers, path)
    return OnnxModel(path, session, model, feeds, [graph.name for graph in fetches])


class OnnxModel(Runtime):
    """A session, and which of its tensors are which inputs and outputs."""

    def __init__(
        self,
        path: Path,
        session: Any,
        model: ModelFile,
        feeds: Sequence[Any],
        fetches: Sequence[str],
    ) -> None:
        self._path = path
        self._run = session.run
        self._feeds = [
            (graph.name, not given.shape and len(graph.shape) == 2)
            for given, graph in zip(model.inputs, feeds, strict=False)
        ]
        self._fetches = list(fetches)
        self._outputs = model.outputs
        self._stacked = feeds[0].name if takes_all_in_one(model.inputs, feeds) else ""
        self._dtype = TYPES[model.inputs[0].type]

    def feed(self, rows: Rows) -> dict[str, Array]:
        """The graph's tensors by name."""
        if self._stacked:
            return {self._stacked: as_matrix(rows, self._dtype) if rows.matrix is None else rows.matrix}
        return {
            name: column.reshape(-1, 1) if upright else column
            for (name, upright), column in zip(self._feeds, rows.columns.values(), strict=True)
        }

    def predict(self, rows: Rows) -> Outputs:
        try:
            answered = self._run(self._fetches, self.feed(rows))
        except _ERRORS as error:
            raise RuntimeError(f"{self._path}: {_said(error)}") from error
        return {
            output.name: declared(
                array if isinstance(array, np.ndarray) else _unzipped(array), output, rows.count, self._path
            )
            for output, array in zip(self._outputs, answered, strict=True)
        }


def _unzipped(answered: Any) -> Array:
    return np.array([[row[name] for name in sorted(row)] for row in answered], np.float32)


def _said(error: BaseException) -> str:
    """An error's own words, without the number, the file's name again and the place in ONNX Runtime's source."""
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : (Load model from .* failed: ?)?", "", str(error).strip())
    return f"{re.sub(r'^/[^ ]*:[0-9]+ .*[)] (?=[A-Z(])', '', text.splitlines()[0] if text else '')[:300]}"
