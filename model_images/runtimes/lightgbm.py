"""LightGBM models, saved by `save_model` as text.

Outputs: see `outputs.of_booster`; a label is the number of its class. The file says the version of its format, not of
the package: another format than the installed package's is refused.
"""

from __future__ import annotations

import importlib
import logging
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
lightgbm: Any = importlib.import_module("lightgbm")

FORMAT: Final = "v4"
END: Final = "end of trees"


def load(folder: Path, model: ModelFile) -> LightgbmModel:
    """The booster of the artifact, checked against `model.yaml`.

    Raises:
        ArtifactError: if the file is not readable, is of another format, or inputs do not fit.
    """
    path = folder / model.artifact
    check_numbers(model, path)
    try:
        content = path.read_text(encoding="utf-8")
        _check(content, path)
        # What is wrong comes as an exception; LightGBM would also print it.
        lightgbm.register_logger(logging.getLogger("lightgbm"))
        booster = lightgbm.Booster(model_str=content)
    except (lightgbm.basic.LightGBMError, *MODEL_ERRORS) as error:
        if isinstance(error, ArtifactError):
            raise
        raise ArtifactError(f"{path}: not readable by lightgbm {lightgbm.__version__}: {first_line(error)}") from error
    return LightgbmModel(path, model, booster)


class LightgbmModel(Runtime):
    """A booster, and what its objective answers."""

    def __init__(self, path: Path, model: ModelFile, booster: Any) -> None:
        self._path = path
        self._outputs = model.outputs
        self._booster = booster
        found = re.search(r"^objective=(\w+)(?:.* num_class:(\d+))?", booster.model_to_string(num_iteration=1), re.M)
        self._binary = found is not None and found[1] == "binary"
        self._classes = int(found[2] or 0) if found else 0
        check_width(model, booster.num_feature(), path)
        self._order: Array | None = order_of(model, booster.feature_name(), path)

    def predict(self, rows: Rows) -> Outputs:
        matrix = as_matrix(rows, np.float64)
        if self._order is not None:
            matrix = matrix[:, self._order]
        try:
            raw: Array = self._booster.predict(matrix, num_threads=1)
        except lightgbm.basic.LightGBMError as error:  # it descends from Exception alone
            raise RuntimeError(f"{self._path}: {first_line(error)}") from error
        return {
            output.name: declared(
                of_booster(raw, output, binary=self._binary, classes=self._classes), output, rows.count, self._path
            )
            for output in self._outputs
        }


def _check(content: str, path: Path) -> None:
    """Raises ArtifactError for what would end the process: LightGBM aborts where a tree is cut off."""
    header, _, rest = content.partition("\n\n")
    said = dict(line.split("=", 1) for line in header.splitlines() if "=" in line)
    if not header.startswith("tree\n") or "version" not in said:
        raise ArtifactError(f"{path}: not readable by lightgbm: no text model; allowed: what save_model writes")
    if said["version"] != FORMAT:
        raise ArtifactError(
            f"{path}: saved in format {said['version']}, but lightgbm {lightgbm.__version__} reads {FORMAT}; "
            "train it again, or pin the version that saved it"
        )
    begin = 0
    for number, size in enumerate(map(int, said.get("tree_sizes", "").split())):
        if not rest.startswith(f"Tree={number}\n", begin):
            raise ArtifactError(f"{path}: not readable by lightgbm: cut off or damaged before tree {number}")
        begin += size
    if not rest.startswith(END, begin):
        raise ArtifactError(f"{path}: not readable by lightgbm: cut off or damaged before {END!r}")
