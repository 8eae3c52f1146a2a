"""All gates together: one that fails stops no other, and what was found is one object."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from model_images.commands import test as command
from model_images.gates.every import GATES, as_object, passed
from model_images.gates.result import judged, nothing_declared
from tests.model_images.gates.subjects import MODEL_PY, subject

BROKEN = "import no_such_package\n" + MODEL_PY
RULES = "directional: [{input: amount, increase: 100, output: score, direction: up}]"


def gated(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    code = command.run(parser.parse_args(words))
    said = capsys.readouterr()
    return code, said.out if code != 2 else said.err


def test_a_sound_model_may_be_promoted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = subject(tmp_path, tests__behaviour_dot_yaml=RULES).folder
    code, said = gated(capsys, str(folder), "--output", str(tmp_path / "gates.json"))
    found = json.loads((tmp_path / "gates.json").read_text())
    assert code == 0, said
    assert found["passed"] is True
    assert [gate for gate, result in found["gates"].items() if result["result"] == "passed"] == [
        "accuracy",
        "behaviour",
        "contracts",
        "data quality",
    ]
    assert said.splitlines()[-1].endswith(" may be promoted")


def test_every_failure_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = subject(tmp_path, code=BROKEN, tests__behaviour_dot_yaml="monotone: []").folder
    code, said = gated(capsys, str(folder))
    assert code == 1
    for name in ("accuracy", "behaviour", "contracts"):
        assert f"\n{name}: " in said
    assert said.splitlines()[-1].endswith("may not be promoted: accuracy, behaviour, contracts failed")
    assert "Traceback" not in said


def test_a_folder_that_cannot_be_read_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = gated(capsys, str(tmp_path))
    assert code == 2
    assert "model.yaml" in said


def test_the_object_names_model_digest_tools_and_each_gate(tmp_path: Path) -> None:
    one = subject(tmp_path)
    results = {"a": judged([], rows=3), "b": judged(["wrong"]), "c": nothing_declared("none")}
    found = as_object(one, results)
    assert found["model"] == {"name": "fraud", "version": "1.2", "framework": "python"}
    assert found["model_digest"] == one.digest
    assert found["tools"].keys() >= {"python", "numpy", "pytest"}
    assert [gate["result"] for gate in found["gates"].values()] == ["passed", "failed", "not declared"]
    assert not passed(results)


def test_the_gates_are_these() -> None:
    assert list(GATES) == ["packages", "unit tests", "data quality", "accuracy", "behaviour", "contracts", "latency"]
