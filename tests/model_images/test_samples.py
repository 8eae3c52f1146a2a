"""The sample models load and predict their own warm-up examples."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from model_images.model_file import read_model_file
from model_images.runtimes.python import PythonModelError, predict
from stacks.settings import load_environment

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "model_images/samples"
NAMES = sorted(path.name for path in SAMPLES.iterdir())


def test_every_model_of_the_demo_has_a_sample() -> None:
    assert {model.name for model in load_environment(ROOT, "demo").models} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_predicts_a_probability_a_row(name: str) -> None:
    model = read_model_file(SAMPLES / name)
    predictions = predict(SAMPLES / name, model)
    assert model.name == name
    assert len(predictions) == len(model.warmup.instances)
    assert all(isinstance(value, float) and 0 < value < 1 for value in predictions)


def test_what_is_riskier_scores_higher() -> None:
    for name in NAMES:
        risky, harmless = predict(SAMPLES / name, read_model_file(SAMPLES / name))
        assert risky > harmless


def test_the_check_command_prints_predictions_as_json() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "model_images", "check", str(SAMPLES / "fraud")],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert json.loads(said.stdout) == {"predictions": [0.350817, 0.019007]}


def test_a_python_model_without_predict_is_refused(tmp_path: Path) -> None:
    model = read_model_file(SAMPLES / "fraud")
    (tmp_path / model.artifact).write_text("def load(folder): return None\n")
    with pytest.raises(PythonModelError, match=r"needs two functions, load\(folder\) and predict\(model, rows\)"):
        predict(tmp_path, model)
