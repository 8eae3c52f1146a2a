"""Reading `model.yaml`: what is accepted, and how a mistake reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_images.model_file import ModelFileError, read_model_file

GOOD = """
name: tiny
version: "1.0"
framework: python
artifact: model.py
inputs: [{name: amount, type: float64, min: 0}, {name: country, type: string, values: [no, de]}]
outputs: [{name: probability, type: float64}]
warmup: {instances: [[1.5, no]]}
"""


def folder_with(tmp_path: Path, old: str = "", new: str = "") -> Path:
    assert old in GOOD
    (tmp_path / "model.yaml").write_text(GOOD.replace(old, new) if old else GOOD)
    (tmp_path / "model.py").write_text(
        "def load(folder): return 2\ndef predict(model, rows): return [model for _ in rows]\n"
    )
    return tmp_path


def told(folder: Path) -> str:
    with pytest.raises(ModelFileError) as raised:
        read_model_file(folder)
    return str(raised.value).replace(str(folder), "FOLDER")


def test_a_sound_file_is_read_as_yaml_1_2(tmp_path: Path) -> None:
    model = read_model_file(folder_with(tmp_path))
    assert model.inputs[1].values == ("no", "de")
    assert model.batching.max_rows == 64


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    assert told(folder_with(tmp_path, "artifact: model.py", "artifact: model.py\nartefact: x")) == (
        "FOLDER/model.yaml: artefact: got 'x'; Extra inputs are not permitted"
    )


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    lines = told(
        folder_with(tmp_path, 'version: "1.0"\nframework: python', "version: new\nframework: keras")
    ).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["version", "framework"]


def test_a_warm_up_that_does_not_fit_the_inputs_is_refused(tmp_path: Path) -> None:
    said = told(folder_with(tmp_path, "[[1.5, no]]", "[{amount: 1.5}]"))
    assert "warmup.instances[0] does not name the inputs amount, country, each once" in said


def test_an_artifact_that_is_not_there_is_refused(tmp_path: Path) -> None:
    said = told(folder_with(tmp_path, "artifact: model.py", "artifact: other.py"))
    assert said == "FOLDER/model.yaml: artifact: got 'other.py'; allowed: the name of a file in FOLDER"


def test_an_unpinned_requirement_is_refused(tmp_path: Path) -> None:
    said = told(folder_with(tmp_path, "artifact: model.py", "artifact: model.py\nrequirements: [numpy]"))
    assert said.startswith("FOLDER/model.yaml: requirements.0: got 'numpy'")


def test_no_file_and_no_yaml_are_told_in_one_line(tmp_path: Path) -> None:
    assert told(tmp_path) == "FOLDER/model.yaml: No such file or directory; a model folder holds a model.yaml"
    (tmp_path / "model.yaml").write_text("a: [1")
    assert told(tmp_path).startswith("FOLDER/model.yaml: not readable as YAML: ")
