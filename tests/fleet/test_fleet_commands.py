"""up, preview and down over a fleet, with a stub for the engine. The real engine runs in tests/engine."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from rich.console import Console

from fleet.commands import Order, Report, down, preview, up
from fleet.consent import Consent
from fleet.errors import BadUsage
from fleet.model import Fleet
from fleet.result import Outcome
from tests.fleet.fleets import ACCOUNT, CENTRAL, DOOR, WEST, gone_process

SILENT = Console(quiet=True)


def order(fleet: Fleet, *only: str, yes: bool = True, repair: bool = False) -> Order:
    consent = Consent(console=SILENT, yes=yes, repair=repair)
    return Order(fleet=fleet, only=only, parallel=2, consent=consent, console=SILENT)


def outcomes(report: Report) -> dict[str, Outcome]:
    return {result.stack.name: result.outcome for result in report.results}


def folder(fleet: Fleet, stack: str) -> Path:
    found = fleet.stack(stack)
    assert found is not None
    return Path(urlsplit(found.backend).path)


def makes(fleet: Fleet, stack: str, what: str) -> None:
    (folder(fleet, stack) / f"{stack}.does").write_text(what, encoding="utf-8")


def calls(fleet: Fleet) -> list[str]:
    """What the engine was asked for, in the order of time, over all backends."""
    lines = [line for path in fleet.folder.rglob("calls") for line in path.read_text().splitlines()]
    return [line.partition(" ")[2] for line in sorted(lines, key=lambda line: float(line.split()[0]))]


def operations(fleet: Fleet, word: str) -> list[str]:
    return [call.rpartition(" ")[2] for call in calls(fleet) if call.startswith(f"{word} ")]


def test_up_deploys_everything_in_order(stubbed: Fleet) -> None:
    assert set(outcomes(up(order(stubbed))).values()) == {Outcome.DONE}
    deployed = operations(stubbed, "up")
    assert deployed[0] == ACCOUNT
    assert deployed[-1] == DOOR
    assert set(deployed) == {stack.name for stack in stubbed.stacks}


def test_a_second_up_without_a_change_only_previews(stubbed: Fleet) -> None:
    up(order(stubbed))
    before = len(operations(stubbed, "up"))
    assert set(outcomes(up(order(stubbed))).values()) == {Outcome.DONE}
    assert len(operations(stubbed, "up")) == before


def test_a_state_written_by_someone_else_is_updated_though_nothing_differs(stubbed: Fleet) -> None:
    up(order(stubbed))
    state = folder(stubbed, WEST) / f"{WEST}.json"
    content = json.loads(state.read_text())
    content["deployment"]["manifest"]["time"] = "another"
    state.write_text(json.dumps(content))
    before = operations(stubbed, "up")
    up(order(stubbed))
    assert operations(stubbed, "up")[len(before) :] == [WEST]


def test_a_stack_whose_outputs_alone_differ_is_updated(stubbed: Fleet) -> None:
    up(order(stubbed))
    makes(stubbed, WEST, "preview: outputs")
    before = operations(stubbed, "up")
    up(order(stubbed))
    assert operations(stubbed, "up")[len(before) :] == [WEST]


def test_a_repaired_stack_is_updated_though_nothing_differs(stubbed: Fleet) -> None:
    up(order(stubbed))
    lock = folder(stubbed, WEST) / f".pulumi/locks/organization/homeport/{WEST}/1.json"
    lock.parent.mkdir(parents=True)
    holder = {"pid": gone_process(), "username": "ada", "hostname": socket.gethostname(), "timestamp": "2026-11-24T09"}
    lock.write_text(json.dumps(holder))
    before = operations(stubbed, "up")
    up(order(stubbed, repair=True))
    assert operations(stubbed, "up")[len(before) :] == [WEST]


def test_a_failed_stack_stops_only_what_needs_it_and_says_why(stubbed: Fleet) -> None:
    makes(stubbed, WEST, "up: fail VpcLimitExceeded")
    report = up(order(stubbed))
    assert outcomes(report) == {
        ACCOUNT: Outcome.DONE,
        WEST: Outcome.FAILED,
        CENTRAL: Outcome.DONE,
        f"{WEST}-models": Outcome.NOT_STARTED,
        f"{CENTRAL}-models": Outcome.DONE,
        DOOR: Outcome.NOT_STARTED,
    }
    failed = report.results[1]
    assert failed.problems == ("VpcLimitExceeded",)
    assert failed.log is not None
    assert failed.log.is_file()
    assert report.results[3].note == f"needs {WEST}"


def test_a_refused_preview_stops_the_stack_before_anything_is_changed(stubbed: Fleet) -> None:
    makes(stubbed, ACCOUNT, "preview: fail policy")
    report = up(order(stubbed))
    assert report.results[0].note == "nothing was changed"
    assert operations(stubbed, "up") == []


def test_a_preview_of_nothing_deployed_previews_the_account_alone_and_leaves_nothing_behind(stubbed: Fleet) -> None:
    report = preview(order(stubbed))
    assert outcomes(report)[ACCOUNT] is Outcome.DONE
    assert {outcome for name, outcome in outcomes(report).items() if name != ACCOUNT} == {Outcome.WAITS}
    assert report.results[1].note == f"for {ACCOUNT}"
    assert list(folder(stubbed, ACCOUNT).glob("*.json")) == []


def test_a_preview_whose_events_were_cut_short_is_no_answer(stubbed: Fleet) -> None:
    up(order(stubbed))
    makes(stubbed, ACCOUNT, "preview: cut")
    (result,) = preview(order(stubbed, ACCOUNT)).results
    assert (result.outcome, result.counts) == (Outcome.FAILED, None)
    assert outcomes(up(order(stubbed, ACCOUNT))) == {ACCOUNT: Outcome.FAILED}


def test_an_update_whose_events_were_cut_short_counts_nothing(stubbed: Fleet) -> None:
    makes(stubbed, ACCOUNT, "up: cut")
    (result,) = up(order(stubbed, ACCOUNT)).results
    assert (result.outcome, result.counts) == (Outcome.DONE, None)
    assert result.note.endswith("disk full?")


def test_only_touches_the_stack_named(stubbed: Fleet) -> None:
    up(order(stubbed))
    report = up(order(stubbed, f"{WEST}-models"))
    assert list(outcomes(report)) == [f"{WEST}-models"]


def test_a_wrong_stack_file_is_told_without_running_the_engine(stubbed: Fleet) -> None:
    stranger = replace(stubbed.stacks[0], name="demo-aws-acount")
    report = up(order(replace(stubbed, stacks=(stranger,))))
    assert report.results[0].outcome is Outcome.FAILED
    assert "demo-aws-acount" in report.results[0].problems[0]
    assert operations(stubbed, "preview") == []


def without_central(fleet: Fleet) -> Fleet:
    kept = [stack for stack in fleet.stacks if CENTRAL not in stack.name]
    door = replace(kept.pop(), needs=(f"{WEST}-models",))
    return replace(fleet, stacks=(*kept, door))


def test_a_region_taken_out_leaves_the_front_door_and_is_destroyed_then(stubbed: Fleet) -> None:
    up(order(stubbed))
    report = up(order(without_central(stubbed)))
    assert outcomes(report)[CENTRAL] is outcomes(report)[f"{CENTRAL}-models"] is Outcome.GONE
    sequence = [call for call in calls(stubbed) if call.startswith(("preview", "destroy"))]
    names = [call.rpartition(" ")[2] for call in sequence]
    assert names[-3:] == [DOOR, f"{CENTRAL}-models", CENTRAL]


def test_a_region_taken_out_is_kept_without_consent(stubbed: Fleet) -> None:
    up(order(stubbed))
    report = up(order(without_central(stubbed), yes=False))
    assert outcomes(report)[CENTRAL] is Outcome.KEPT
    assert operations(stubbed, "destroy") == []


def test_down_destroys_from_the_front_door_down_and_leaves_no_stack(stubbed: Fleet) -> None:
    up(order(stubbed))
    assert set(outcomes(down(order(stubbed))).values()) == {Outcome.GONE}
    gone = operations(stubbed, "destroy")
    assert (gone[0], gone[-1]) == (DOOR, ACCOUNT)
    assert list(stubbed.folder.rglob("state/*/*.json")) == []


def test_down_without_consent_does_nothing(stubbed: Fleet) -> None:
    up(order(stubbed))
    assert set(outcomes(down(order(stubbed, yes=False))).values()) == {Outcome.NOT_STARTED}
    assert operations(stubbed, "destroy") == []


def test_down_refuses_a_name_that_no_stack_bears(stubbed: Fleet) -> None:
    with pytest.raises(BadUsage, match="did you mean"):
        down(order(stubbed, "demo-aws-eu-west1"))


def test_a_stack_under_another_is_not_pulled_away(stubbed: Fleet) -> None:
    up(order(stubbed))
    with pytest.raises(BadUsage, match=f"{WEST}-models still stands on it"):
        down(order(stubbed, WEST))


def test_a_real_environment_is_not_changed_without_consent(stubbed: Fleet) -> None:
    report = up(order(replace(stubbed, offline=False), yes=False))
    assert set(outcomes(report).values()) == {Outcome.NOT_STARTED}
    assert operations(stubbed, "up") == []
