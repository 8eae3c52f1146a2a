"""What the language host says to a person, and what it hands to a policy pack."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
from pulumi.runtime.proto import analyzer_pb2

from tools.offline.host_policy import stack_variables
from tools.offline.host_program import explanation
from tools.offline.host_server import installed_packages

PROGRAM = Path("project/__main__.py")


def failure_of(source: str, file: Path) -> Exception:
    """What this text raises when run as that file, called from here."""
    try:
        exec(compile(source, str(file), "exec"), {})
    except Exception as error:  # noqa: BLE001  any failure of the text is the test's subject
        return error
    raise AssertionError("the text did not fail")


def test_an_expected_error_is_its_text_alone() -> None:
    assert explanation(pulumi.RunError("a.yaml: x: got 1"), PROGRAM) == "a.yaml: x: got 1"


def test_a_traceback_begins_with_the_program() -> None:
    text = explanation(failure_of("def f(): return {}['gone']\nf()", PROGRAM), PROGRAM)
    assert text.startswith("Program failed with an unhandled exception:\nTraceback")
    assert text.count('File "') == 2
    assert "KeyError: 'gone'" in text


def test_a_program_that_cannot_be_parsed_is_shown_without_our_frames() -> None:
    text = explanation(failure_of("this is ( not python", PROGRAM), PROGRAM)
    assert "SyntaxError" in text
    assert "test_engine_host" not in text


def test_a_failure_outside_the_program_keeps_its_whole_traceback() -> None:
    assert "elsewhere.py" in explanation(failure_of("1 / 0", Path("elsewhere.py")), PROGRAM)


def test_a_pack_gets_the_stack_its_config_and_which_keys_are_secret() -> None:
    message = analyzer_pb2.AnalyzerStackConfigureRequest(
        project="homeport", stack="demo-aws-eu-west-1", dry_run=True, config={"homeport:jurisdiction": "eu"}
    )
    message.config_secret_keys.append("homeport:token")
    variables = stack_variables(message.SerializeToString())
    assert json.loads(variables["PULUMI_CONFIG"]) == {"homeport:jurisdiction": "eu"}
    assert json.loads(variables["PULUMI_CONFIG_SECRET_KEYS"]) == ["homeport:token"]
    assert (variables["PULUMI_STACK"], variables["PULUMI_DRY_RUN"]) == ("demo-aws-eu-west-1", "true")
    assert variables["PULUMI_ORGANIZATION"] == "organization"


def test_dependencies_are_all_packages_or_those_that_no_other_needs() -> None:
    every, direct = installed_packages(all_of_them=True), installed_packages(all_of_them=False)
    assert {"grpcio", "pulumi_policy"} <= set(every)
    assert "pulumi_policy" in direct
    assert "grpcio" not in direct
