"""The life of one region in the real engine: refused, killed in the middle, repaired, brought up, taken down.

One story: each test goes on where the one before it ended, so they run together or not at all.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.adoption import IMPORT_IDS
from tests.engine.project_copy import ProjectCopy, copy_project

ACCOUNT, PLATFORM, MODELS, DOOR = (
    "demo-aws-account",
    "demo-aws-us-east-1",
    "demo-aws-us-east-1-models",
    "demo-us-front-door",
)
ENVIRONMENT = "stacks/environments/demo.yaml"
CLUSTER = 'cluster: {version: "1.35", api_access: private}'
pytestmark = pytest.mark.slow
UP = ("up", "--env", "demo", "--yes")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    """Environment demo with its American region only."""
    made = copy_project(tmp_path_factory.mktemp("life"))
    path = made.root / ENVIRONMENT
    kept = [line for line in path.read_text().splitlines() if not line.startswith("  eu:")]
    path.write_text("\n".join(kept).replace("[fraud, tumor, churn, diabetes]", "[churn, diabetes]") + "\n")
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qam", "us"],
        cwd=made.root,
        check=True,
    )
    return made


def test_before_anything_stands_a_preview_says_what_waits_for_what(project: ProjectCopy) -> None:
    rows = project.stacks("preview", "--env", "demo")
    assert rows[ACCOUNT]["resources"]["created"] > 5
    assert {stack: rows[stack]["outcome"] for stack in (PLATFORM, MODELS, DOOR)} == dict.fromkeys(
        (PLATFORM, MODELS, DOOR), "waits"
    )
    assert rows[MODELS]["note"] == f"for {PLATFORM}"
    assert project.cloud() == []


def test_a_quota_refused_is_told_and_stops_only_what_needs_it(project: ProjectCopy, tmp_path: Path) -> None:
    """Beside it, calls for buckets are throttled three times over: the provider tries again, and nobody is told."""
    faults = _faults(
        tmp_path,
        {"type": "aws:eks/cluster:Cluster", "operation": "create", "do": "quota"},
        {"type": "aws:s3/bucket:Bucket", "operation": "create", "do": "throttle", "times": 3},
    )
    rows = project.stacks(*UP, code=1, variables=faults)
    assert rows[ACCOUNT]["outcome"] == "done"
    assert rows[PLATFORM]["outcome"] == "failed"
    [problem] = rows[PLATFORM]["problems"]
    assert "quota for Cluster is used up" in problem
    assert rows[PLATFORM]["next_step"].startswith("ask for more in Service Quotas")
    assert project.cloud("s3/bucket:Bucket") != []
    assert rows[MODELS]["note"] == f"needs {PLATFORM}"
    assert project.cloud("eks/cluster:Cluster") == []


def test_a_kill_in_the_middle_leaves_no_process_behind(project: ProjectCopy, tmp_path: Path) -> None:
    faults = _faults(tmp_path, {"type": "aws:eks/cluster:Cluster", "operation": "create", "do": "hang"})
    fleet = project.start([sys.executable, "-m", "fleet", *UP], faults)
    try:
        _until(
            lambda: project.cloud("eks/cluster:Cluster") == [PLATFORM], "the cluster was made, and the engine not told"
        )
        _until(lambda: _quiet(project), "all else that can be made stands, so that only the cluster is in the air")
        engine = _engine_of(project)
        fleet.kill()
        os.kill(engine, signal.SIGKILL)
    finally:
        fleet.kill()
        fleet.wait()
    _until(lambda: _processes(project) == [], "programs and stand-ins end with their engine")


def test_without_consent_the_open_ends_are_explained_and_nothing_runs(project: ProjectCopy) -> None:
    before = project.cloud()
    rows = project.stacks("up", "--env", "demo", code=1)
    told = " ".join([*rows[PLATFORM]["problems"], rows[PLATFORM]["next_step"]])
    assert "Cluster" in told
    assert "--repair" in told
    assert project.cloud() == before


def test_repair_and_up_lose_nothing_and_double_nothing_that_can_be_found_by_name(project: ProjectCopy) -> None:
    rows = project.stacks(*UP, "--repair")
    assert {row["outcome"] for row in rows.values()} == {"done"}
    assert project.cloud("eks/cluster:Cluster") == [PLATFORM]
    known = {stack: _state(project, stack) for stack in (ACCOUNT, PLATFORM, MODELS, DOOR)}
    assert [pending for state in known.values() for pending in state.get("pending_operations", [])] == []
    ours = {resource["id"] for state in known.values() for resource in state["resources"] if "id" in resource}
    forgotten = [token for token, identifier in project.things() if identifier not in ours]
    assert [token for token in forgotten if token in IMPORT_IDS or token.startswith("kubernetes:")] == []
    again = project.stacks(*UP)
    assert {row["resources"]["same"] > 0 and row["resources"]["created"] for row in again.values()} == {0}


def test_another_machine_type_replaces_the_nodes_new_before_old(project: ProjectCopy) -> None:
    before = project.cloud("eks/nodeGroup:NodeGroup")
    file = f"stacks/config/Pulumi.{PLATFORM}.yaml"
    with project.edited(file, CLUSTER, f"{CLUSTER}\n    system: {{instance_types: [m7i.xlarge]}}"):
        rows = project.stacks(*UP, "--only", PLATFORM)
        assert rows[PLATFORM]["resources"]["replaced"] >= 1
        after = project.cloud("eks/nodeGroup:NodeGroup")
        assert len(after) == len(before) == 1
        assert after != before
    project.stacks(*UP, "--only", PLATFORM)
    assert project.cloud("eks/nodeGroup:NodeGroup") == before


def test_two_ups_at_once_and_the_second_says_who_holds_the_lock(project: ProjectCopy, tmp_path: Path) -> None:
    faults = _faults(tmp_path, {"type": "aws:eks/nodeGroup:NodeGroup", "operation": "update", "do": "hang"})
    file = f"stacks/config/Pulumi.{PLATFORM}.yaml"
    with project.edited(file, CLUSTER, f"{CLUSTER}\n    system: {{nodes: {{min: 3, max: 9}}}}"):
        words = ["pulumi", "up", "--yes", "--skip-preview", "--stack", PLATFORM]
        first = project.start(words, {**project.variables(PLATFORM), **faults})
        try:
            _until(lambda: bool(_locks(project)), "the first run holds the lock")
            rows = project.stacks(*UP, "--only", PLATFORM, code=1)
            told = " ".join(rows[PLATFORM]["problems"])
            assert f"process {_engine_of(project)}" in told
        finally:
            first.send_signal(signal.SIGKILL)
            first.wait()
        _until(lambda: _processes(project) == [], "programs and stand-ins end with their engine")
    project.stacks(*UP, "--repair")


def test_down_leaves_nothing(project: ProjectCopy) -> None:
    rows = project.stacks("down", "--env", "demo", "--yes")
    assert {row["outcome"] for row in rows.values()} == {"gone"}
    left = [token for token, _ in project.things() if token in IMPORT_IDS]
    assert left == []
    assert {row["stands"] for row in project.stacks("status", "--env", "demo").values()} == {False}
    assert list((project.root / ".homeport/demo/state").glob("*/.pulumi/stacks/**/*.json")) == []
    assert project.changes() == ""


def _faults(folder: Path, *faults: dict[str, str | int]) -> dict[str, str]:
    path = folder / "faults.yaml"
    path.write_text(json.dumps(faults))  # JSON is YAML
    return {"HOMEPORT_FAULTS": str(path)}


def _state(project: ProjectCopy, stack: str) -> dict[str, list[dict[str, object]]]:
    return json.loads(project.pulumi(stack, "stack", "export"))["deployment"]


def _locks(project: ProjectCopy) -> list[Path]:
    return list((project.root / ".homeport/demo/state").glob(f"*/.pulumi/locks/**/{PLATFORM}/*.json"))


def _engine_of(project: ProjectCopy) -> int:
    return int(json.loads(_locks(project)[0].read_text())["pid"])


def _processes(project: ProjectCopy) -> list[str]:
    """Command lines of living processes that work on this copy."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            environment = (path / "environ").read_bytes()
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(project.root).encode() in environment and command:
            found.append(command)
    return found


def _quiet(project: ProjectCopy) -> bool:
    """Whether nothing was made for a while."""
    before = project.things()
    time.sleep(2)
    return project.things() == before


def _until(met: Callable[[], bool], what: str, limit_s: float = 90) -> None:
    end = time.monotonic() + limit_s
    while not met():
        assert time.monotonic() < end, f"not within {limit_s} s: {what}"
        time.sleep(0.2)
