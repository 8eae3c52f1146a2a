"""The real engine on a small project: programs, policy packs, ends. Each test makes its own project and state."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.offline.small_project import PROGRAM, STACK, SmallProject, small_project
from tools.offline.build import pinned_version
from tools.offline.engine import parse_version

ON_STACK = ("-s", STACK)
UP = ("up", "--yes", "--skip-preview", *ON_STACK)


def test_a_stack_goes_up_stays_as_it_is_and_comes_down(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    assert "+ 4 to create" in project.pulumi("preview", *ON_STACK)
    assert project.resources() == []
    first = project.pulumi(*UP)
    assert "+ 4 created" in first
    assert "the program speaks" in first
    assert "4 unchanged" in project.pulumi(*UP, "--expect-no-changes")
    assert project.pulumi("stack", "output", "jurisdiction", *ON_STACK).strip() == "eu"
    assert "- 4 deleted" in project.pulumi("destroy", "--yes", "--skip-preview", *ON_STACK)
    assert project.resources() == []


def test_a_policy_pack_sees_the_stack_and_its_config_and_stops_what_it_forbids(tmp_path: Path) -> None:
    project = small_project(tmp_path, jurisdiction="us")
    refused = project.pulumi(*UP, fails=True)
    assert f"of stack {STACK} would lie outside us" in refused
    assert "aws:s3/bucket:Bucket" not in project.resources()


def test_a_policy_pack_judges_an_exported_state_by_a_config_file(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    project.pulumi(*UP)
    project.write("state.json", project.pulumi("stack", "export", *ON_STACK))
    project.write("us.json", json.dumps({"residency": {"enforcementLevel": "mandatory", "jurisdiction": "us"}}))
    del project.variables["PULUMI_OPTION_POLICY_PACK"]  # it would count as a second pack, without a config of its own
    judge = ("policy", "analyze", "--file", "state.json", "--policy-pack", "policies")
    assert "would lie outside us" in project.pulumi(*judge, "--policy-pack-config", "us.json", fails=True)


def test_a_broken_policy_pack_stops_the_deployment_and_shows_why(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    project.write("policies/__main__.py", "raise SystemError('the pack is broken')\n")
    said = project.pulumi(*UP, fails=True)
    assert "SystemError: the pack is broken" in said
    assert "ended before it listened" in said
    assert project.resources() == []


def test_an_expected_error_is_plain_text(tmp_path: Path) -> None:
    line = "stacks/x.yaml: region.place: got 'moon'; allowed: eu-west-1"
    project = small_project(tmp_path, program=f"import pulumi\nraise pulumi.RunError({line!r})\n")
    said = project.pulumi("preview", *ON_STACK, fails=True)
    assert f"error: {line}" in said
    assert "Traceback" not in said


def test_an_unexpected_error_shows_the_programs_own_frames_only(tmp_path: Path) -> None:
    late = "pulumi.Output.from_input(0).apply(lambda zero: 1 / zero)\n"
    said = small_project(tmp_path, program=PROGRAM + late).pulumi("preview", *ON_STACK, fails=True)
    assert "ZeroDivisionError: division by zero" in said
    assert "site-packages" not in said


def test_dynamic_resources_work_with_modules_of_the_program(tmp_path: Path) -> None:
    project = small_project(
        tmp_path, program="import pulumi\nfrom thing import Thing\npulumi.export('n', Thing('t').n)\n"
    )
    project.write(
        "thing.py",
        """
        from pulumi import dynamic

        class Provider(dynamic.ResourceProvider):
            def create(self, props):
                return dynamic.CreateResult("id", {"n": 42})

        class Thing(dynamic.Resource):
            def __init__(self, name):
                super().__init__(Provider(), name, {"n": None})
        """,
    )
    project.pulumi(*UP)
    assert project.pulumi("stack", "output", "n", *ON_STACK).strip() == "42"


def test_about_names_the_language_host_and_install_has_nothing_to_do(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    about = project.pulumi("about", *ON_STACK)
    assert "This project is written in python" in about
    assert "pulumi_aws" in about
    project.pulumi("install")


def test_the_engine_says_the_pinned_version_or_a_newer_one(tmp_path: Path) -> None:
    version = parse_version(small_project(tmp_path).pulumi("version"))
    assert version is not None
    assert version >= (parse_version(pinned_version()) or ())


@pytest.mark.parametrize("end", ["kill", "interrupt"])
def test_nothing_outlives_the_engine(tmp_path: Path, end: str) -> None:
    wait = "import pathlib, time\npathlib.Path('started').touch()\ntime.sleep(60)\n"
    project = small_project(tmp_path, program=PROGRAM + wait)
    engine = project.start(*UP)
    soon((tmp_path / "started").exists)
    children = processes_of(project)
    assert len(children) >= 2, children  # the language host and the policy pack, at least
    engine.kill() if end == "kill" else engine.send_signal(2)
    engine.wait(timeout=40)
    soon(lambda: processes_of(project) == [])


def soon(true: Callable[[], bool], within_s: float = 40.0) -> None:
    """Waits until `true` is true; fails after `within_s` seconds."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.1)


def processes_of(project: SmallProject) -> list[str]:
    """Command lines of our Python processes that run with this project's PULUMI_HOME."""
    home = project.variables["PULUMI_HOME"]
    listed = subprocess.run(["ps", "axeww", "-o", "command"], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if home in line and " -u -m " in line]
