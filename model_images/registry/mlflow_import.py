"""A model folder out of an MLflow registry: `mlflow:models:/NAME@ALIAS` or `mlflow:models:/NAME/VERSION`.

Where the model comes from is kept in the folder's `training/lineage.json`, which is not baked into the image: the same
model has the same digest whatever run it was registered by. Which server is asked, MLflow's own variables say
(MLFLOW_TRACKING_URI, MLFLOW_REGISTRY_URI).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import yaml

from model_images.model_file import ModelFile, ModelFileError, read_model_file
from model_images.registry.errors import InputError, NotThere, RegistryError
from model_images.registry.mlflow_flavors import choose
from model_images.registry.mlflow_signature import pinned, tensors, warm_up, written

SOURCE = re.compile(r"mlflow:(?P<uri>models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>[0-9]+)))")
# The image's base brings these: the server's packages, and each framework's.
BROUGHT = frozenset(
    "mlflow mlflow-skinny numpy msgspec orjson scikit-learn xgboost xgboost-cpu lightgbm onnx onnxruntime torch".split()
)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """The folder as it now stands, and what a person should know of it."""

    folder: Path
    model: ModelFile
    notes: tuple[str, ...]


def import_model(source: str, output: Path) -> Imported:
    """Makes the model folder `output`; it appears whole or not at all.

    Raises:
        InputError: the source is none, or `output` is there. NotThere: no such model.
        Refused: what an image cannot serve, with the next step. RegistryError: what MLflow says.
    """
    match = SOURCE.fullmatch(source)
    if match is None:
        raise InputError(f"source: got {source!r}; allowed: mlflow:models:/NAME@ALIAS or mlflow:models:/NAME/VERSION")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(f"--output: got {output}, which is there; allowed: a folder that is new or empty")
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".import-") as work:
        downloaded, lineage = _download(match["uri"], match["name"], match["alias"], match["version"], Path(work))
        made = Path(work) / "model"
        made.mkdir()
        notes = _write(downloaded, made, match["name"], lineage)
        try:
            model = read_model_file(made)
        except ModelFileError as error:
            raise InputError(str(error).replace(f"{made}/", "")) from error
        if output.is_dir():
            output.rmdir()
        made.replace(output)
    return Imported(folder=output, model=model, notes=tuple(notes))


def _download(uri: str, name: str, alias: str | None, version: str | None, work: Path) -> tuple[Path, dict[str, Any]]:
    """The MLflow model's files, and what the registry says about it."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    try:
        import mlflow  # slow to import, and only this command needs it
        from mlflow.exceptions import MlflowException
    except ModuleNotFoundError as error:
        raise InputError("mlflow is not installed; next: `uv pip install mlflow-skinny`") from error
    api: Any = mlflow
    try:
        client: Any = api.MlflowClient()
        known: Any = (
            client.get_model_version_by_alias(name, alias) if alias else client.get_model_version(name, version)
        )
        run: Any = client.get_run(known.run_id) if known.run_id else None
        # By version, so that the files are those of the version that is written down, even if the alias moves now.
        pinned_uri = f"models:/{name}/{known.version}"
        folder = Path(api.artifacts.download_artifacts(pinned_uri, dst_path=str(work / "downloaded")))
    except MlflowException as error:
        line = f"{uri}: {str(error).splitlines()[0]}"
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            raise NotThere(f"{line}; MLFLOW_TRACKING_URI names the server that is asked") from error
        raise RegistryError(line) from error
    return folder, _lineage(uri, known, run, str(api.get_registry_uri()))


def _lineage(uri: str, known: Any, run: Any, registry: str) -> dict[str, Any]:
    datasets: list[Any] = list(run.inputs.dataset_inputs) if run and run.inputs else []
    parts = urlsplit(registry)
    server = registry.replace(f"{parts.netloc}", parts.netloc.rpartition("@")[2]) if parts.netloc else registry
    return {
        "source": f"mlflow:{uri}",
        "server": server if parts.scheme in {"http", "https"} else parts.scheme or "file",
        "name": known.name,
        "version": str(known.version),
        "run": known.run_id,
        "source_commit": run.data.tags.get("mlflow.source.git.commit") if run else None,
        "parameters": dict(run.data.params) if run else {},
        "metrics": dict(run.data.metrics) if run else {},
        "data": [{"name": one.dataset.name, "digest": one.dataset.digest} for one in datasets],
    }


def _write(downloaded: Path, made: Path, name: str, lineage: dict[str, Any]) -> list[str]:
    """Fills the folder; notes for a person."""
    described = _described(downloaded / "MLmodel")
    chosen = choose(downloaded, described.get("flavors") or {})
    columns = chosen.framework in {"sklearn", "xgboost", "lightgbm"}
    inputs = tensors(described.get("signature"), "inputs", columns=columns)
    outputs = tensors(described.get("signature"), "outputs")
    requirements, loose = pinned(downloaded, BROUGHT)
    content = {
        "name": written(name)[:63],
        "version": lineage["version"],
        "framework": chosen.framework,
        "artifact": chosen.artifact,
        "inputs": inputs,
        "outputs": outputs,
        "warmup": {"instances": warm_up(downloaded, inputs)},
        "requirements": requirements,
    }
    text = yaml.safe_dump(content, sort_keys=False, default_flow_style=None, width=110)
    (made / "model.yaml").write_text(
        f"# Imported from {lineage['source']}, version {lineage['version']}.\n{text}", "utf-8"
    )
    for target, path in chosen.files.items():
        shutil.copyfile(path, made / target)
    if chosen.unpack:
        chosen.unpack(made / chosen.artifact)
    (made / "training").mkdir()
    (made / "training" / "lineage.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(lineage), indent=2) + b"\n"
    )
    return [f"requirement {line!r} has no exact version and was left out; pin it in model.yaml" for line in loose]


def _described(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"MLmodel: not readable: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(content, dict):
        raise InputError(f"MLmodel: got {json.dumps(content)[:80]}; allowed: a mapping")
    return content  # pyright: ignore[reportUnknownVariableType]
