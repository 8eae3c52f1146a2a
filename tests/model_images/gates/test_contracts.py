"""One answer through every contract, asked of the real server and the real Lambda loop."""

from __future__ import annotations

import re
from pathlib import Path

from model_images.gates.contracts import contracts
from tests.model_images.gates.subjects import MODEL_PY, subject

# Answers one more thing each time it is asked, as no model should.
FORGETS = (
    MODEL_PY.replace("def predict", "asked = []\n\ndef predict")
    .replace("    return [{", "    asked.append(0)\n    return [{")
    .replace('row["amount"] / 3', "len(asked)")
)


def test_a_model_answers_the_same_through_each(tmp_path: Path) -> None:
    result = contracts(subject(tmp_path))
    assert result.problems == ()
    assert result.numbers == {"ways": 9, "rows": 6}


def test_one_that_answers_otherwise_is_told_with_both_answers(tmp_path: Path) -> None:
    result = contracts(subject(tmp_path, code=FORGETS))
    assert result.passed is False
    assert re.fullmatch(
        r"SageMaker, JSON by name: row 0, score: got \[\d+\.0\] and \[\d+\.0\] \(compared with SageMaker, JSON\)",
        result.problems[0],
    ), result.problems
