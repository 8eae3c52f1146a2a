"""The sample models: what is committed is sound, small, and what its script trains."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model_images.evaluation import evaluate, missed, predicted, read_data
from model_images.gates.behaviour import behaviour
from model_images.gates.subject import read_subject
from model_images.model_file import ModelFile, read_model_file
from model_images.runtimes import load
from stacks.settings import load_environment

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "model_images/samples"
NAMES = sorted(path.parent.name for path in SAMPLES.glob("*/model.yaml"))
EVALUATED = ["diabetes", "digits-onnx", "tumor", "tumor-onnx"]
"""Those that can be asked here: `digits` needs torch (runtimes/test_pytorch.py)."""


def sample(name: str) -> tuple[Path, ModelFile]:
    return SAMPLES / name, read_model_file(SAMPLES / name)


def test_every_model_of_the_demo_has_a_sample() -> None:
    assert {model.name for model in load_environment(ROOT, "demo").models} <= set(NAMES)


def test_there_is_a_sample_of_every_kind() -> None:
    frameworks = {read_model_file(SAMPLES / name).framework for name in NAMES}
    assert {"sklearn", "onnx", "lightgbm", "pytorch", "python"} <= frameworks


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_named_as_its_folder_and_is_small(name: str) -> None:
    folder, model = sample(name)
    assert model.name == name
    assert (folder / model.artifact).stat().st_size < 100_000


@pytest.mark.parametrize("name", EVALUATED)
def test_a_sample_reaches_its_thresholds(name: str) -> None:
    folder, model = sample(name)
    assert missed(model, evaluate(folder, model, load(folder, model))) == []


@pytest.mark.parametrize("name", [*EVALUATED, "fraud", "churn"])
def test_a_sample_behaves_as_it_declares(name: str) -> None:
    assert behaviour(read_subject(SAMPLES / name)).problems == ()


def test_the_onnx_form_answers_as_the_model_that_it_was_made_of() -> None:
    answers = []
    for name in ("tumor", "tumor-onnx"):
        folder, model = sample(name)
        assert model.evaluation is not None
        answers.append(predicted(load(folder, model), read_data(folder / model.evaluation.data, model.inputs)[0]))
    assert np.array_equal(answers[0]["label"], answers[1]["label"])
    assert np.allclose(answers[0]["probabilities"], answers[1]["probabilities"], atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", EVALUATED)
def test_training_a_sample_again_gives_the_same_evaluation(name: str, tmp_path: Path) -> None:
    folder, model = sample(name)
    script = [sys.executable, str(folder / "training/train.py"), "--output", str(tmp_path)]
    subprocess.run(script, check=True, capture_output=True)
    again = evaluate(tmp_path, model, load(tmp_path, model))
    assert again == pytest.approx(evaluate(folder, model, load(folder, model)), rel=1e-3)
    assert (tmp_path / "evaluation/data.csv").read_bytes() == (folder / "evaluation/data.csv").read_bytes()
