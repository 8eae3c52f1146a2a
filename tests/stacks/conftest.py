"""The fixture of the tests that break a settings file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stacks.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
