"""Distillation: a small neural network learns what a big model (of any framework) answers, and is served instead.

The recipe: the model answers every row of a data set, which needs no labels; the student, one hidden layer, learns the
logarithms of its probabilities (Ba and Caruana, "Do Deep Nets Really Need to be Deep?", 2014), or its value where it is
a regression; it becomes an ONNX graph with the inputs and outputs of `model.yaml`. More rows than the big model was
trained on, made up or unlabelled, make a better student. Rows of the evaluation set would make a liar of it, and are
refused.
"""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from model_images.compress.folder import Compressed, CompressionError, compress, set_key
from model_images.compress.student import write_student
from model_images.evaluation import predicted, read_data
from model_images.model_file import ModelFile, Tensor
from model_images.runtimes import load
from model_images.runtimes.columns import as_matrix
from model_images.runtimes.outputs import wants_probabilities
from model_images.serve.rows import Array, Outputs

ARTIFACT: Final = "student.onnx"
EPOCHS: Final = 400
SMALLEST: Final = 1e-4
"""Probabilities below it are taken as it: the student need not learn how sure the teacher is that it is no 7."""


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """What a student learns: `targets` of shape (rows, numbers), which it then answers as `outputs` says.

    `classes` are the labels by the place of their probability; empty for a regression.
    """

    targets: Array
    outputs: tuple[Tensor, ...]
    classes: tuple[Any, ...] = ()


def distill(folder: Path, output: Path, *, data: Path, hidden: int = 32) -> Compressed:
    """A model folder with a student of `hidden` units, which learnt from the rows of `data` (CSV).

    Raises:
        CompressionError: if the model's inputs or outputs are nothing that a student takes or answers, or the rows are
            those that it is measured on; see `compress` for the rest.
    """
    if hidden < 1:
        raise CompressionError(f"--hidden: got {hidden}; allowed: 1 or more")

    def recipe(old: Path, model: ModelFile, made: Path) -> None:
        _check(old, model, data)
        rows, _ = read_data(data, model.inputs, labelled=False)
        lesson = _lesson(model, predicted(load(old, model), rows), data)
        features = as_matrix(rows, np.float64).astype(np.float64)
        learnt = _learn(features, lesson.targets, hidden)
        (made / model.artifact).unlink()
        (made / "requirements.lock").unlink(missing_ok=True)  # that of another framework
        write_student(made / ARTIFACT, model, lesson.outputs, lesson.classes, learnt)
        set_key(made / "model.yaml", "framework", "onnx")
        set_key(made / "model.yaml", "artifact", ARTIFACT)

    return compress(folder, output, f"distilled into {hidden} hidden units", recipe)


def _check(folder: Path, model: ModelFile, data: Path) -> None:
    texts = [given.name for given in model.inputs if given.type == "string"]
    if texts:
        raise CompressionError(f"{folder / 'model.yaml'}: inputs: {', '.join(texts)}: got string; allowed: numbers")
    if model.evaluation and (folder / model.evaluation.data).read_bytes() == data.read_bytes():
        raise CompressionError(f"--data {data}: the evaluation set; allowed: rows that the student is not measured on")


def _lesson(model: ModelFile, outputs: Outputs, data: Path) -> Lesson:
    chance = next((o for o in model.outputs if wants_probabilities(o)), None)
    label = next((o for o in model.outputs if not o.type.startswith("float") and not o.shape), None)
    if chance is None:
        value = model.outputs[0]
        if len(model.outputs) > 1 or value.shape or not value.type.startswith("float"):
            names = ", ".join(o.name for o in model.outputs)
            raise CompressionError(
                f"outputs: got {names}; allowed: one number, or probabilities with or without a label"
            )
        return Lesson(targets=outputs[value.name].reshape(-1, 1).astype(np.float64), outputs=model.outputs)
    if {o.name for o in model.outputs} - {chance.name, label.name if label else ""}:
        names = ", ".join(o.name for o in model.outputs)
        raise CompressionError(f"outputs: got {names}; allowed: one number, or probabilities with or without a label")
    answered = outputs[chance.name].astype(np.float64)
    both: Array = np.stack([1 - answered, answered], axis=1) if answered.ndim == 1 else answered
    logits = np.log(np.clip(both, SMALLEST, 1))
    classes = _classes(outputs[label.name], both, data) if label else tuple(range(both.shape[1]))
    return Lesson(targets=logits - logits.mean(axis=1, keepdims=True), outputs=model.outputs, classes=classes)


def _classes(labels: Array, probabilities: Array, data: Path) -> tuple[Any, ...]:
    """The label of each column of the probabilities: the one answered where that column is the highest."""
    found: dict[int, Any] = dict(zip(probabilities.argmax(axis=1).tolist(), labels.tolist(), strict=True))
    absent = sorted({*range(probabilities.shape[1])} - {*found})
    if absent:
        raise CompressionError(f"--data {data}: the model answers class {absent[0]} for none of its rows; allowed: all")
    return tuple(found[place] for place in range(probabilities.shape[1]))


def _learn(features: Array, targets: Array, hidden: int) -> list[tuple[Array, Array]]:
    """Weights and offsets of both layers, for features and targets as they are."""
    networks: Any = importlib.import_module("sklearn.neural_network")
    centre, spread = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-9)
    middle, scale = targets.mean(axis=0), np.maximum(targets.std(axis=0), 1e-9)
    network = networks.MLPRegressor(
        hidden_layer_sizes=(hidden,), max_iter=EPOCHS, tol=0, n_iter_no_change=EPOCHS, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", importlib.import_module("sklearn.exceptions").ConvergenceWarning)  # by EPOCHS
        network.fit((features - centre) / spread, ((targets - middle) / scale).squeeze())
    (first, second), (offset, last) = network.coefs_, network.intercepts_
    # Scaling is part of the weights, so that the graph need not do it.
    first = first / spread[:, None]
    return [(first, offset - centre @ first), (second * scale, last * scale + middle)]
