"""Who holds a lock, and what is done about one whose holder is gone."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from fleet.busy import alone
from fleet.errors import FleetBusy, FolderUnusable
from fleet.locks import Holder, Lock, engine_lives, half_written, holder, read_locks
from tests.fleet.fleets import WEST, fleet, gone_process

LOCK = Lock(stack=WEST, process=4242, user="ada", host="here", since="2026-11-24T09:06:37.333405874Z")


def write_lock(backend: Path, text: str) -> None:
    folder = backend / ".pulumi" / "locks" / "organization" / "homeport" / WEST
    folder.mkdir(parents=True)
    (folder / "0b1c.json").write_text(text, encoding="utf-8")


def test_a_lock_file_is_read(tmp_path: Path) -> None:
    content = {"pid": 4242, "username": "ada", "hostname": "here", "timestamp": LOCK.since}
    write_lock(tmp_path, json.dumps(content))
    assert read_locks(tmp_path.as_uri(), WEST) == (LOCK,)


def test_a_lock_is_told_with_process_user_host_and_time() -> None:
    assert str(LOCK) == "process 4242 of ada@here, since 2026-11-24 09:06:37"


def test_a_half_written_lock_is_none_yet(tmp_path: Path) -> None:
    write_lock(tmp_path, '{"pid": 42')
    assert read_locks(tmp_path.as_uri(), WEST) == ()


def test_what_a_full_disk_left_of_a_lock_is_found_once_nobody_can_be_writing_it(tmp_path: Path) -> None:
    write_lock(tmp_path, "")
    (path,) = tmp_path.rglob("*.json")
    written = path.stat().st_mtime
    assert half_written(tmp_path.as_uri(), WEST, now=written + 11) == (path,)
    assert half_written(tmp_path.as_uri(), WEST, now=written + 9) == ()


def test_a_whole_lock_is_not_half_written(tmp_path: Path) -> None:
    write_lock(tmp_path, "{}")
    assert half_written(tmp_path.as_uri(), WEST, now=4e9) == ()


def test_a_backend_in_a_cloud_is_not_read() -> None:
    assert read_locks("s3://bucket?region=eu-west-1", WEST) == ()


@pytest.mark.parametrize(
    ("host", "lives", "expected"),
    [("here", True, Holder.ALIVE), ("here", False, Holder.GONE), ("there", False, Holder.ELSEWHERE)],
)
def test_the_holder_is_judged_on_its_own_machine_only(host: str, lives: bool, expected: Holder) -> None:
    assert holder(LOCK, host=host, is_engine=lambda _process: lives) is expected


def test_a_number_taken_over_by_another_program_is_no_engine() -> None:
    assert not engine_lives(os.getpid())


def test_a_process_that_has_ended_is_no_engine() -> None:
    assert not engine_lives(gone_process())


def test_a_dead_process_that_nobody_has_waited_for_is_no_engine(tmp_path: Path) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.symlink_to("/bin/true")
    unreaped = subprocess.Popen([str(pulumi)])
    try:
        os.waitid(os.P_PID, unreaped.pid, os.WEXITED | os.WNOWAIT)
        assert not engine_lives(unreaped.pid)
    finally:
        unreaped.wait()


def test_a_running_engine_is_seen(tmp_path: Path) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.symlink_to("/bin/sleep")
    with subprocess.Popen([str(pulumi), "30"]) as running:
        try:
            assert engine_lives(running.pid)
        finally:
            running.kill()


def test_a_second_command_is_told_who_is_at_work(tmp_path: Path) -> None:
    with alone(fleet(tmp_path), "up"), pytest.raises(FleetBusy, match=rf"`fleet up` of .*process {os.getpid()}"):  # noqa: SIM117  the first is what the second raises in
        with alone(fleet(tmp_path), "down"):
            pass


def test_the_environment_is_free_again_afterwards(tmp_path: Path) -> None:
    for command in ("up", "down"):
        with alone(fleet(tmp_path), command):
            pass


def test_a_folder_that_cannot_be_written_stops_the_command_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / ".homeport").write_text("a file where a folder should be")
    with pytest.raises(FolderUnusable, match=r"cannot be written .*nothing was done"), alone(fleet(tmp_path), "up"):
        pass
