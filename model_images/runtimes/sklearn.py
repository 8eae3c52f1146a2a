"""scikit-learn models, saved by joblib: estimators and pipelines with `predict`.

The file is a pickle: it comes out of the image, never out of a request. Rows are given as one array; features that the
model knows by name are put in its order, and its names are then forgotten, since it would warn about each array. Only
what picks columns by name (a ColumnTransformer) needs a data frame, and so pandas among the model's `requirements`.

Outputs: a float called `probability` or `probabilities`, or of shape [classes], is `predict_proba` (a scalar one: of
the second of two classes); every other output is `predict`.
"""

from __future__ import annotations

import importlib
import lzma
import pickle
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from model_images.model_file import ModelFile, Tensor
from model_images.runtimes import ArtifactError, first_line
from model_images.runtimes.columns import as_matrix, check_width, order_of
from model_images.runtimes.outputs import declared, of_probabilities, wants_probabilities
from model_images.serve.rows import MODEL_ERRORS, Array, Outputs, Rows, Runtime, own_errors

# Their types are unknown to checkers.
joblib: Any = importlib.import_module("joblib")
sklearn: Any = importlib.import_module("sklearn")
base: Any = importlib.import_module("sklearn.base")
exceptions: Any = importlib.import_module("sklearn.exceptions")
threadpoolctl: Any = importlib.import_module("threadpoolctl")

# What a damaged pickle raises: these descend from Exception alone.
_DAMAGED: Final = (pickle.PickleError, struct.error, zlib.error, lzma.LZMAError)


def load(folder: Path, model: ModelFile) -> SklearnModel:
    """The estimator of the artifact, checked against `model.yaml`.

    Raises:
        ArtifactError: if the file is not readable, was saved by another version, or inputs or outputs do not fit.
    """
    path = folder / model.artifact
    estimator = _read(path)
    if not callable(getattr(estimator, "predict", None)):
        raise ArtifactError(f"{path}: got {type(estimator).__name__}; allowed: a scikit-learn estimator with predict")
    for output in model.outputs:
        if wants_probabilities(output) and base.is_classifier(estimator) and not hasattr(estimator, "predict_proba"):
            raise ArtifactError(f"{path}: output {output.name}: {type(estimator).__name__} has no predict_proba")
    # A worker process is the unit of parallelism: threads of a model would take the other workers' cores.
    threadpoolctl.threadpool_limits(limits=1)
    if hasattr(estimator, "get_params"):
        parallel = [key for key in estimator.get_params() if key.split("__")[-1] == "n_jobs"]
        estimator.set_params(**dict.fromkeys(parallel, 1))
    return SklearnModel(path, model, estimator)


class SklearnModel(Runtime):
    """The estimator and how rows get into it."""

    def __init__(self, path: Path, model: ModelFile, estimator: Any) -> None:
        self._path = path
        self._outputs = model.outputs
        self._estimator = estimator
        self._frame: Callable[[Mapping[str, Any]], Any] | None = None
        self._names: list[str] = list(getattr(estimator, "feature_names_in_", ()))
        self._order = order_of(model, self._names, path) if self._names else None
        texts = any(given.type == "string" for given in model.inputs)
        self._dtype = np.dtype(object) if texts else np.dtype(np.float64)
        if not self._names and isinstance(features := getattr(estimator, "n_features_in_", None), int):
            check_width(model, features, path)
        if any(_picks_by_name(part) for part in _parts(estimator)):
            self._frame = _data_frame(path)
        else:
            for part in _parts(estimator):
                cast("dict[str, Any]", vars(part)).pop("feature_names_in_", None)

    def predict(self, rows: Rows) -> Outputs:
        table = self._table(rows)
        answers: dict[str, Any] = {}
        outputs: dict[str, Array] = {}
        for output in self._outputs:
            asked = self._asked(output)
            if asked not in answers:
                with own_errors():  # a pipeline may hold steps of the model's own
                    answers[asked] = getattr(self._estimator, asked)(table)
            answered = answers[asked]
            if asked == "predict_proba":
                answered = of_probabilities(np.asarray(answered), output)
            outputs[output.name] = declared(answered, output, rows.count, self._path)
        return outputs

    def _asked(self, output: Tensor) -> str:
        probabilities = wants_probabilities(output) and hasattr(self._estimator, "predict_proba")
        return "predict_proba" if probabilities else "predict"

    def _table(self, rows: Rows) -> Any:
        if self._frame is not None:
            columns = list(rows.columns.values())
            places = range(len(columns)) if self._order is None else self._order
            return self._frame({name: columns[place] for name, place in zip(self._names, places, strict=True)})
        matrix = as_matrix(rows, self._dtype)
        return matrix if self._order is None else matrix[:, self._order]


def _read(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", exceptions.InconsistentVersionWarning)
            return joblib.load(path)
    except exceptions.InconsistentVersionWarning as warning:
        raise ArtifactError(
            f"{path}: saved by scikit-learn {warning.original_sklearn_version}, but this is scikit-learn "
            f"{warning.current_sklearn_version}; train it again, or pin the version that saved it"
        ) from warning
    except ModuleNotFoundError as error:
        raise ArtifactError(f"{path}: needs the module {error.name}; add its package to requirements") from error
    except (*MODEL_ERRORS, *_DAMAGED) as error:
        raise ArtifactError(f"{path}: not readable by joblib: {type(error).__name__}: {first_line(error)}") from error


def _parts(estimator: Any) -> Iterator[Any]:
    """The estimator and all that it is made of, each once."""
    seen: set[int] = set()
    left: list[Any] = [estimator]
    while left:
        part = left.pop()
        if _is_sequence(part):
            left.extend(part)
        elif isinstance(part, dict):
            left.extend(_values(part))
        elif isinstance(part, base.BaseEstimator) and id(part) not in seen:
            seen.add(id(part))
            left.extend(_values(vars(part)))
            yield part


def _picks_by_name(part: Any) -> bool:
    picked = [transformer[2] for transformer in getattr(part, "transformers", ())]
    firsts = [columns[0] if _is_sequence(columns) and len(columns) else columns for columns in picked]
    return any(isinstance(column, str) for column in firsts)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and _kind(value) == "O")


def _kind(array: Any) -> str:
    return array.dtype.kind


def _values(mapping: Any) -> Sequence[Any]:
    return list(mapping.values())


def _data_frame(path: Path) -> Callable[[Mapping[str, Any]], Any]:
    try:
        pandas: Any = importlib.import_module("pandas")
    except ImportError as error:
        raise ArtifactError(
            f"{path}: picks columns by name, which scikit-learn does in data frames only; add pandas to requirements, "
            "or train it on an array"
        ) from error
    return pandas.DataFrame
