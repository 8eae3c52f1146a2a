"""Which of our frameworks runs an MLflow model, and which of its files is the artifact.

A flavor that would need MLflow's own code at run time (pyfunc, and all that is not below) is refused with the next
step: an image holds the model's framework, not MLflow.
"""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_images.model_file import Framework
from model_images.registry.errors import InputError, Refused


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """`files`: name in the model folder -> where it lies in the MLflow model. `unpack` makes the artifact instead."""

    framework: Framework
    artifact: str
    files: Mapping[str, Path]
    unpack: Callable[[Path], None] | None = None


def choose(folder: Path, flavors: Mapping[str, Any]) -> Chosen:
    """The framework and artifact of the MLflow model in `folder`, by its most portable flavor.

    Raises:
        Refused: no flavor that an image can serve, or one saved in a form that the image's runtime does not read.
    """
    for name, made in FLAVORS.items():
        if isinstance(flavors.get(name), dict):
            chosen = made(folder, flavors[name])
            for path in chosen.files.values():
                if not path.is_file():
                    raise InputError(f"{path}: not there; the MLflow model is not whole")
            return chosen
    raise Refused(
        f"flavors: got {', '.join(sorted(flavors)) or 'none'}; allowed: {', '.join(FLAVORS)}; log the model with its "
        "own flavor, or write its `load` and `predict` in a file and use framework: python"
    )


def _onnx(folder: Path, flavor: Mapping[str, Any]) -> Chosen:
    path = folder / str(flavor.get("data", "model.onnx"))
    # Weights beside the graph keep their names, since the graph names them.
    beside = {one.name: one for one in sorted(path.parent.glob("*.data"))}
    return Chosen(framework="onnx", artifact=path.name, files={path.name: path, **beside})


def _xgboost(folder: Path, flavor: Mapping[str, Any]) -> Chosen:
    form = str(flavor.get("model_format", "xgb"))
    if form not in {"ubj", "json"}:
        raise Refused(f'flavors.xgboost.model_format: got {form}; allowed: ubj, json; log it with model_format="ubj"')
    path = folder / str(flavor["data"])
    return Chosen(framework="xgboost", artifact=f"model.{form}", files={f"model.{form}": path})


def _lightgbm(folder: Path, flavor: Mapping[str, Any]) -> Chosen:
    path = folder / str(flavor["data"])
    if path.suffix == ".lgb":
        return Chosen(framework="lightgbm", artifact="model.txt", files={"model.txt": path})
    # LightGBM's own scikit-learn estimators are saved as those are.
    return _estimator(path, str(flavor.get("serialization_format", "cloudpickle")), flavor.get("skops_trusted_types"))


def _sklearn(folder: Path, flavor: Mapping[str, Any]) -> Chosen:
    if flavor.get("code"):
        raise Refused(
            "flavors.sklearn.code: got code of its own; allowed: none; make its code a package and require it"
        )
    form = str(flavor.get("serialization_format", "pickle"))
    return _estimator(folder / str(flavor["pickled_model"]), form, flavor.get("skops_trusted_types"))


def _estimator(path: Path, form: str, trusted: Any) -> Chosen:
    if form != "skops":
        return Chosen(framework="sklearn", artifact="model.pkl", files={"model.pkl": path})

    def unpack(target: Path) -> None:
        try:
            skops: Any = importlib.import_module("skops.io")
        except ModuleNotFoundError as error:
            raise Refused(
                f"{path.name}: saved by skops, which is not installed; next: install skops where you import, or log "
                'the model with serialization_format="cloudpickle"'
            ) from error
        estimator: Any = skops.load(path, trusted=list(trusted or ()))
        target.write_bytes(pickle.dumps(estimator, protocol=5))

    return Chosen(framework="sklearn", artifact="model.pkl", files={}, unpack=unpack)


def _pytorch(folder: Path, flavor: Mapping[str, Any]) -> Chosen:
    path = folder / str(flavor.get("model_data", "data")) / "model.pt2"
    if not path.is_file():
        raise Refused(
            'flavors.pytorch: got a pickled module; allowed: an exported one; log it with serialization_format="pt2"'
        )
    return Chosen(framework="pytorch", artifact="model.pt2", files={"model.pt2": path})


# In the order in which they are taken where a model has several.
FLAVORS: Mapping[str, Callable[[Path, Mapping[str, Any]], Chosen]] = {
    "onnx": _onnx,
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "sklearn": _sklearn,
    "pytorch": _pytorch,
}
