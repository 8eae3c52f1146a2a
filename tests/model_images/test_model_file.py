"""Reading `model.yaml`: what is accepted, and how a mistake reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_images.model_file import ModelFileError, baked_files, model_digest, read_model_file

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


KEYS = "name, version, framework, artifact, inputs, outputs, warmup, batching, requirements, evaluation"


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    assert told(folder_with(tmp_path, "artifact: model.py", "artifact: model.py\nartefact: x")) == (
        f"FOLDER/model.yaml: artefact: got 'x'; allowed keys here: {KEYS}"
    )


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text("""
name: Tiny
version: 1.0
framework: keras
inputs: [{name: amount, type: float, shape: [0]}, 7]
outputs: []
warmup: {instances: []}
batching: {max_rows: 0, max_wait_ms: soon, size: 3}
requirements: [numpy, "numpy>=2", "numpy==2.1.0", 3]
evaluation: {metrics: {accuracy: high}}
""")
    assert told(tmp_path).replace("FOLDER/model.yaml: ", "").splitlines() == [
        "name: got 'Tiny'; allowed: a small letter, then small letters, digits, _ and -, 63 characters at most",
        'version: got 1.0; allowed: one to three numbers with dots, in quotes: "1", "1.2", "1.2.3"',
        "framework: got 'keras'; allowed: sklearn, xgboost, lightgbm, onnx, pytorch, python",
        "artifact: missing; artifact is required here",
        "inputs[0].type: got 'float'; allowed: float32, float64, int64, bool, string",
        "inputs[0].shape[0]: got 0; allowed: a whole number, over 0",
        "inputs[1]: got 7; allowed: a mapping of name, type, shape, min, max, values",
        "outputs: got []; allowed: a list of at least one entry",
        "warmup.instances: got []; allowed: a list of at least one entry",
        "batching.size: got 3; allowed keys here: max_rows, max_wait_ms",
        "batching.max_rows: got 0; allowed: a whole number, 1 to 4096",
        "batching.max_wait_ms: got 'soon'; allowed: a number, 0 to 1000",
        "requirements[0]: got 'numpy'; allowed: name==version",
        "requirements[1]: got 'numpy>=2'; allowed: name==version",
        "requirements[3]: got 3; allowed: name==version",
        "evaluation.data: missing; data is required here",
        "evaluation.metrics: got {'accuracy': 'high'}; Expected `float`, got `str`",
    ]


def test_a_name_with_a_line_break_is_refused(tmp_path: Path) -> None:
    said = told(folder_with(tmp_path, "name: tiny", 'name: "tiny\\n"'))
    assert said.startswith("FOLDER/model.yaml: name: got 'tiny\\n'; allowed: ")


@pytest.mark.parametrize("content", ["", "- 1\n", "7\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "model.yaml").write_text(content)
    assert told(tmp_path).endswith(f"; allowed: a mapping of {KEYS}")


@pytest.mark.parametrize(
    ("instances", "message"),
    [
        ("[{amount: 1.5}]", "warmup.instances[0].country: missing"),
        ("[[1, no], [1]]", "warmup.instances[1]: got 1 values; allowed: 2 (amount, country)"),
        ("[{amount: 1, country: de, x: 1}]", "warmup.instances[0].x: not an input; allowed: amount, country"),
        ("[[-1, no]]", "warmup.instances[0].amount: got -1; allowed: 0 or more"),
        ("[['1', no]]", 'warmup.instances[0].amount: got "1"; allowed: a number (float64), 0 or more'),
        ("[[.nan, no]]", "warmup.instances[0].amount: got null; allowed: a number (float64), 0 or more"),
        ("[[1, fr]]", 'warmup.instances[0].country: got "fr"; allowed: "no", "de"'),
    ],
)
def test_a_warm_up_that_does_not_fit_the_inputs_is_refused(tmp_path: Path, instances: str, message: str) -> None:
    said = told(folder_with(tmp_path, "{instances: [[1.5, no]]}", f"{{instances: {instances}}}"))
    assert said == f"FOLDER/model.yaml: {message}"


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ("type: float64, min: 3, max: 2", "inputs[0].min: got 3; allowed: at most max, 2"),
        ("type: float64, min: .nan", "inputs[0].min: got nan; allowed: a finite number"),
        ("type: string, min: 1", "inputs[0].min: got 1; allowed: none, amount is a string"),
        ("type: bool, max: 1", "inputs[0].max: got 1; allowed: none, amount is a bool"),
        ("type: int64, values: [1, 2.5]", "inputs[0].values[1]: got 2.5; allowed: a whole number (int64)"),
        ("type: int64, values: [true]", "inputs[0].values[0]: got true; allowed: a whole number (int64)"),
        ("type: string, values: [1]", "inputs[0].values[0]: got 1; allowed: text"),
        ("type: float64, max: 1, values: [2]", "inputs[0].values[0]: got 2; allowed: 1 or less"),
        ("type: float64, min: low", "inputs[0].min: got 'low'; allowed: a number"),
    ],
)
def test_limits_that_contradict_are_refused(tmp_path: Path, limits: str, message: str) -> None:
    assert told(folder_with(tmp_path, "type: float64, min: 0", limits)) == f"FOLDER/model.yaml: {message}"


def test_a_name_given_twice_is_refused(tmp_path: Path) -> None:
    said = told(folder_with(tmp_path, "name: country, type", "name: amount, type"))
    assert "inputs[1].name: got amount again; allowed: each name once" in said


@pytest.mark.parametrize("artifact", ["../model.py", "training/model.py", ".hidden.py", "link.py"])
def test_an_artifact_that_does_not_go_into_the_image_is_refused(tmp_path: Path, artifact: str) -> None:
    folder = tmp_path / "folder"
    (folder / "training").mkdir(parents=True)
    for path in (tmp_path / "model.py", folder / "training" / "model.py", folder / ".hidden.py"):
        path.write_text("")
    (folder / "link.py").symlink_to(tmp_path / "model.py")
    said = told(folder_with(folder, "artifact: model.py", f"artifact: {artifact}"))
    assert said.startswith(f"FOLDER/model.yaml: artifact: got '{artifact}'; allowed: a file inside FOLDER")


def test_an_artifact_that_is_not_there_is_refused(tmp_path: Path) -> None:
    said = told(folder_with(tmp_path, "artifact: model.py", "artifact: other.py"))
    assert said == "FOLDER/model.yaml: artifact: got 'other.py'; allowed: the name of a file in FOLDER"


def test_no_file_and_no_yaml_are_told_in_one_line(tmp_path: Path) -> None:
    assert told(tmp_path) == "FOLDER/model.yaml: No such file or directory; a model folder holds a model.yaml"
    (tmp_path / "model.yaml").write_text("a: [1")
    assert told(tmp_path).startswith("FOLDER/model.yaml: not readable as YAML: ")


def test_what_is_for_people_and_tests_is_not_baked(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    for name in ("training/train.py", "evaluation/data.csv", "tests/test_it.py", "requirements.lock", ".git/head"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    (folder / "words").mkdir()
    (folder / "words" / "list.txt").write_text("x")
    assert [str(path) for path in baked_files(folder)] == ["model.py", "model.yaml", "words/list.txt"]


def test_a_digest_is_that_of_what_is_baked_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b" / "tests").mkdir(parents=True)
    first, second = folder_with(tmp_path / "a"), folder_with(tmp_path / "b")
    (second / "tests" / "test_it.py").write_text("x")
    assert model_digest(first) == model_digest(second)
    (second / "model.py").write_text("y")
    assert model_digest(first) != model_digest(second)
