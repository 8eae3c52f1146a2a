"""XGBoost models, saved by `save_model` as JSON or UBJ.

Outputs: see `outputs.of_booster`; a label is the number of its class. A file of another major version than the
installed, or of a later one, is refused: XGBoost itself reads it without a word.
"""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_images.model_file import ModelFile
from model_images.runtimes import ArtifactError, first_line
from model_images.runtimes.columns import as_matrix, check_numbers, check_width, order_of
from model_images.runtimes.outputs import declared, of_booster
from model_images.serve.rows import MODEL_ERRORS, Array, Outputs, Rows, Runtime

# Its types are unknown to checkers.
xgboost: Any = importlib.import_module("xgboost")

# Both forms end with the version: keys are sorted, and it is the last one.
_TAIL: Final = 200
_JSON_VERSION: Final = re.compile(rb'"version"\s*:\s*\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]\s*\}\s*$')
_UBJ_VERSION: Final = re.compile(rb"\x07version\[#L.{8}i(.)i(.)i(.)\}?\]?\}$", re.DOTALL)


def load(folder: Path, model: ModelFile) -> XgboostModel:
    """The booster of the artifact, checked against `model.yaml`.

    Raises:
        ArtifactError: if the file is not readable, was saved by another version, or inputs do not fit.
    """
    path = folder / model.artifact
    check_numbers(model, path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path}: {error.strerror}") from error
    _check_version(content, path)
    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(content))
        learner: Any = json.loads(booster.save_config())["learner"]
    except MODEL_ERRORS as error:
        said = re.sub(r"^\[[\d:]+\] \S+: ", "", first_line(error))
        raise ArtifactError(f"{path}: not readable by xgboost {xgboost.__version__}: {said}") from error
    return XgboostModel(path, model, booster, learner)


class XgboostModel(Runtime):
    """A booster, and what its objective answers."""

    def __init__(self, path: Path, model: ModelFile, booster: Any, learner: Any) -> None:
        self._path = path
        self._outputs = model.outputs
        self._booster = booster
        objective: str = learner["objective"]["name"]
        self._binary = objective == "binary:logistic"
        self._classes = int(learner["learner_model_param"]["num_class"]) if objective == "multi:softprob" else 0
        self._labels = objective in {"multi:softmax", "binary:hinge"}
        names: list[str] = booster.feature_names or []
        check_width(model, booster.num_features(), path)
        self._order: Array | None = order_of(model, names, path) if names else None

    def predict(self, rows: Rows) -> Outputs:
        matrix = as_matrix(rows, np.float64)
        if self._order is not None:
            matrix = matrix[:, self._order]
        raw: Array = self._booster.inplace_predict(matrix, validate_features=False)
        if self._labels:
            raw = raw.astype(np.int64)
        return {
            output.name: declared(
                of_booster(raw, output, binary=self._binary, classes=self._classes), output, rows.count, self._path
            )
            for output in self._outputs
        }


def _check_version(content: bytes, path: Path) -> None:
    tail = content[-_TAIL:]
    made: tuple[int, ...] | None = None
    if found := _UBJ_VERSION.search(tail):
        made = tuple(ord(part) for part in found.groups())
    elif found := _JSON_VERSION.search(tail):
        made = tuple(int(part) for part in found.groups())
    if made is None:
        raise ArtifactError(f"{path}: not readable by xgboost: no version at its end; allowed: what save_model writes")
    installed = tuple(int(part) for part in xgboost.__version__.split(".")[:3])
    if made[0] != installed[0] or made > installed:
        raise ArtifactError(
            f"{path}: saved by xgboost {'.'.join(map(str, made))}, but this is xgboost {xgboost.__version__}; save it "
            "again, or pin the version that saved it"
        )
