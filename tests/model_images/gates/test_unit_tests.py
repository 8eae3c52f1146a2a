"""The unit tests of a model folder, in a process of their own."""

from __future__ import annotations

from pathlib import Path

from model_images.gates.unit_tests import unit_tests
from tests.model_images.gates.subjects import subject

TESTS = """
import pytest
from model import predict


def test_it_scores():
    assert predict(500.0, [{"amount": 3.0}])[0]["score"] == 1.0


def test_it_is_free():
    assert "paid" == "free"


@pytest.mark.skip
def test_later():
    pass
"""


def test_a_folder_without_tests_declares_nothing(tmp_path: Path) -> None:
    assert unit_tests(subject(tmp_path)).passed is None


def test_every_failure_is_told_and_counted(tmp_path: Path) -> None:
    result = unit_tests(subject(tmp_path, tests__test_model_dot_py=TESTS))
    assert result.passed is False
    assert result.numbers == {"tests": 3, "skipped": 1}
    (problem,) = result.problems
    assert problem.startswith("tests.test_model::test_it_is_free: AssertionError")


def test_a_test_that_cannot_be_collected_is_told_with_its_error(tmp_path: Path) -> None:
    result = unit_tests(subject(tmp_path, tests__test_model_dot_py="import no_such_package\n"))
    assert result.problems == ("tests.test_model: ModuleNotFoundError: No module named 'no_such_package'",)


def test_the_folder_is_left_as_it_was(tmp_path: Path) -> None:
    model = subject(tmp_path, tests__test_model_dot_py="def test_it(): pass\n")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    assert unit_tests(model).passed
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
