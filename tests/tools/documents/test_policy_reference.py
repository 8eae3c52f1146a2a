"""The page of policies: in step with the pack."""

from __future__ import annotations

from policies.rules import RULES
from tools.documents.policy_reference import PAGE, ROOT, main, render


def test_the_page_is_in_step() -> None:
    assert main(["--check"]) == 0


def test_the_page_names_every_policy_once() -> None:
    rows = [line.split("`")[1] for line in render().splitlines() if line.startswith("| `") and line.endswith(") |")]
    assert rows == ["residency", *(rule.name for rule in RULES)]


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    for table in page.split("\n\n"):
        rows = [line.count(" | ") for line in table.splitlines() if line.startswith("|")]
        assert len(set(rows)) <= 1, table
