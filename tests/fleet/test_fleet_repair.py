"""Open ends of a killed run: told, and repaired only with consent."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fleet.engine import Engine
from fleet.model import Fleet, FleetStack
from fleet.repair import NotRepaired, open_ends, repair
from fleet.survey import Survey, look
from tests.fleet.fleets import WEST, gone_process

PARENT = "urn:pulumi:demo::homeport::homeport:identity:AwsIdentity::identity"
PROVIDER = "urn:pulumi:demo::homeport::pulumi:providers:aws::aws"


def creation(token: str, **inputs: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:demo::homeport::homeport:identity:AwsIdentity${token}::node"
    resource = {"urn": urn, "type": token, "inputs": inputs, "parent": PARENT, "provider": f"{PROVIDER}::1"}
    return {"type": "creating", "resource": resource}


def interrupted(fleet: Fleet, *pending: dict[str, Any], locked_by: int | None = None) -> FleetStack:
    """The western platform, killed while `pending` was under way."""
    stack = fleet.stack(WEST)
    assert stack is not None
    backend = Path(urlsplit(stack.backend).path)
    deployment = {"manifest": {"time": "t"}, "resources": [], "pending_operations": list(pending)}
    (backend / f"{WEST}.json").write_text(json.dumps({"version": 3, "deployment": deployment}), encoding="utf-8")
    if locked_by is not None:
        folder = backend / ".pulumi" / "locks" / "organization" / "homeport" / WEST
        folder.mkdir(parents=True)
        content = {"pid": locked_by, "username": "ada", "hostname": socket.gethostname(), "timestamp": "2026-11-24T09"}
        (folder / "1.json").write_text(json.dumps(content), encoding="utf-8")
    return stack


def seen(fleet: Fleet) -> tuple[Engine, Survey]:
    engine = Engine(fleet)
    return engine, look(fleet, engine, 2)


def calls(stack: FleetStack) -> str:
    return (Path(urlsplit(stack.backend).path) / "calls").read_text(encoding="utf-8")


def test_open_ends_are_explained_and_left_alone_without_consent(stubbed: Fleet) -> None:
    stack = interrupted(stubbed, creation("aws:iam/role:Role", name="demo-node"), locked_by=gone_process())
    engine, survey = seen(stubbed)
    lock, step = open_ends(stack, survey)
    assert lock.endswith("which is gone")
    assert step == f"{WEST} was interrupted while creating iam Role node"
    with pytest.raises(NotRepaired, match="--repair"):
        repair(stack, survey, engine, may_repair=False)
    assert "cancel" not in calls(stack)


def test_a_stale_lock_is_taken_away(stubbed: Fleet) -> None:
    stack = interrupted(stubbed, locked_by=gone_process())
    engine, survey = seen(stubbed)
    assert repair(stack, survey, engine, may_repair=True) == ("stale lock taken away",)
    assert "cancel --yes" in calls(stack)


def test_a_half_written_lock_is_explained_and_taken_away_though_its_stack_was_never_made(stubbed: Fleet) -> None:
    stack = stubbed.stack(WEST)
    assert stack is not None
    lock = Path(urlsplit(stack.backend).path, ".pulumi", "locks", "organization", "homeport", WEST, "1.json.2.tmp")
    lock.parent.mkdir(parents=True)
    lock.touch()
    os.utime(lock, (0, 0))
    engine, survey = seen(stubbed)
    assert open_ends(stack, survey)[0].endswith(f"never written in full, for want of room or time: {lock}")
    assert repair(stack, survey, engine, may_repair=True) == ("half-written lock taken away",)
    assert not lock.exists()


def test_what_was_made_is_adopted_under_its_own_parent_and_provider(stubbed: Fleet) -> None:
    stack = interrupted(stubbed, creation("aws:iam/role:Role", name="demo-node"))
    engine, survey = seen(stubbed)
    assert repair(stack, survey, engine, may_repair=True) == ("iam Role node adopted",)
    imported = json.loads((Path(urlsplit(stack.backend).path) / "imported").read_text())
    assert imported["nameTable"] == {"parent": PARENT, "provider": PROVIDER}
    assert imported["resources"][0]["id"] == "demo-node"


def test_what_was_never_made_is_cleared(stubbed: Fleet) -> None:
    stack = interrupted(stubbed, creation("aws:iam/role:Role", name="demo-node"))
    Path(urlsplit(stack.backend).path, f"{WEST}.does").write_text("import: fail resource 'x' does not exist")
    engine, survey = seen(stubbed)
    (told,) = repair(stack, survey, engine, may_repair=True)
    assert told == "iam Role node forgotten (there is none: it was never made)"
    assert "refresh --yes --skip-preview --clear-pending-creates" in calls(stack)


def test_what_cannot_be_found_by_name_is_cleared_with_a_warning(stubbed: Fleet) -> None:
    stack = interrupted(stubbed, creation("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16"))
    engine, survey = seen(stubbed)
    assert "cannot be found by name" in repair(stack, survey, engine, may_repair=True)[0]


def test_what_could_not_be_looked_up_is_not_cleared(stubbed: Fleet) -> None:
    stack = interrupted(stubbed, creation("aws:iam/role:Role", name="demo-node"))
    Path(urlsplit(stack.backend).path, f"{WEST}.does").write_text("import: fail AccessDenied")
    engine, survey = seen(stubbed)
    with pytest.raises(NotRepaired, match="demo-node: AccessDenied"):
        repair(stack, survey, engine, may_repair=True)
    assert "refresh" not in calls(stack)


def test_a_lock_that_may_be_held_is_never_taken_away(stubbed: Fleet) -> None:
    stack = interrupted(stubbed, locked_by=gone_process())
    engine, survey = seen(stubbed)
    elsewhere = {WEST: tuple(replace(lock, host="another") for lock in survey.locks[WEST])}
    with pytest.raises(NotRepaired, match="locked by process"):
        repair(stack, replace(survey, locks=elsewhere), engine, may_repair=True)
