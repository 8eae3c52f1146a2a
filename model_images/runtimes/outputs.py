"""What a model answered, checked against the outputs that `model.yaml` declares.

Numbers are cast within their kind only (float64 to float32, int32 to int64): a float is never cut to an integer. An
array of shape (rows, 1) stands for one scalar a row.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_images.model_file import ElementType, Tensor
from model_images.runtimes import ArtifactError
from model_images.serve.arrays import TYPES
from model_images.serve.rows import Array

KINDS: Final[dict[ElementType, str]] = {"float32": "fiu", "float64": "fiu", "int64": "iu", "bool": "b", "string": "OUT"}
"""Numpy's kinds that a declared type takes: a whole number where a float is declared is a float."""
PROBABILITY: Final = ("probability", "probabilities")


def declared(answered: Any, output: Tensor, count: int, path: Path) -> Array:
    """`answered` as an array of the declared type and of shape (count, *output.shape).

    Raises:
        ArtifactError: if it does not fit; nothing is guessed.
    """
    try:
        # Numpy would turn a number among texts into a text.
        array = np.asarray(answered, object) if output.type == "string" else np.asarray(answered)
    except ValueError as error:  # rows of different lengths
        raise ArtifactError(f"{path}: output {output.name}: rows of different shapes; {allowed(output)}") from error
    shape = (count, *output.shape)
    if array.dtype == TYPES[output.type] and array.shape == shape and output.type != "string":
        return array
    rows = array.shape[0] if array.ndim else 0
    if rows != count:
        raise ArtifactError(f"{path}: output {output.name}: got {rows} predictions for {count} rows; one a row")
    if array.shape == (count, 1) and not output.shape:
        array = array.reshape(count)
    if array.shape != shape:
        got = list(array.shape[1:])
        raise ArtifactError(f"{path}: output {output.name}: got shape {got} a row; {allowed(output)}")
    if array.dtype.kind not in KINDS[output.type]:
        raise ArtifactError(f"{path}: output {output.name}: got {array.dtype}; {allowed(output)}")
    if output.type != "string":
        with np.errstate(over="ignore"):  # what is beyond float32 is an infinity, and answered as one
            return array.astype(TYPES[output.type])
    others = [value for value in array.flat if not isinstance(value, str)]
    if others:
        raise ArtifactError(f"{path}: output {output.name}: got {others[0]!r:.40}; {allowed(output)}")
    return array


def allowed(output: Tensor) -> str:
    """What `model.yaml` declares of an output, for an error's end."""
    return f"allowed: {output.type}, shape {list(output.shape)} a row, as model.yaml says"


def wants_probabilities(output: Tensor) -> bool:
    """Whether an output is a classifier's probabilities.

    It is, if its type is a float and it is called `probability` or `probabilities` or has the shape [classes].
    """
    return output.type.startswith("float") and (output.name in PROBABILITY or len(output.shape) == 1)


def of_probabilities(probabilities: Array, output: Tensor) -> Array:
    """The probabilities of shape (rows, classes) as an output takes them.

    A scalar output of a model with two classes is the probability of the second one.
    """
    if not output.shape and probabilities.ndim == 2 and probabilities.shape[1] == 2:
        return probabilities[:, 1]
    return probabilities


def of_booster(raw: Array, output: Tensor, *, binary: bool, classes: int) -> Array:
    """What gradient boosting answered, as an output takes it.

    `raw` is the probability of class 1 (`binary`), probabilities of shape (rows, classes), or (classes 0) a value a
    row. Boosters know no class names: a label is the number of the class, of type int64, or bool where there are two.
    """
    if not binary and not classes:
        return raw
    if wants_probabilities(output):
        both = np.stack([1 - raw, raw], axis=1) if binary else raw
        return of_probabilities(both, output)
    if output.type.startswith("float"):
        return raw
    numbers = (raw >= 0.5) if binary else raw.argmax(axis=1)
    return numbers if output.type == "bool" else numbers.astype(np.int64)


def size(tensor: Tensor) -> int:
    """Numbers in one row of a tensor."""
    return math.prod(tensor.shape)
