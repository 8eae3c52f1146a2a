"""Plain-Python models: the artifact is a file with `load(folder) -> model` and `predict(model, rows) -> outputs`.

Rows are objects by input name. One output a row comes back: a value, or an object by output name where there are
several.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from model_images.model_file import ModelFile, Scalar

Rows = Sequence[Mapping[str, Scalar]]


class PythonModelError(ValueError):
    """The artifact does not keep the contract above; the message says how."""


def predict(folder: Path, model: ModelFile) -> list[object]:
    """Loads the model of `folder` and predicts its warm-up example; one prediction a row.

    Raises:
        PythonModelError: if `load` or `predict` is missing, or the number of predictions is not that of the rows.
    """
    path = folder / model.artifact
    spec = importlib.util.spec_from_file_location(f"model_{model.name}", path)
    if spec is None or spec.loader is None:
        raise PythonModelError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    functions = [getattr(module, name, None) for name in ("load", "predict")]
    if not all(callable(function) for function in functions):
        raise PythonModelError(f"{path}: needs two functions, load(folder) and predict(model, rows)")
    load, ask = cast("tuple[Callable[[Path], object], Callable[[object, Rows], Sequence[object]]]", functions)
    rows = warm_up_rows(model)
    predictions = list(ask(load(folder), rows))
    if len(predictions) != len(rows):
        raise PythonModelError(f"{path}: predict answered {len(predictions)} predictions for {len(rows)} rows")
    return predictions


def warm_up_rows(model: ModelFile) -> list[Mapping[str, Scalar]]:
    """The warm-up example as objects by input name, whichever way it is written."""
    names = [given.name for given in model.inputs]
    return [
        instance if isinstance(instance, dict) else dict(zip(names, instance, strict=True))
        for instance in model.warmup.instances
    ]
