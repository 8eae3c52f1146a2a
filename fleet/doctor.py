"""Looks for what would make a run fail, before anything is done: machine, engine, settings, logins, backends, locks."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fleet.engine import Engine
from fleet.environment import describe_fleet, engine_variables
from fleet.errors import FleetError
from fleet.model import Fleet
from fleet.repair import open_ends
from fleet.survey import look
from stacks.settings import Environment, SettingsError, check_environment, load_environment

PYTHON = (3, 11)
# A first `up` of the demo writes about 60 MiB, history included; full disks corrupt state, so warn long before.
FREE_WARN_MIB = 2048
FREE_FAIL_MIB = 200
AWS_LOGINS = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI")


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


COLOURS = {Grade.OK: "green", Grade.WARN: "yellow", Grade.FAIL: "red"}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's answer; `next_step` is empty where all is well."""

    grade: Grade
    subject: str
    told: str
    next_step: str = ""


def examine(root: Path, name: str) -> tuple[Finding, ...]:
    """All findings for environment `name`. Later checks are left out where an earlier one makes them meaningless."""
    findings = [python_version(sys.version_info[:2]), packages(root)]
    environment, told = settings(root, name)
    findings += told
    if environment is None:
        return tuple(findings)
    findings += folders(root, name)
    if not environment.offline:
        findings.append(login(os.environ, Path.home()))
    return (*findings, *_engine_and_state(root, name))


def print_findings(findings: Iterable[Finding], console: Console) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        table.add_row(Text(str(finding.grade), style=COLOURS[finding.grade]), finding.subject, Text(finding.told))
        if finding.next_step:
            table.add_row("", "", Text(f"next: {finding.next_step}", style="dim"))
    console.print(table)


def python_version(running: tuple[int, int]) -> Finding:
    text = f"{running[0]}.{running[1]}"
    if running == PYTHON:
        return Finding(Grade.OK, "python", text)
    return Finding(
        Grade.WARN, "python", f"got {text}; the lock is made for 3.11", "rm -rf .venv, then make up PYTHON=python3.11"
    )


def packages(root: Path) -> Finding:
    """Compares what is installed with the lock; a package that is not installed counts only if the program names it."""
    named = {
        word.lower() for word in re.findall(r"^([A-Za-z0-9._-]+)==", _read(root / "requirements.txt"), re.MULTILINE)
    }
    locked = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", _read(root / "requirements.lock"), re.MULTILINE))
    wrong: list[str] = []
    for package, version in sorted(locked.items()):
        try:
            installed = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            if package.lower() in named:
                wrong.append(f"{package} is missing")
            continue
        if installed != version:
            wrong.append(f"{package} {installed} instead of {version}")
    if wrong:
        return Finding(Grade.FAIL, "packages", ", ".join(wrong), "rm -rf .venv, then make the command again")
    return Finding(Grade.OK, "packages", f"{len(locked)} as locked")


def settings(root: Path, name: str) -> tuple[Environment | None, tuple[Finding, ...]]:
    """The environment, None if its own files are wrong, and every problem of every stack's files."""
    try:
        environment = check_environment(root, name)
    except SettingsError as error:
        wrong = tuple(Finding(Grade.FAIL, "settings", str(problem)) for problem in error.problems)
    else:
        return environment, (Finding(Grade.OK, "settings", f"{len(environment.stacks())} stacks"),)
    try:
        return load_environment(root, name), wrong
    except SettingsError:
        return None, wrong


def folders(root: Path, name: str) -> tuple[Finding, ...]:
    """Whether the environment's folder can be written, and how much room there is."""
    folder = root / ".homeport" / name
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        return (Finding(Grade.FAIL, "folder", f"{existing}: {error.strerror}", "make it writable, or free the disk"),)
    free_mib = shutil.disk_usage(existing).free // 2**20
    grade = Grade.OK if free_mib >= FREE_WARN_MIB else Grade.WARN if free_mib >= FREE_FAIL_MIB else Grade.FAIL
    step = "" if grade is Grade.OK else "free the disk: a full one can spoil local state"
    return (Finding(grade, "folder", f"{existing}: writable, {free_mib} MiB free", step),)


def login(variables: Mapping[str, str], home: Path) -> Finding:
    """Whether AWS credentials seem to be there. They are not tried."""
    found = [name for name in AWS_LOGINS if variables.get(name)]
    found += [f"~/.aws/{name}" for name in ("credentials", "config") if (home / ".aws" / name).exists()]
    if found:
        return Finding(Grade.OK, "aws login", f"{', '.join(found)} (not tried)")
    return Finding(
        Grade.WARN,
        "aws login",
        "nothing found; a role of this machine may still serve",
        "log in, for example: aws sso login, then export AWS_PROFILE=...",
    )


def _engine_and_state(root: Path, name: str) -> tuple[Finding, ...]:
    if shutil.which("pulumi") is None and shutil.which("go") is None:
        return (
            Finding(Grade.FAIL, "engine", "neither pulumi nor go is on PATH", "install the Pulumi CLI, or Go 1.26"),
        )
    try:
        fleet = describe_fleet(root, name, engine_variables(root, name))
        engine = Engine(fleet)
    except FleetError as error:
        return (Finding(Grade.FAIL, "engine", error.what, error.next_step),)
    ready = Finding(Grade.OK, "engine", f"pulumi {engine.version() or 'of unknown version'} ({engine.command.command})")
    return (ready, *_state(fleet, engine))


def _state(fleet: Fleet, engine: Engine) -> tuple[Finding, ...]:
    for backend in fleet.backends:
        folder = Path(urlsplit(backend).path)
        if urlsplit(backend).scheme == "file" and folder.exists() and not os.access(folder, os.W_OK):
            return (Finding(Grade.FAIL, "state", f"{folder}: cannot be written", "make it writable"),)
    try:
        survey = look(fleet, engine, os.cpu_count() or 1)
    except FleetError as error:
        return (Finding(Grade.FAIL, "state", error.what, error.next_step),)
    found = [Finding(Grade.OK, "state", f"{len(fleet.backends)} backends, {len(survey.snapshots)} stacks in them")]
    for stack in (*fleet.stacks, *survey.removed):
        step = (
            "wait until it has ended"
            if survey.held(stack.name)
            else f"python -m fleet up --env {fleet.environment} --repair"
        )
        found += [Finding(Grade.WARN, "locks", end, step) for end in open_ends(stack, survey)]
    found += [
        Finding(
            Grade.WARN, "stacks", f"{stack.name} left the environment but still exists", "python -m fleet up removes it"
        )
        for stack in survey.removed
    ]
    return tuple(found)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
