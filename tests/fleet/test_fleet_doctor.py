"""What would make a run fail is found before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fleet.doctor import Finding, Grade, folders, login, packages, python_version, settings

ROOT = Path(__file__).parent.parent.parent


def test_the_locked_python_is_fine_and_another_is_told() -> None:
    assert python_version((3, 11)).grade is Grade.OK
    assert python_version((3, 13)).grade is Grade.WARN


def test_the_packages_here_are_as_locked() -> None:
    assert packages(ROOT).grade is Grade.OK


def test_another_version_than_locked_is_told(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("rich==1.0.0 \\\n    --hash=sha256:0\n", encoding="utf-8")
    finding = packages(tmp_path)
    assert finding.grade is Grade.FAIL
    assert "instead of 1.0.0" in finding.told


def test_a_missing_package_counts_only_if_the_program_names_it(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("no-such-package==1.0\n", encoding="utf-8")
    assert packages(tmp_path).grade is Grade.OK
    (tmp_path / "requirements.txt").write_text("no-such-package==1.0\n", encoding="utf-8")
    assert packages(tmp_path).told == "no-such-package is missing"


def test_the_settings_here_are_right() -> None:
    environment, told = settings(ROOT, "demo")
    assert environment is not None
    assert told == (Finding(Grade.OK, "settings", "9 stacks"),)


def test_every_problem_of_an_environment_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "stacks" / "environments").mkdir(parents=True)
    text = "domain: demo.example.com\naccounts: {aws: {id: '1', state: file}}\njurisdictions: {}\ncolour: red\n"
    (tmp_path / "stacks" / "environments" / "demo.yaml").write_text(text, encoding="utf-8")
    environment, told = settings(tmp_path, "demo")
    assert environment is None
    assert {finding.grade for finding in told} == {Grade.FAIL}
    assert len(told) >= 3


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    (finding,) = folders(tmp_path, "demo")
    assert finding.grade is Grade.FAIL


def test_a_folder_that_is_not_there_yet_is_judged_by_its_parent(tmp_path: Path) -> None:
    (finding,) = folders(tmp_path, "demo")
    assert str(tmp_path) in finding.told


@pytest.mark.parametrize(("variables", "grade"), [({"AWS_PROFILE": "prod"}, Grade.OK), ({}, Grade.WARN)])
def test_a_login_is_looked_for_but_not_tried(tmp_path: Path, variables: dict[str, str], grade: Grade) -> None:
    assert login(variables, tmp_path).grade is grade
