"""The command line: its words, its answers, its exit codes."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from fleet.board import Board, summary
from fleet.cli import main
from fleet.consent import Consent
from fleet.errors import BadUsage
from fleet.events import Counts, Policies, Tally
from fleet.names import check_names
from fleet.order import Operation
from fleet.result import Outcome, Result
from fleet.table import as_object, closing, print_results
from fleet.words import parser
from tests.fleet.fleets import CENTRAL, WEST, account, fleet, front_door, platform

DONE = Result(
    stack=platform(),
    operation=Operation.UP,
    outcome=Outcome.DONE,
    counts=Counts(created=40, same=2),
    policies=Policies(passed=18, evaluated=18),
    seconds=12.4,
)
FAILED = replace(DONE, outcome=Outcome.FAILED, problems=("VpcLimitExceeded",), next_step="ask for more", log=Path("l"))
WAITS = Result(stack=front_door(), operation=Operation.PREVIEW, outcome=Outcome.WAITS, note=f"for {WEST}")


def printed(*results: Result, preview: bool = False, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width)
    print_results(results, console, 12.4, preview=preview, offline=True)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_says_stack_place_jurisdiction_resources_policies_and_seconds() -> None:
    (row,) = [line.split() for line in printed(DONE).splitlines() if WEST in line]
    assert row == [WEST, "aws", "eu-west-1", "eu", "40", "created,", "2", "same", "18/18", "12"]


def test_a_narrow_terminal_still_names_every_stack_in_full() -> None:
    assert WEST in printed(DONE, width=80)


def test_a_failure_is_told_with_its_log_and_the_next_step() -> None:
    text = printed(FAILED)
    assert all(line in text for line in ("  VpcLimitExceeded\n", "  log: l\n", "  next: ask for more\n"))
    assert "1 of 1 stacks did not end well (12 s)." in text


def test_a_waiting_stack_is_no_failure() -> None:
    assert summary(WAITS) == f"waits for {WEST}"
    assert as_object([WAITS], "demo", 1.0)["ok"] is True


def test_a_name_wider_than_its_column_is_folded_and_not_cut() -> None:
    text = printed(replace(WAITS, note="for a-stack-whose-name-is-longer-than-the-column"), width=90)
    assert "…" not in text


def test_without_a_stack_there_is_no_table() -> None:
    assert printed() == "Nothing changed (12 s).\n"


def test_nothing_is_said_of_policies_that_were_never_asked() -> None:
    assert "0/0" not in printed(replace(DONE, policies=Policies(passed=0, evaluated=0)))


def test_the_closing_sentence_counts_who_waits_and_who_leaves() -> None:
    leaves = replace(DONE, outcome=Outcome.KEPT, counts=None)
    text = closing([WAITS, leaves], 3.2, preview=True, offline=False)
    assert text == "1 waits for a stack below, 1 left the environment (3 s)."


def test_no_change_is_said_in_words() -> None:
    same = replace(DONE, counts=Counts(same=42))
    assert closing([same], 3.2, preview=False, offline=True) == "Nothing changed (3 s)."
    assert closing([same], 3.2, preview=True, offline=False) == "Nothing would change (3 s)."


def test_an_offline_preview_says_what_it_cannot_know() -> None:
    assert "quota" in closing([DONE], 3.2, preview=True, offline=True)


def test_the_object_for_programs_holds_counts_and_policies() -> None:
    (stack,) = as_object([DONE], "demo", 12.44)["stacks"]
    assert stack["resources"] == {"created": 40, "changed": 0, "replaced": 0, "deleted": 0, "same": 2}
    assert stack["policies"] == {"passed": 18, "evaluated": 18}
    assert json.dumps(stack)


def test_without_a_terminal_progress_is_a_line_at_start_and_end() -> None:
    console = Console(file=io.StringIO(), width=120)
    board = Board(console, (WEST,))
    with board.shown():
        board.begin(WEST, "preview", Tally())
        board.begin(WEST, "up", Tally())
        board.end(DONE)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == [
        f"{WEST}  starts (preview)",
        f"{WEST}    12 s  done: 40 created, 2 same",
    ]


@pytest.mark.parametrize(
    ("consent", "flag", "agreed"),
    [({"yes": True}, "--yes", True), ({"yes": True}, "--repair", False), ({"repair": True}, "--repair", True)],
)
def test_consent_is_given_by_its_own_word_only(
    consent: dict[str, bool], flag: str, agreed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert Consent(console=Console(quiet=True), **consent).to("Destroying:", [], flag) is agreed


@pytest.mark.parametrize("words", [[], ["up"], ["up", "--env", "demo", "--parallel", "0"], ["grow", "--env", "demo"]])
def test_bad_usage_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_an_unknown_environment_ends_with_2_and_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bootstrap", "--env", "dmo"]) == 2
    assert 'got "dmo"; allowed: demo, prod' in capsys.readouterr().err


def test_an_unknown_environment_is_no_fault_of_the_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--env", "dmo"]) == 2
    assert capsys.readouterr().err == 'environment: got "dmo"; allowed: demo, prod; did you mean "demo"?\n'


def test_a_misspelt_stack_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        BadUsage, match=r'"demo-aws-eu-west1"; allowed: demo-aws-account, .*\n.*mean "demo-aws-eu-west-1"'
    ):
        check_names(["demo-aws-eu-west1"], fleet(Path()))


def test_what_left_the_environment_may_still_be_named() -> None:
    check_names([CENTRAL], fleet(Path(), platform()), [platform(CENTRAL)])
    with pytest.raises(BadUsage):
        check_names([CENTRAL], fleet(Path(), platform()))


def test_help_teaches_every_command_by_an_example() -> None:
    text = parser().format_help()
    for command in ("doctor", "preview", "up", "predict", "down"):
        assert f"python -m fleet {command}" in text


def test_the_account_stack_shows_no_jurisdiction() -> None:
    assert " none " in printed(replace(DONE, stack=account()))
