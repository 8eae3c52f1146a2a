"""One copy of the project a group of tests, brought up once: an engine run takes seconds, not milliseconds."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.engine.project_copy import ProjectCopy, copy_project
from tests.engine.readme import type_in

# A row of the closing table that tells of one count alone: `demo-aws-account  aws  none  31 created  22/22  10`.
_ROW = re.compile(r"^ (demo-\S+) +\S.*? +(\d+) (created|same) +(\d+)/(\d+) +\d+ *$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """How one stack ended: `count` resources of which `word` tells, and nothing else."""

    count: int
    word: str
    policies_passed: int
    policies: int


@dataclass(frozen=True)
class Standing:
    """Environment demo, all of it, and what the README's first command printed the first and the second time."""

    project: ProjectCopy
    first: str
    second: str


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    project = copy_project(tmp_path_factory.mktemp("standing"))
    first, second = (type_in(project.root, "make up") for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    return Standing(project, first.stdout, second.stdout)


def rows(printed: str) -> dict[str, Row]:
    """The closing table of an `up`, by stack, without the rows that tell of more than one thing."""
    return {
        stack: Row(int(count), word, int(passed), int(policies))
        for stack, count, word, passed, policies in _ROW.findall(printed)
    }
