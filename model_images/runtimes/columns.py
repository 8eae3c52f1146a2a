"""Rows as the one matrix that models of tables take, in the order of the model's own features."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_images.model_file import ModelFile
from model_images.runtimes import ArtifactError
from model_images.runtimes.outputs import size
from model_images.serve.rows import Array, Rows

UNNAMED: Final = re.compile(r"(column_|f|x)?\d+")
"""What frameworks call features that were given no names."""


def as_matrix(rows: Rows, dtype: Any) -> Array:
    """An array of shape (rows, features): the inputs one after another, those with a shape row-major."""
    if rows.matrix is not None:
        return rows.matrix
    columns = list(rows.columns.values())
    if all(column.ndim == 1 for column in columns):
        matrix = np.empty((rows.count, len(columns)), dtype)
        for place, column in enumerate(columns):
            matrix[:, place] = column
        return matrix
    return np.concatenate([column.reshape(rows.count, -1) for column in columns], axis=1, dtype=dtype, casting="unsafe")


def order_of(model: ModelFile, names: Sequence[str], path: Path) -> Array | None:
    """Where the model's features `names` stand among the inputs, or None if they stand in the inputs' order.

    Names are compared as `model.yaml` can write them: in lower case, anything but letters and digits an underscore.

    Raises:
        ArtifactError: if the model has a feature that is no input, or the other way round.
    """
    wanted = [_written(name) for name in names]
    given = [tensor.name.replace("-", "_") for tensor in model.inputs]
    unnamed = all(UNNAMED.fullmatch(name) for name in wanted) and sorted(wanted) != sorted(given)
    if unnamed or any(tensor.shape for tensor in model.inputs):
        check_width(model, len(names), path)
        return None
    odd = sorted({*wanted} ^ {*given})
    if odd or len(wanted) != len(given):
        named = ", ".join(odd[:5]) or f"{len(wanted)} names, some of them alike"
        raise ArtifactError(
            f"{path}: inputs: {named}: not in both the model and model.yaml; allowed: {', '.join(names):.200}"
        )
    order = np.array([given.index(name) for name in wanted])
    return None if (order == np.arange(len(order))).all() else order


def check_width(model: ModelFile, features: int, path: Path) -> None:
    """Raises ArtifactError if the inputs have another number of values a row than the model has features."""
    width = sum(size(tensor) for tensor in model.inputs)
    if width != features:
        raise ArtifactError(f"{path}: inputs: got {width} values a row; allowed: {features}, as the model was made")


def check_numbers(model: ModelFile, path: Path) -> None:
    """Raises ArtifactError if an input is a text, for frameworks that take numbers only."""
    texts = [tensor.name for tensor in model.inputs if tensor.type == "string"]
    if texts:
        raise ArtifactError(f"{path}: inputs: {', '.join(texts)}: got string; allowed: numbers ({model.framework})")


def _written(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower())
