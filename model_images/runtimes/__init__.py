"""How the model of a folder is loaded: one module a framework, which imports its framework and no other's."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from model_images.model_file import Framework, ModelFile
    from model_images.serve.rows import Runtime

RUNTIMES: Final[dict[Framework, str]] = {
    "sklearn": "model_images.runtimes.sklearn",
    "xgboost": "model_images.runtimes.xgboost",
    "lightgbm": "model_images.runtimes.lightgbm",
    "onnx": "model_images.runtimes.onnx",
    "pytorch": "model_images.runtimes.pytorch",
    "python": "model_images.runtimes.python",
}


class ArtifactError(ValueError):
    """A model that cannot be loaded, or that answers otherwise than `model.yaml` says: one line, naming the file."""


def load(folder: Path, model: ModelFile) -> Runtime:
    """The model of `folder`, ready to predict.

    Raises:
        ArtifactError: naming the artifact and what is wrong with it.
    """
    try:
        module = importlib.import_module(RUNTIMES[model.framework])
    except ImportError as error:
        raise ArtifactError(
            f"{folder / model.artifact}: framework {model.framework}: {first_line(error)}; "
            "install the framework's packages (`requirements.lock` of the model folder names them)"
        ) from error
    loaded: Runtime = module.load(folder, model)
    return loaded


def first_line(error: BaseException) -> str:
    """What an error of a framework says, cut to one line of at most 300 characters."""
    said = str(error).strip()
    return f"{said.splitlines()[0]:.300}" if said else type(error).__name__
