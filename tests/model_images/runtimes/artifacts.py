"""Model folders of every framework, made on the spot, and rows for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from model_images.model_file import ModelFile, read_model_file
from model_images.serve.rows import Array, Rows

FLOATS = "inputs: [{name: a, type: float32}, {name: b, type: float32}]"


def folder_of(
    root: Path,
    framework: str,
    artifact: str,
    *,
    inputs: str = FLOATS,
    outputs: str = "outputs: [{name: score, type: float32}]",
    warmup: str = "[1, 2]",
) -> ModelFile:
    """A folder whose `model.yaml` declares these, beside an artifact that the test has written."""
    (root / "model.yaml").write_text(
        f"name: made\nversion: '1'\nframework: {framework}\nartifact: {artifact}\n{inputs}\n{outputs}\n"
        f"warmup: {{instances: [{warmup}]}}\n",
        encoding="utf-8",
    )
    return read_model_file(root)


def matrix_rows(*rows: tuple[float, ...], dtype: Any = np.float32) -> Rows:
    """Rows of scalars a, b, c ... of one number type."""
    matrix = np.array(rows, dtype)
    return Rows(len(matrix), None, matrix, tuple("abcdefgh"[: matrix.shape[1]]))


def column_rows(columns: Mapping[str, Any]) -> Rows:
    """Rows given a column an input."""
    arrays: dict[str, Array] = {name: np.asarray(values) for name, values in columns.items()}
    return Rows(len(next(iter(arrays.values()))), arrays)
