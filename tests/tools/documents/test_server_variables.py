"""The page of the serving contracts holds every variable that the server reads."""

from __future__ import annotations

from model_images.serve.settings import VARIABLES
from tools.documents.schemas import ROOT
from tools.documents.server_variables import PAGE, main, render


def test_the_page_is_in_step() -> None:
    assert main(["--check"]) == 0


def test_each_variable_has_a_row() -> None:
    rows = [
        line.split("`")[1] for line in render().splitlines() if line.startswith("| `") and line.split("`")[1].isupper()
    ]
    assert [variable.name for variable in VARIABLES] == [row for row in rows if row in {v.name for v in VARIABLES}]


def test_nothing_else_of_the_page_is_touched() -> None:
    assert render().splitlines()[0] == (ROOT / PAGE).read_text(encoding="utf-8").splitlines()[0]
