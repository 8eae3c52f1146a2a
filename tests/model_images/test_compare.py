"""A candidate that callers of the stable model would notice is found; a safe widening is a note."""
# ruff: noqa: E501  a message is a fact: it stands whole, on one line

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from model_images.commands import compare as command
from model_images.compare import compare
from model_images.model_file import ModelFile, read_model_file

ROOT = Path(__file__).parents[2]
STABLE = """
name: fraud
version: "1.2"
framework: python
artifact: model.py
inputs:
  - {name: amount, type: float32, min: 0}
  - {name: hour, type: int64, min: 0, max: 23}
  - {name: plan, type: string, values: [free, basic]}
  - {name: codes, type: int64, shape: [2]}
outputs:
  - {name: label, type: int64}
  - {name: score, type: float64}
warmup: {instances: [[12.5, 3, free, [1, 2]]]}
"""
CODES = "  - {name: codes, type: int64, shape: [2]}\n"
CODE = """
def load(folder): return None
def predict(model, rows): return [{"label": 1, "score": row["amount"] / 100} for row in rows]
"""


def folder(root: Path, *changes: tuple[str, str], code: str = CODE) -> Path:
    text = STABLE
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    root.mkdir()
    (root / "model.yaml").write_text(text)
    (root / "model.py").write_text(code)
    return root


@pytest.fixture
def stable(tmp_path: Path) -> Path:
    return folder(tmp_path / "stable")


def findings(tmp_path: Path, *changes: tuple[str, str], old: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """All but what is said of the version."""
    models: list[ModelFile] = [
        read_model_file(folder(tmp_path / name, *changed)) for name, changed in (("old", old), ("new", changes))
    ]
    return [str(found) for found in compare(*models) if found.field != "version"]


def test_the_same_model_differs_in_nothing(tmp_path: Path) -> None:
    assert findings(tmp_path) == []


@pytest.mark.parametrize(
    ("change", "example", "told"),
    [
        ("min: 0} -> min: 1}", "", "inputs.amount: min 0 -> 1; rows under 1 are refused"),
        ("max: 23 -> max: 12", "", "inputs.hour: max 23 -> 12; rows over 12 are refused"),
        ("min: 0} -> min: 0, max: 50}", "", "inputs.amount: max none -> 50; rows over 50 are refused"),
        ("[free, basic] -> [free]", "", "inputs.plan: values without basic; rows that hold it are refused"),
        ("[2] -> [1]", "[1, 2] -> [1]", "inputs.codes: shape [2] -> [1]; rows of the old shape are refused"),
        (", shape: [2] -> ", "[1, 2] -> 1", "inputs.codes: shape [2] -> scalar; rows of the old shape are refused"),
        ("float32 -> int64", "12.5 -> 12", "inputs.amount: type float32 -> int64; not every float32 is accepted"),
        ("name: hour -> name: hour_of_day", "", "inputs.hour: renamed to hour_of_day; rows by name are refused"),
        (f"{CODES} -> ", ", [1, 2]] -> ]", "inputs.codes: removed; rows that hold it are refused"),
        (
            "e, type: float64 -> e, type: float32",
            "",
            "outputs.score: type float64 -> float32; answers are of another type",
        ),
        ("float64 -> float64, shape: [2]", "", "outputs.score: shape scalar -> [2]; answers have another form"),
        ("score -> risk", "", "outputs.score: renamed to risk; whoever reads answers by name misses it"),
        ("fraud -> churn", "", "name: fraud -> churn; Open Inference asks /v2/models/fraud, which is not there"),
    ],
)
def test_what_a_caller_would_notice_breaks(tmp_path: Path, change: str, example: str, told: str) -> None:
    changes = [tuple(one.split(" -> ")) for one in (change, example) if one]
    assert findings(tmp_path, *[(old, new) for old, new in changes]) == [f"breaks {told}"]


def test_an_added_input_breaks(tmp_path: Path) -> None:
    changes = ("outputs:\n", "  - {name: country, type: string}\noutputs:\n"), ("[1, 2]]", "[1, 2], DE]")
    assert findings(tmp_path, *changes) == [
        "breaks inputs.country: added, and every input is required; rows without it are refused"
    ]


def test_an_input_that_now_names_its_values_breaks(tmp_path: Path) -> None:
    found = findings(tmp_path, old=((", values: [free, basic]", ""),))
    assert found == ["breaks inputs.plan: values any -> free, basic; all others are refused"]


def test_values_that_were_named_are_held_against_a_new_range(tmp_path: Path) -> None:
    changes = ("min: 0, max: 23", "min: 3")
    assert findings(tmp_path, changes, old=(("min: 0, max: 23", "values: [3, 4]"),)) == [
        "note   inputs.hour: values 3, 4 -> any"
    ]
    (tmp_path / "narrow").mkdir()
    narrow = findings(tmp_path / "narrow", changes, old=(("min: 0, max: 23", "values: [2, 3]"),))
    assert narrow[1:] == ["breaks inputs.hour: min 2 -> 3; rows under 3 are refused"]


def test_inputs_in_another_order_break(tmp_path: Path) -> None:
    first, second = "  - {name: amount, type: float32, min: 0}\n", "  - {name: hour, type: int64, min: 0, max: 23}\n"
    found = findings(tmp_path, (first + second, second + first), ("12.5, 3", "3, 12.5"))
    assert found == [
        "breaks inputs: order amount, hour, plan, codes -> hour, amount, plan, codes; values of rows in order are misread"
    ]


def test_outputs_in_another_order_break(tmp_path: Path) -> None:
    first, second = "  - {name: label, type: int64}\n", "  - {name: score, type: float64}\n"
    assert findings(tmp_path, (first + second, second + first)) == [
        "breaks outputs: order label, score -> score, label; columns of CSV answers change places"
    ]


def test_one_output_where_there_were_two_changes_the_form(tmp_path: Path) -> None:
    assert findings(tmp_path, ("  - {name: label, type: int64}\n", "")) == [
        "breaks outputs.label: removed; whoever reads it misses it",
        "breaks outputs: predictions are objects by name -> plain values",
    ]


def test_another_output_is_another_column(tmp_path: Path) -> None:
    changed = "score, type: float64}\n  - {name: why, type: string}\n"
    assert findings(tmp_path, ("score, type: float64}\n", changed)) == [
        "breaks outputs.why: added; answers as CSV have another column"
    ]


def test_types_no_longer_alike_refuse_a_stacked_tensor(tmp_path: Path) -> None:
    alike = (
        ("{name: amount, type: float32, min: 0}", "{name: amount, type: int64}"),
        ("  - {name: plan, type: string, values: [free, basic]}\n  - {name: codes, type: int64, shape: [2]}\n", ""),
        ("12.5, 3, free, [1, 2]", "12, 3"),
    )
    changed = (("{name: amount, type: float32, min: 0}", "{name: amount, type: float64}"), *alike[1:])
    assert findings(tmp_path, *changed, old=alike) == [
        "note   inputs.amount: type int64 -> float64; whole numbers are accepted as before; those over 2^53 lose digits",
        "breaks inputs: no longer scalars of one type; one stacked Open Inference tensor is refused",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("min: 0}", "min: -5}", "inputs.amount: min 0 -> -5"),
        ("max: 23", "max: 24", "inputs.hour: max 23 -> 24"),
        (", max: 23", "", "inputs.hour: max 23 -> none"),
        ("[free, basic]", "[free, basic, premium]", "inputs.plan: values also premium"),
        (", values: [free, basic]", "", "inputs.plan: values free, basic -> any"),
        (
            "float32",
            "float64",
            "inputs.amount: type float32 -> float64; every number is accepted as before, with more digits",
        ),
    ],
)
def test_a_safe_widening_is_a_note(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert findings(tmp_path, (old, new)) == [f"note   {told}"]


def test_a_limit_between_two_whole_numbers_is_the_whole_number_inside(tmp_path: Path) -> None:
    assert findings(tmp_path, ("max: 23", "max: 23.5")) == []


def compared(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    code = command.run(parser.parse_args(words))
    said = capsys.readouterr()
    return code, said.out + said.err


def test_the_old_example_is_answered_by_both(stable: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    candidate = folder(tmp_path / "candidate", ('"1.2"', '"1.3"'), code=CODE.replace("/ 100", "/ 10"))
    code, said = compared(capsys, str(stable), str(candidate))
    assert code == 0
    assert 'the stable one\'s example is answered: [{"label":1,"score":0.125}] -> [{"label":1,"score":1.25}]' in said, (
        said
    )
    assert "fraud 1.3 (sha256:" in said.splitlines()[-1]
    assert "may follow fraud 1.2" in said.splitlines()[-1]


def test_a_candidate_that_fails_at_the_old_example_breaks(
    stable: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candidate = folder(tmp_path / "candidate", code=CODE.replace("/ 100", "/ 0"))
    code, said = compared(capsys, str(stable), str(candidate))
    assert code == 1
    assert "breaks warmup: the candidate fails: ZeroDivisionError: " in said


def test_a_candidate_that_refuses_a_row_of_the_old_example_breaks(
    stable: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusing = "from model_images.serve.rows import RowRefused\n" + CODE.replace(
        "return [", "raise RowRefused(0, 'no') or ["
    )
    candidate = folder(tmp_path / "candidate", code=refusing)
    code, said = compared(capsys, str(stable), str(candidate))
    assert code == 1
    assert "breaks warmup: the candidate refuses row 0: no" in said


def test_a_candidate_that_does_not_load_here_is_not_asked(
    stable: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candidate = folder(tmp_path / "candidate", code="import no_such_package\n" + CODE)
    code, said = compared(capsys, str(stable), str(candidate))
    assert code == 0
    assert "note   warmup: the candidate was not asked here: " in said


def test_the_refused_example_names_row_and_field(
    stable: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candidate = folder(tmp_path / "candidate", ("min: 0, max: 23", "min: 5, max: 23"), ("12.5, 3", "12.5, 6"))
    code, said = compared(capsys, str(stable), str(candidate))
    assert code == 1
    assert "breaks warmup: the stable one's example is refused: instances[0].hour: got 3; allowed: 5 to 23" in said


def test_programs_get_one_object(stable: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = compared(capsys, str(stable), str(stable), "--json")
    found = json.loads(said)
    assert code == 0
    assert found["agree"] is True
    assert found["old"]["model_digest"] == found["new"]["model_digest"]


def test_a_folder_that_holds_neither_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = compared(capsys, str(tmp_path), str(tmp_path))
    assert code == 2
    assert "a model folder holds a model.yaml" in said


def test_the_command_line_knows_it(stable: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "model_images", "compare", str(stable), str(stable)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
