"""Rules of how a model must behave, tried on its example rows."""
# ruff: noqa: E501  a message is a fact: it stands whole, on one line

from __future__ import annotations

from pathlib import Path

import pytest

from model_images.gates.behaviour import behaviour
from model_images.gates.subject import GateInputError
from tests.model_images.gates.subjects import MODEL_PY, subject


def problems(folder: Path, rules: str, code: str = MODEL_PY) -> tuple[str, ...]:
    result = behaviour(subject(folder, code=code, tests__behaviour_dot_yaml=rules))
    assert result.passed is (not result.problems)
    return result.problems


def test_without_a_rule_nothing_is_judged(tmp_path: Path) -> None:
    assert behaviour(subject(tmp_path)).passed is None


@pytest.mark.parametrize(
    "rule",
    [
        "directional: [{input: amount, increase: 100, output: score, direction: up}]",
        "directional: [{input: amount, increase: -5, output: score, direction: down}]",
        "directional: [{input: amount, from: 100, to: 900, output: label, direction: up}]",
        "invariance: [{input: plan, values: [free, basic], output: score}]",
        "invariance: [{input: amount, values: [100, 100.3], output: score, within: 0.11}]",
    ],
)
def test_a_model_that_behaves_passes(tmp_path: Path, rule: str) -> None:
    assert problems(tmp_path, rule) == ()


def test_the_rows_are_those_of_warm_up_and_evaluation(tmp_path: Path) -> None:
    rule = "invariance: [{input: plan, values: [free, basic], output: score}]"
    assert behaviour(subject(tmp_path, tests__behaviour_dot_yaml=rule)).numbers == {"rules": 1, "rows": 6}


def test_rows_that_move_the_other_way_are_shown(tmp_path: Path) -> None:
    rule = "directional: [{input: amount, increase: 100, output: score, direction: down}]"
    assert problems(tmp_path, rule) == ("directional[0]: amount +100: score does not go down in any of 6 rows",)


def test_a_share_of_the_rows_may_be_enough(tmp_path: Path) -> None:
    code = MODEL_PY.replace('row["amount"] / 3', '(row["amount"] if row["hour"] else -row["amount"]) / 3')
    rule = "directional: [{input: amount, increase: 10, output: score, direction: up, rows: %s}]"
    assert problems(tmp_path, rule % 0.8, code) == ()
    (told,) = problems(tmp_path, rule % 0.9, code)
    assert told == (
        "directional[0]: amount +10: score does not go up in 1 of 6 rows (allowed: 10%), "
        'as in {"amount":410.5,"hour":0,"plan":"basic"}'
    )


def test_what_never_moves_is_no_direction(tmp_path: Path) -> None:
    rule = "directional: [{input: hour, from: 1, to: 2, output: score, direction: up}]"
    assert problems(tmp_path, rule) == ("directional[0]: hour 1 -> 2: score does not go up in any of 6 rows",)


def test_an_answer_that_should_have_stayed_is_told_with_how_far_it_moved(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, "invariance: [{input: amount, values: [3, 6], output: score, within: 0.5}]")
    assert told.startswith("invariance[0]: amount 3 -> 6: score moves by up to 1; allowed: 0.5 in 6 of 6 rows")


def test_a_row_that_may_not_be_changed_so_is_passed_over(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, "directional: [{input: amount, increase: 150, output: score, direction: down}]")
    assert told.endswith("in any of 5 rows")  # 900 + 150 is over the largest amount


def test_a_change_that_no_row_allows_proves_nothing(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, "directional: [{input: hour, increase: 24, output: score, direction: up}]")
    assert "no example row may be changed so" in told


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("directional: [{input: amuont, increase: 1, output: score, direction: up}]", "input: got 'amuont'; allowed: a scalar input: amount, hour, plan"),
        ("directional: [{input: amount, increase: 1, output: scoer, direction: up}]", "output: got 'scoer'; allowed: an output of numbers: label, score"),
        ("directional: [{input: amount, output: score, direction: up}]", "increase: allowed: either increase, or both from and to"),
        ("directional: [{input: plan, increase: 1, output: score, direction: up}]", "increase: plan is a string; allowed: from and to"),
        ("directional: [{input: amount, increase: 1, output: score, direction: up, element: 1}]", "element: not allowed: score"),
        ("directional: [{input: amount, increase: 1, output: score, direction: sideways}]", "directional[0].direction: invalid enum value 'sideways'"),
        ("invariance: [{input: plan, values: [free], output: score}]", "invariance[0].values: expected `array` of length >= 2"),
        ("monotone: []", "got monotone; allowed keys: directional, invariance"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_told_with_what_is_allowed(tmp_path: Path, rule: str, told: str) -> None:
    with pytest.raises(GateInputError) as error:
        problems(tmp_path, rule)
    assert told in str(error.value)
    assert "behaviour.yaml" in str(error.value)


def test_rows_that_stay_do_not_go_the_other_way(tmp_path: Path) -> None:
    code = MODEL_PY.replace('row["amount"] / 3', 'min(row["amount"], 450) / 3')
    rule = "directional: [{input: amount, increase: 100, output: score, direction: up}]"
    assert problems(tmp_path, rule, code) == ()
