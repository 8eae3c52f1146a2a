"""Plain-Python models: the artifact is a file with `load(folder) -> model` and `predict(model, rows) -> outputs`.

Rows are objects by input name. `predict` answers one thing a row: a value, or an object by output name where there are
several outputs. It may refuse a row: `raise RowRefused(row, "why")` of `model_images.serve.rows`. A third function,
`custom_attributes(rows, outputs) -> str | None`, is optional; it gets lists by output name.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from model_images.model_file import ModelFile
from model_images.runtimes import ArtifactError, first_line
from model_images.runtimes.outputs import declared
from model_images.serve.rows import MODEL_ERRORS, Outputs, Rows, Runtime, own_errors

Objects = Sequence[Mapping[str, Any]]


def load(folder: Path, model: ModelFile) -> PythonModel:
    """Imports the artifact and calls its `load`.

    Raises:
        ArtifactError: if the file cannot be imported, a function is missing, or its `load` fails.
    """
    path = folder / model.artifact
    module = _module(path, f"model_{model.name.replace('-', '_')}")
    begin, predict = _function(module, "load"), _function(module, "predict")
    if begin is None or predict is None:
        raise ArtifactError(f"{path}: needs two functions, load(folder) and predict(model, rows)")
    try:
        with own_errors():
            loaded = begin(folder)
    except MODEL_ERRORS as error:
        raise ArtifactError(f"{path}: load failed: {type(error).__name__}: {first_line(error)}") from error
    return PythonModel(path, model, loaded, predict, _function(module, "custom_attributes"))


class PythonModel(Runtime):
    """The loaded model and the artifact's functions."""

    def __init__(
        self,
        path: Path,
        model: ModelFile,
        loaded: Any,
        predict: Callable[[Any, Objects], Any],
        attributes: Callable[[Objects, Mapping[str, Any]], Any] | None,
    ) -> None:
        self._path = path
        self._outputs = model.outputs
        self._loaded = loaded
        self._predict = predict
        self._attributes = attributes

    def predict(self, rows: Rows) -> Outputs:
        with own_errors():
            answered = self._predict(self._loaded, rows.objects())
        try:
            with own_errors():  # it may be a generator
                predictions = list(answered)
        except TypeError as error:
            raise ArtifactError(
                f"{self._path}: predict answered {answered!r:.60}; allowed: one answer a row"
            ) from error
        if len(predictions) != rows.count:
            raise ArtifactError(f"{self._path}: predict answered {len(predictions)} predictions for {rows.count} rows")
        if len(self._outputs) == 1 and not isinstance(predictions[0], Mapping):
            only = self._outputs[0]
            return {only.name: declared(predictions, only, rows.count, self._path)}
        wanted = {output.name for output in self._outputs}
        for row, prediction in enumerate(predictions):
            if not isinstance(prediction, Mapping) or {*prediction} != wanted:
                names = ", ".join(output.name for output in self._outputs)
                raise ArtifactError(
                    f"{self._path}: predictions[{row}]: got {prediction!r:.80}; allowed: an object of {names}"
                )
        return {
            output.name: declared([p[output.name] for p in predictions], output, rows.count, self._path)
            for output in self._outputs
        }

    def custom_attributes(self, rows: Rows, outputs: Outputs) -> str | None:
        if self._attributes is None:
            return None
        with own_errors():
            told = self._attributes(rows.objects(), {name: array.tolist() for name, array in outputs.items()})
        if told is not None and not isinstance(told, str):
            raise ArtifactError(f"{self._path}: custom_attributes answered {told!r:.80}; allowed: a text or None")
        return told


def _module(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ArtifactError(f"{path}: not a Python file; allowed: an artifact whose name ends in .py")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses of the artifact look their module up by its name.
    sys.modules[name] = module
    try:
        with own_errors():
            spec.loader.exec_module(module)
    except MODEL_ERRORS as error:
        raise ArtifactError(f"{path}: not readable: {type(error).__name__}: {first_line(error)}") from error
    return module


def _function(module: ModuleType, name: str) -> Callable[..., Any] | None:
    found = getattr(module, name, None)
    return found if callable(found) else None
