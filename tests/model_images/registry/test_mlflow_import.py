"""Models out of a real MLflow store, checked by the runtimes that will serve them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from model_images.registry.errors import InputError
from model_images.registry.mlflow_import import import_model

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs `python -m model_images` against a store that holds a model a flavor."""
    folder = tmp_path_factory.mktemp("mlflow") / "store"
    environment = os.environ | {
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_TRACKING_URI": folder.as_uri(),
        "PYTHONPATH": str(ROOT),
    }
    program = Path(__file__).with_name("mlflow_store.py")
    filled = subprocess.run(
        [sys.executable, program, folder], capture_output=True, text=True, env=environment, cwd=folder.parent
    )
    assert filled.returncode == 0, filled.stderr[-3000:]

    def asked(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "model_images", *(str(word) for word in words)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=120)

    return asked


@pytest.mark.parametrize(
    ("name", "framework", "answer"),
    [
        ("fraud", "sklearn", [0, 0, 0]),
        ("boosted", "xgboost", None),
        ("light", "lightgbm", None),
        ("graph", "onnx", None),
    ],
)
def test_an_imported_model_predicts_its_warm_up(
    run: Run, tmp_path: Path, name: str, framework: str, answer: list[int] | None
) -> None:
    made = run("import", f"mlflow:models:/{name}@champion", "--output", tmp_path / name, "--json")
    assert made.returncode == 0, made.stderr
    assert made.stderr == "requirement 'loose' has no exact version and was left out; pin it in model.yaml\n"
    assert json.loads(made.stdout)["framework"] == framework
    checked = run("check", tmp_path / name)
    assert (checked.returncode, checked.stderr) == (0, "")
    predictions = json.loads(checked.stdout)["predictions"]
    assert len(predictions) == 3
    assert answer is None or predictions == answer


def test_the_lineage_lies_beside_the_model_and_not_in_it(run: Run, tmp_path: Path) -> None:
    run("import", "mlflow:models:/fraud@champion", "--output", tmp_path / "one")
    run("import", "mlflow:models:/fraud/1", "--output", tmp_path / "two")
    lineage = json.loads((tmp_path / "one/training/lineage.json").read_text())
    assert (lineage["source"], lineage["version"]) == ("mlflow:models:/fraud@champion", "1")
    assert lineage["data"][0]["name"] == "breast cancer"
    assert lineage["data"][0]["digest"]
    assert (tmp_path / "one/model.pkl").read_bytes() == (tmp_path / "two/model.pkl").read_bytes()


@pytest.mark.parametrize(
    ("source", "status", "line"),
    [
        ("mlflow:models:/own@champion", 1, "flavors: got python_function; allowed: onnx, xgboost, lightgbm, sklearn"),
        ("mlflow:models:/unsigned@champion", 1, "signature.inputs: missing; log it with signature="),
        ("mlflow:models:/nobody/3", 1, "models:/nobody/3: Registered Model with name=nobody not found"),
        ("mlflow:models:/fraud@nobody", 1, "models:/fraud@nobody: Registered model alias nobody not found"),
        ("models:/fraud@champion", 2, "source: got 'models:/fraud@champion'; allowed: mlflow:models:/NAME@ALIAS"),
    ],
)
def test_what_cannot_be_imported_is_said_in_a_line_and_leaves_nothing(
    run: Run, tmp_path: Path, source: str, status: int, line: str
) -> None:
    refused = run("import", source, "--output", tmp_path / "made")
    assert refused.returncode == status
    assert refused.stderr.startswith(line)
    assert len(refused.stderr.splitlines()) <= 2
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "home"])


def test_an_output_that_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "notes").write_text("mine")
    with pytest.raises(InputError, match="allowed: a folder that is new or empty"):
        import_model("mlflow:models:/fraud@champion", tmp_path / "there")
    assert (tmp_path / "there" / "notes").read_text() == "mine"
