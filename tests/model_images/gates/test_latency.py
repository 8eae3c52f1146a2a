"""The latency budget: a ratio to a model that computes nothing, against the recorded one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from model_images.gates.latency import Baseline, against, latency, measured, record, write_idle_model
from model_images.gates.subject import GateInputError, read_subject
from model_images.model_file import read_model_file
from model_images.runtimes import load
from model_images.serve.schema import Schema
from tests.model_images.gates.subjects import MODEL_PY, subject

SLOW = MODEL_PY.replace('row["amount"] / 3', 'sum(range(int(row["hour"]) * 10000 + 30000)) * 0.0')
BASELINE = Baseline(p99_ratio=1.2, cpu_ratio=1.1)


def test_without_a_baseline_nothing_is_measured(tmp_path: Path) -> None:
    result = latency(subject(tmp_path))
    assert (result.passed, result.note) == (None, "no tests/baseline.json; --record-baseline records one")


def test_a_wrong_baseline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GateInputError, match=r"baseline\.json: .*p99_ratio.*allowed: what --record-baseline writes"):
        latency(subject(tmp_path, tests__baseline_dot_json='{"p99_ratio": "quick"}'))


def test_ratios_near_the_baseline_pass() -> None:
    result = against(BASELINE, Baseline(p99_ratio=3.0, cpu_ratio=1.4))
    assert result.passed
    assert result.numbers["cpu_ratio_baseline"] == 1.1


def test_a_model_that_costs_more_is_told_with_the_budget() -> None:
    (told,) = against(BASELINE, Baseline(p99_ratio=1.2, cpu_ratio=1.8)).problems
    assert told.startswith("cpu_ratio: got 1.8; allowed: at most 1.65, 1.5 x the baseline of 1.1; ")


def test_slow_answers_are_told() -> None:
    (told,) = against(BASELINE, Baseline(p99_ratio=4.0, cpu_ratio=1.1)).problems
    assert told.startswith("p99_ratio: got 4; allowed: at most 3.6")


def test_without_cpu_times_answers_alone_count() -> None:
    result = against(BASELINE, Baseline(p99_ratio=1.2))
    assert (result.passed, set(result.numbers)) == (True, {"p99_ratio", "p99_ratio_baseline"})


def test_the_idle_model_has_the_same_inputs_and_outputs(tmp_path: Path) -> None:
    model = subject(tmp_path).model
    idle = tmp_path / "idle"
    idle.mkdir()
    write_idle_model(idle, model)
    made = read_model_file(idle)
    assert (made.inputs, made.outputs) == (model.inputs, model.outputs)
    rows, _ = Schema(made).from_json(b'{"instances": [[1.5, 2, "free"], [2, 3, "basic"]]}')
    answer = load(idle, made).predict(rows)
    assert {name: array.tolist() for name, array in answer.items()} == {"label": [0, 0], "score": [0.0, 0.0]}


@pytest.mark.slow
def test_a_model_made_slow_fails_its_own_baseline(tmp_path: Path) -> None:
    quick = subject(tmp_path)
    record(quick)
    assert json.loads((tmp_path / "tests" / "baseline.json").read_text())["cpu_ratio"] < 2
    assert latency(quick).passed
    (tmp_path / "model.py").write_text(SLOW)
    assert not latency(read_subject(tmp_path)).passed


@pytest.mark.slow
def test_a_model_is_about_as_quick_as_itself(tmp_path: Path) -> None:
    one = subject(tmp_path)
    idle = tmp_path / "idle"
    idle.mkdir()
    write_idle_model(idle, one.model)
    shutil.rmtree(tmp_path / "tests", ignore_errors=True)
    ratio = measured(read_subject(idle)).cpu_ratio
    assert ratio is None or 0.6 < ratio < 1.6
