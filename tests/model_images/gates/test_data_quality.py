"""The evaluation set against the model's own inputs, and what is expected of it beyond them."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_images.gates.data_quality import data_quality
from model_images.gates.subject import GateInputError
from tests.model_images.gates.subjects import DATA, subject


def problems(folder: Path, old: str = "", new: str = "", expectations: str = "") -> tuple[str, ...]:
    assert old in DATA
    text = DATA.replace(old, new) if old else DATA
    result = data_quality(
        subject(folder, evaluation__data_dot_csv=text, evaluation__expectations_dot_yaml=expectations)
    )
    assert result.passed is (not result.problems)
    return result.problems


def test_a_sound_set_passes(tmp_path: Path) -> None:
    assert problems(tmp_path) == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "900.0,23",
            "900.0,24",
            "column hour: 1 of 4 rows: row 1 holds '24'; allowed: a whole number (int64), 0 to 23",
        ),
        ("600.0", "-600.0", "column amount: 1 of 4 rows: row 3 holds '-600.0'; allowed: a number (float64), 0 to 1000"),
        ("600.0", "inf", "column amount: 1 of 4 rows: row 3 holds 'inf'; allowed: a number (float64), 0 to 1000"),
        ("600.0", "", "column amount: 1 of 4 rows: row 3 holds nothing"),
        ("12,free", "12,gold", 'column plan: 1 of 4 rows: row 3 holds \'gold\'; allowed: "free", "basic"'),
        ("12,free", "noon,free", "column hour: 1 of 4 rows: row 3 holds 'noon'; allowed: a whole number (int64)"),
        ("12,free", "12.5,free", "column hour: 1 of 4 rows: row 3 holds '12.5'; allowed: a whole number (int64)"),
        ("amount,", "amuont,", "column amount: missing; allowed: a column for each value of the inputs"),
    ],
)
def test_what_the_model_would_refuse_is_told_with_the_first_row(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert f"data.csv: {told}" in problems(tmp_path, old, new)


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = DATA.replace("900.0,23", "-1.0,24").replace("12,free", "12,gold")
    result = data_quality(subject(tmp_path, evaluation__data_dot_csv=text))
    assert [problem.split(":")[1] for problem in result.problems] == [" column amount", " column hour", " column plan"]


@pytest.mark.parametrize(
    ("expectations", "told"),
    [
        ("rows: 100", "got 4 rows; allowed: 100 or more"),
        ("columns: {label: {values: [0]}}", "column label: got 1; allowed: 0"),
        ("columns: {amount: {mean: [0, 100]}}", "column amount: got a mean of 477.625; allowed: 0 to 100"),
        ("columns: {country: {values: [DE]}}", "column country: missing; expectations.yaml names it"),
    ],
)
def test_what_is_expected_beyond_the_inputs_is_looked_at(tmp_path: Path, expectations: str, told: str) -> None:
    assert problems(tmp_path, expectations=expectations) == (f"data.csv: {told}",)


def test_rows_that_stand_there_twice_are_counted(tmp_path: Path) -> None:
    row = "10.0,1,free,0\n"
    assert problems(tmp_path, row, row * 5, "duplicates: 0.2") == (
        "data.csv: 50.0% of the rows stand there more than once; allowed: 20.0%",
    )


def test_an_expectation_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GateInputError, match=r"expectations\.yaml: columns\[\.\.\.\]: .*unknown field `median`"):
        problems(tmp_path, expectations="columns: {amount: {median: 3}}")
