"""The variables of an environment, and what is made ready with them."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
from pathlib import Path

import pytest

from tests.tools.offline.small_project import ENVIRONMENT, STACK
from tools.offline.__main__ import main
from tools.offline.environment import environment_variables, shell_text, stack_variables
from tools.offline.home import STAND_INS, install_stand_ins

ONLINE = """
domain: example.com
accounts:
  aws: {id: "123456789012", state: "s3://state-account?region=eu-west-1", secrets: "awskms://alias/state?region=eu-west-1"}
jurisdictions:
  eu:
    state: s3://state-eu?region=eu-west-1
    secrets: awskms://alias/state?region=eu-west-1
    regions: [aws-eu-west-1]
models: []
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "a project"
    (folder / "stacks" / "environments").mkdir(parents=True)
    (folder / "stacks" / "environments" / "demo.yaml").write_text(ENVIRONMENT)
    (folder / "stacks" / "environments" / "prod.yaml").write_text(ONLINE)
    return folder


def test_an_offline_stack_gets_its_own_home_backend_and_passphrase(root: Path) -> None:
    variables = stack_variables(root, STACK)
    state = root / ".homeport" / "demo" / "state" / "eu"
    assert variables["PULUMI_BACKEND_URL"] == f"file://{state}?metadata=skip"
    assert state.is_dir()
    assert variables["PULUMI_HOME"] == str(root / ".homeport" / "demo" / "pulumi-home")
    assert variables["HOMEPORT_CLOUD"] == str(root / ".homeport" / "demo" / "cloud.sqlite")
    assert (variables["HOMEPORT_OFFLINE"], variables["PULUMI_CONFIG_PASSPHRASE"]) == ("1", "homeport-demo")
    assert variables["PULUMI_OPTION_POLICY_PACK"] == str(root / "policies")


def test_an_environment_has_all_but_the_backend(root: Path) -> None:
    whole = stack_variables(root, STACK)
    assert environment_variables(root, "demo") == {k: v for k, v in whole.items() if k != "PULUMI_BACKEND_URL"}


def test_another_environment_has_no_stand_in_and_no_passphrase(root: Path) -> None:
    variables = stack_variables(root, "prod-aws-eu-west-1")
    assert variables["PULUMI_BACKEND_URL"] == "s3://state-eu?region=eu-west-1"
    assert list(Path(variables["PULUMI_HOME"]).rglob("pulumi-resource-*")) == []
    assert not {"HOMEPORT_OFFLINE", "HOMEPORT_CLOUD", "PULUMI_CONFIG_PASSPHRASE"} & set(variables)


def test_another_environment_clears_what_an_offline_one_left(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment_variables(root, "demo").items():
        monkeypatch.setenv(name, value)
    variables = environment_variables(root, "prod")
    assert {variables[name] for name in ("HOMEPORT_OFFLINE", "HOMEPORT_CLOUD", "PULUMI_CONFIG_PASSPHRASE")} == {""}
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a secret of the user's own")
    assert "PULUMI_CONFIG_PASSPHRASE" not in environment_variables(root, "prod")


def test_the_same_call_in_the_shell_it_made_changes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stack_variables(root, STACK)
    for name, value in first.items():
        monkeypatch.setenv(name, value)
    assert stack_variables(root, STACK) == first


def test_a_shell_reads_back_every_value() -> None:
    odd = {"PLAIN": "x", "SPACED": "a b", "QUOTED": "it's $HOME `id` \"\\", "EMPTY": ""}
    script = shell_text(odd) + 'printf "%s\\n" "$PLAIN" "$SPACED" "$QUOTED" "${EMPTY-unset}"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={"EMPTY": "full"})
    assert done.stdout.splitlines() == ["x", "a b", odd["QUOTED"], "unset"]


def test_stand_ins_have_the_version_of_the_installed_sdk_and_can_be_run(tmp_path: Path) -> None:
    install_stand_ins(tmp_path)
    for package in STAND_INS:
        version = importlib.metadata.version(f"pulumi-{package}")
        launcher = tmp_path / "plugins" / f"resource-{package}-v{version}" / f"pulumi-resource-{package}"
        assert os.access(launcher, os.X_OK)
        assert f"tools.offline.standin {package}" in launcher.read_text()


def test_a_launcher_of_a_checkout_that_has_moved_is_written_anew(tmp_path: Path) -> None:
    install_stand_ins(tmp_path)
    launcher = next(tmp_path.rglob("pulumi-resource-aws"))
    fresh = launcher.read_text()
    launcher.write_text("#!/bin/sh\nexec /gone/python\n")
    install_stand_ins(tmp_path)
    assert launcher.read_text() == fresh


def test_a_wrong_stack_name_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "--stack", "nonsense"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert 'got "nonsense"; allowed:' in err
