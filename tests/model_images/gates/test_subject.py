"""The example rows of a model under test."""

from __future__ import annotations

from pathlib import Path

from tests.model_images.gates.subjects import subject


def test_example_rows_are_the_warm_up_then_the_evaluation_up_to_the_limit(tmp_path: Path) -> None:
    amounts = [row["amount"] for row in subject(tmp_path).example_rows(100)]
    assert amounts == [12.5, 800.1, 10.0, 900.0, 400.5, 600.0]
    assert [row["amount"] for row in subject(tmp_path).example_rows(3)] == amounts[:3]
