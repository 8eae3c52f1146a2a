"""Which framework is imported for which model."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from model_images.model_file import Framework, read_model_file
from model_images.runtimes import RUNTIMES, ArtifactError, first_line, load

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "model_images/samples"
LOADED = """
import sys
from pathlib import Path
from model_images.model_file import read_model_file
from model_images.runtimes import load
folder = Path(sys.argv[1])
load(folder, read_model_file(folder))
print(*sorted({"lightgbm", "onnx", "onnxruntime", "pandas", "scipy", "sklearn", "torch", "xgboost"} & {*sys.modules}))
"""


def test_every_framework_has_a_runtime() -> None:
    assert {*RUNTIMES} == {*get_args(Framework)}
    assert all(importlib.util.find_spec(module) for module in RUNTIMES.values())


@pytest.mark.parametrize(("sample", "imported"), [("fraud", ""), ("tumor-onnx", "onnxruntime")])
def test_a_model_imports_its_own_framework_alone(sample: str, imported: str) -> None:
    words = [sys.executable, "-c", LOADED, str(SAMPLES / sample)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == imported


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed here")
def test_a_framework_that_is_not_installed_is_named() -> None:
    with pytest.raises(
        ArtifactError, match=r"digits\.pt2: framework pytorch: No module named 'torch'; install the fram"
    ):
        load(SAMPLES / "digits", read_model_file(SAMPLES / "digits"))


def test_an_error_of_many_lines_is_told_in_one() -> None:
    assert first_line(ValueError("why\nand where")) == "why"
    assert first_line(ValueError()) == "ValueError"
    assert len(first_line(ValueError("x" * 5000))) == 300
