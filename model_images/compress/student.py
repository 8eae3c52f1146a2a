"""A network of one hidden layer as an ONNX graph that takes and answers what `model.yaml` declares."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_images.model_file import ElementType, ModelFile, Tensor
from model_images.runtimes.outputs import size, wants_probabilities
from model_images.serve.arrays import TYPES
from model_images.serve.rows import Array

OPSET: Final = 18
IR_VERSION: Final = 10
NUMBERS: Final[dict[ElementType, int]] = {"float32": 1, "float64": 11, "int64": 7, "bool": 9, "string": 8}
"""ONNX's numbers of the types."""


def write_student(
    path: Path,
    model: ModelFile,
    outputs: Sequence[Tensor],
    classes: Sequence[Any],
    layers: Sequence[tuple[Array, Array]],
) -> None:
    """Writes the graph. `layers` are weights of shape (in, out) and offsets, ReLU between them; `classes` are the
    labels by the place of their probability, none for a regression."""
    graph = _Graph()
    features = graph.features(model)
    for number, (weights, offsets) in enumerate(layers):
        if number:
            features = graph.add("Relu", [features])
        parts = [graph.constant(weights.astype(np.float32)), graph.constant(offsets.astype(np.float32))]
        features = graph.add("Gemm", [features, *parts])
    raw = graph.add("Softmax", [features], axis=1) if classes else features
    for output in outputs:
        graph.answer(output, raw, classes)
    graph.write(path)


class _Graph:
    """Nodes, constants, inputs and outputs as they come; its own names are in capitals, which `model.yaml` has not."""

    def __init__(self) -> None:
        self._onnx: Any = importlib.import_module("onnx")
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._takes: list[Any] = []
        self._answers: list[Any] = []

    def add(self, kind: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        name = output or f"N{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, array: Array) -> str:
        name = f"C{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def features(self, model: ModelFile) -> str:
        """A float32 tensor of shape (rows, features): one input where all are float32 scalars, else one an input."""
        if all(given.type == "float32" and not given.shape for given in model.inputs) and len(model.inputs) > 1:
            self._take("features", "float32", (len(model.inputs),))
            return "features"
        parts: list[str] = []
        for given in model.inputs:
            self._take(given.name, given.type, given.shape or (1,))
            flat = self.add("Reshape", [given.name, self.constant(np.array([-1, size(given)], np.int64))])
            parts.append(flat if given.type == "float32" else self.add("Cast", [flat], to=NUMBERS["float32"]))
        return self.add("Concat", parts, axis=1) if len(parts) > 1 else parts[0]

    def answer(self, output: Tensor, raw: str, classes: Sequence[Any]) -> None:
        """Adds one declared output, made of the probabilities or the value."""
        if classes and not wants_probabilities(output):
            place = self.add("ArgMax", [raw], axis=1, keepdims=0)
            labels = np.array(classes, TYPES[output.type])
            self.add("Gather", [self.constant(labels), place], output.name, axis=0)
        elif output.shape:
            self.add("Cast", [raw], output.name, to=NUMBERS[output.type])
        else:
            column = self.add("Gather", [raw, self.constant(np.array(len(classes) - 1 if classes else 0))], axis=1)
            self.add("Cast", [column], output.name, to=NUMBERS[output.type])
        info = self._onnx.helper.make_tensor_value_info(output.name, NUMBERS[output.type], ["rows", *output.shape])
        self._answers.append(info)

    def write(self, path: Path) -> None:
        helper = self._onnx.helper
        made = helper.make_graph(self._nodes, "student", self._takes, self._answers, self._constants)
        whole = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        self._onnx.checker.check_model(whole)
        path.write_bytes(whole.SerializeToString())

    def _take(self, name: str, kind: ElementType, shape: Sequence[int]) -> None:
        self._takes.append(self._onnx.helper.make_tensor_value_info(name, NUMBERS[kind], ["rows", *shape]))
