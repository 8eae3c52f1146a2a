"""PyTorch programs out of `.pt2` files.

Torch is gigabytes, so it is not among the developers' packages: the last test makes a virtual environment for it in the
user's cache folder and runs the others there.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_images.build.frameworks import FRAMEWORKS, SERVER
from model_images.evaluation import evaluate, missed
from model_images.model_file import read_model_file
from model_images.runtimes import ArtifactError, load
from tests.model_images.runtimes.artifacts import column_rows, folder_of, matrix_rows

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "model_images/samples/digits"
HERE = importlib.util.find_spec("torch") is not None
torch: Any = importlib.import_module("torch") if HERE else None
pytestmark = pytest.mark.slow
with_torch = pytest.mark.skipif(not HERE, reason="the last test of this file runs it where torch is")
OUTPUT = "outputs: [{name: total, type: float32}]"
SHAPED = "inputs: [{name: a, type: float32, shape: [3]}, {name: b, type: float32, shape: [3]}]"


def exported(root: Path, function: Any, *examples: Any, rows: bool = True) -> None:
    module = torch.nn.Module()
    module.forward = function
    shapes = [{0: torch.export.Dim("rows", min=1)} for _ in examples] if rows else None
    torch.export.save(torch.export.export(module, examples, dynamic_shapes=shapes), root / "m.pt2")


def two(a: Any, b: Any) -> Any:
    return (a + b).sum(dim=1)


def one(stacked: Any) -> Any:
    return stacked.sum(dim=1)


def named(stacked: Any) -> Any:
    return {"other": stacked[:, 0], "total": stacked.sum(dim=1)}


def refused(root: Path, **declared: str) -> str:
    with pytest.raises(ArtifactError) as error:
        load(root, folder_of(root, "pytorch", "m.pt2", **{"outputs": OUTPUT, **declared}))
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{root / 'm.pt2'}: ")


@with_torch
def test_inputs_go_one_tensor_each_in_their_order(tmp_path: Path) -> None:
    exported(tmp_path, two, torch.zeros(2, 3), torch.zeros(2, 3))
    model = folder_of(tmp_path, "pytorch", "m.pt2", inputs=SHAPED, outputs=OUTPUT, warmup="[[1, 2, 3], [1, 2, 3]]")
    rows = column_rows({"a": np.ones((4, 3), np.float32), "b": np.zeros((4, 3), np.float32)})
    assert load(tmp_path, model).predict(rows)["total"].tolist() == [3.0] * 4


@with_torch
def test_scalars_go_side_by_side_into_a_program_with_one_tensor(tmp_path: Path) -> None:
    exported(tmp_path, one, torch.zeros(2, 2))
    runtime = load(tmp_path, folder_of(tmp_path, "pytorch", "m.pt2", outputs=OUTPUT))
    assert runtime.predict(matrix_rows((1, 2)))["total"].tolist() == [3.0]
    assert runtime.custom_attributes(matrix_rows((1, 2)), {}) is None


@with_torch
def test_arrays_that_cannot_be_written_to_are_predicted_without_a_warning(tmp_path: Path) -> None:
    exported(tmp_path, one, torch.zeros(2, 2))
    rows = matrix_rows((1, 2))
    rows.matrix = np.frombuffer(np.float32([1, 2]).tobytes(), np.float32).reshape(1, 2)
    runtime = load(tmp_path, folder_of(tmp_path, "pytorch", "m.pt2", outputs=OUTPUT))
    assert runtime.predict(rows)["total"].tolist() == [3.0]


@with_torch
def test_outputs_of_a_dictionary_are_found_by_name(tmp_path: Path) -> None:
    exported(tmp_path, named, torch.zeros(2, 2))
    runtime = load(tmp_path, folder_of(tmp_path, "pytorch", "m.pt2", outputs=OUTPUT))
    assert runtime.predict(matrix_rows((1, 2)))["total"].tolist() == [3.0]
    said = refused(tmp_path, outputs="outputs: [{name: missing, type: float32}]")
    assert said == "outputs: missing: not what the program answers; allowed: other, total"


@with_torch
def test_types_and_shapes_that_differ_are_refused(tmp_path: Path) -> None:
    exported(tmp_path, one, torch.zeros(2, 2))
    inputs = "inputs: [{name: a, type: float64}, {name: b, type: float64}]"
    assert refused(tmp_path, inputs=inputs) == "input a: got float64; allowed: float32"
    inputs = "inputs: [{name: a, type: float32, shape: [4]}]"
    assert refused(tmp_path, inputs=inputs, warmup="[[1, 2, 3, 4]]") == "input a: got shape [4] a row; allowed: [2]"
    assert (
        refused(tmp_path, outputs="outputs: [{name: total, type: int64}]")
        == "output total: got int64; allowed: float32"
    )


@with_torch
def test_another_number_of_inputs_or_outputs_is_refused(tmp_path: Path) -> None:
    exported(tmp_path, two, torch.zeros(2, 3), torch.zeros(2, 3))
    inputs = "inputs: [{name: a, type: float32, shape: [3]}]"
    assert refused(tmp_path, inputs=inputs, warmup="[[1, 2, 3]]") == "inputs: got 1; allowed: 2, as the program takes"
    said = refused(
        tmp_path,
        inputs=SHAPED,
        warmup="[[1, 2, 3], [1, 2, 3]]",
        outputs="outputs: [{name: total, type: float32}, {name: more, type: float32}]",
    )
    assert said == "outputs: more: not what the program answers; allowed: 1 outputs in its order"


@with_torch
def test_a_program_for_one_batch_size_is_refused(tmp_path: Path) -> None:
    exported(tmp_path, one, torch.zeros(2, 2), rows=False)
    assert "the program takes 2 row(s) at a time; allowed: any number of rows" in refused(tmp_path)


@with_torch
def test_a_program_of_another_version_is_refused_with_both_versions(tmp_path: Path) -> None:
    exported(tmp_path, one, torch.zeros(2, 2))
    with zipfile.ZipFile(tmp_path / "m.pt2") as old, zipfile.ZipFile(tmp_path / "new", "w") as new:
        for name in old.namelist():
            content = re.sub(rb'"torch_version": "[^"]*"', b'"torch_version": "2.5.1"', old.read(name))
            new.writestr(name, content)
    (tmp_path / "new").replace(tmp_path / "m.pt2")
    assert refused(tmp_path).startswith(f"saved by torch 2.5.1, but this is torch {torch.__version__}; export it again")


@with_torch
def test_a_file_that_is_no_program_is_refused_by_name(tmp_path: Path) -> None:
    exported(tmp_path, one, torch.zeros(2, 2))
    whole = (tmp_path / "m.pt2").read_bytes()
    for content in (b"", b"no program", whole[: len(whole) // 2]):
        (tmp_path / "m.pt2").write_bytes(content)
        assert refused(tmp_path).startswith("not readable by torch ")
    with zipfile.ZipFile(tmp_path / "m.pt2", "w") as archive:
        archive.writestr("weights", b"")
    assert refused(tmp_path).startswith("not readable by torch: no exported program; allowed: what torch.export.save")


@with_torch
def test_weights_that_are_damaged_are_refused_by_name(tmp_path: Path) -> None:
    content = bytearray((SAMPLE / "digits.pt2").read_bytes())
    place = content.index(b"data/weights/weight_4") + 2000
    content[place : place + 64] = bytes(64)
    (tmp_path / "digits.pt2").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"digits\.pt2: not readable by torch "):
        load(tmp_path, read_model_file(SAMPLE))


@with_torch
def test_the_sample_is_what_its_script_trains_and_reaches_its_thresholds(tmp_path: Path) -> None:
    script = [sys.executable, str(SAMPLE / "training/train.py"), "--output", str(tmp_path)]
    subprocess.run(script, check=True, capture_output=True)
    model = read_model_file(SAMPLE)
    values = evaluate(SAMPLE, model, load(SAMPLE, model))
    assert missed(model, values) == []
    (tmp_path / "model.yaml").write_bytes((SAMPLE / "model.yaml").read_bytes())
    assert evaluate(tmp_path, model, load(tmp_path, model)) == pytest.approx(values, abs=0.01)


@pytest.mark.gigabytes
@pytest.mark.skipif(HERE, reason="this is where torch is")
def test_everything_above_holds_where_torch_is() -> None:
    cache = Path(os.environ.get("HOMEPORT_CACHE") or Path.home() / ".cache/homeport")
    wanted = (*SERVER, *FRAMEWORKS["pytorch"]["cpu"], "scikit-learn==1.9.1", "pytest==9.2.0")
    python = cache / f"pytorch-{FRAMEWORKS['pytorch']['cpu'][0].partition('==')[2]}" / "bin/python"
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "uv", "venv", "-q", "-p", "3.11", python.parents[1]], check=True)
    subprocess.run([sys.executable, "-m", "uv", "pip", "install", "-q", "-p", python, *wanted], check=True)
    pytest_here = [python, "-m", "pytest", "-p", "no:cacheprovider", "--noconftest", "-rs", str(Path(__file__))]
    done = subprocess.run(pytest_here, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"\b11 passed, 1 skipped", done.stdout), done.stdout
