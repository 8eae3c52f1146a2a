"""What the README tells people to type is there; `test_standing.py` types it."""

from __future__ import annotations

import re

import pytest

from tests.engine.project_copy import ROOT
from tests.engine.readme import README, REAL_ACCOUNT, type_in


@pytest.mark.parametrize("command", REAL_ACCOUNT)
def test_commands_for_a_real_account_are_understood(command: str) -> None:
    assert type_in(ROOT, f"{command} --help").returncode == 0


def test_every_file_that_the_readme_links_is_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if not link.startswith("http")]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
