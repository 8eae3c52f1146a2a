"""Side by side, and stopped in between."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from fleet.applied import Applied, read_program
from fleet.errors import EngineMissing
from fleet.order import Task, bring_up, tear_down
from fleet.process import EngineCommand
from fleet.result import Outcome, Result
from fleet.run import run_tasks, stops_cleanly
from tests.fleet.fleets import ACCOUNT, CENTRAL, WEST, two_regions


def done(task: Task, outcome: Outcome = Outcome.DONE) -> Result:
    return Result(stack=task.stack, operation=task.operation, outcome=outcome)


def quiet(_result: Result) -> None:
    pass


def command_that_sleeps(folder: Path, ignores: str = "") -> EngineCommand:
    """An engine that tells its start by a file and ends on SIGINT, unless it ignores that."""
    pulumi = folder / "pulumi"
    pulumi.write_text(f'#!/bin/sh\ntrap "{ignores or "exit 1"}" INT\ntouch "$0.runs"\nwhile :; do sleep 0.1; done\n')
    pulumi.chmod(0o755)
    return EngineCommand({"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"})


def wait_for(path: Path) -> None:
    until = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_regions_run_side_by_side() -> None:
    together = threading.Barrier(2, timeout=10)

    def work(task: Task) -> Result:
        if task.stack.name in {WEST, CENTRAL}:
            together.wait()
        return done(task)

    results = run_tasks(bring_up(two_regions()), work, 2, threading.Event(), quiet)
    assert {result.outcome for result in results} == {Outcome.DONE}


def test_no_more_run_at_once_than_allowed() -> None:
    running, most, guard = [0], [0], threading.Lock()

    def work(task: Task) -> Result:
        with guard:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with guard:
            running[0] -= 1
        return done(task)

    run_tasks(bring_up(two_regions()), work, 1, threading.Event(), quiet)
    assert most == [1]


def test_after_a_stop_nothing_new_starts() -> None:
    stopping = threading.Event()

    def work(task: Task) -> Result:
        stopping.set()
        return done(task)

    results = run_tasks(bring_up(two_regions()), work, 2, stopping, quiet)
    assert [(result.stack.name, result.outcome) for result in results[:2]] == [
        (ACCOUNT, Outcome.DONE),
        (WEST, Outcome.NOT_STARTED),
    ]
    assert results[1].note == "the run was stopped"


def test_what_stands_under_something_kept_is_kept_too() -> None:
    def work(task: Task) -> Result:
        return done(task, Outcome.KEPT if task.stack.name == WEST else Outcome.GONE)

    results = run_tasks(tear_down(two_regions()), work, 2, threading.Event(), quiet)
    assert (results[-1].stack.name, results[-1].outcome) == (ACCOUNT, Outcome.KEPT)
    assert results[-1].note == f"{WEST} still stands on it"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_engine_and_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    command, said = command_that_sleeps(tmp_path), list[str]()
    codes: list[int] = []
    runs = threading.Thread(target=lambda: codes.append(command.attempt(["up"], str(tmp_path), {}).code))
    with stops_cleanly(command, said.append):
        runs.start()
        wait_for(tmp_path / "pulumi.runs")
        os.kill(os.getpid(), number)
        runs.join(10)
    assert codes == [1]
    assert said[0].startswith("stopping: each engine ends the step it is in")
    assert command.stopping.is_set()


def test_an_engine_that_does_not_listen_is_killed_at_the_third_signal(tmp_path: Path) -> None:
    command, codes = command_that_sleeps(tmp_path, ignores=":"), list[int]()
    runs = threading.Thread(target=lambda: codes.append(command.attempt(["up"], str(tmp_path), {}).code))
    with stops_cleanly(command, lambda _line: None):
        runs.start()
        wait_for(tmp_path / "pulumi.runs")
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
        runs.join(10)
    assert codes == [-signal.SIGKILL]


def test_an_empty_variable_is_taken_away_from_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEPORT_OFFLINE", "1")
    pulumi = tmp_path / "pulumi"
    pulumi.write_text("#!/bin/sh\nenv\n")
    pulumi.chmod(0o755)
    command = EngineCommand({"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOMEPORT_OFFLINE": ""})
    assert "HOMEPORT_OFFLINE" not in command.run(["up"], str(tmp_path), {}).stdout


def test_without_an_engine_the_next_step_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match="make engine"):
        EngineCommand({"PATH": str(tmp_path)})


def test_a_deployment_is_current_only_for_the_same_program_and_state(tmp_path: Path) -> None:
    applied = Applied(tmp_path)
    applied.record(WEST, "program", "nine")
    assert applied.is_current(WEST, "program", "nine")
    assert not applied.is_current(WEST, "program", "ten")
    assert not applied.is_current(WEST, "another", "nine")
    assert not applied.is_current(CENTRAL, "program", "nine")


def test_a_changed_file_of_the_program_changes_every_stack(tmp_path: Path) -> None:
    (tmp_path / "components").mkdir()
    digests: set[str] = set()
    for text in ("A = 1\n", "A = 2\n"):
        (tmp_path / "components" / "naming.py").write_text(text, encoding="utf-8")
        digests.add(read_program(tmp_path).digest([WEST]))
    assert len(digests) == 2


def test_a_changed_stack_file_changes_its_own_stack_only(tmp_path: Path) -> None:
    (tmp_path / "stacks" / "config").mkdir(parents=True)
    before = {name: read_program(tmp_path).digest([name]) for name in (WEST, CENTRAL)}
    (tmp_path / "stacks" / "config" / f"Pulumi.{WEST}.yaml").write_text("config: {}\n", encoding="utf-8")
    after = {name: read_program(tmp_path).digest([name]) for name in (WEST, CENTRAL)}
    assert before[WEST] != after[WEST]
    assert before[CENTRAL] == after[CENTRAL]
