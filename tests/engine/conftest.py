"""One copy of the project a group of tests, brought up once: an engine run takes seconds, not milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.engine.project_copy import ProjectCopy, copy_project


@dataclass(frozen=True)
class Standing:
    """Environment demo, all of it, and what its first and second `up` reported by stack."""

    project: ProjectCopy
    first: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    project = copy_project(tmp_path_factory.mktemp("standing"))
    first = project.stacks("up", "--env", "demo", "--yes")
    return Standing(project, first, project.stacks("up", "--env", "demo", "--yes"))
