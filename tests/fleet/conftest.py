"""A project folder with a fleet whose engine is the stub of `stub_engine.py`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.model import Fleet
from tests.fleet.fleets import fleet, two_regions

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


@pytest.fixture
def stubbed(tmp_path: Path) -> Fleet:
    """Two regions, nothing deployed; the real project's settings and files, so that its stacks have a file each."""
    for name in ("stacks", "components", "Pulumi.yaml", "__main__.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    programs = tmp_path / "bin"
    programs.mkdir()
    pulumi = programs / "pulumi"
    pulumi.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "stub_engine.py"}" "$@"\n', encoding="utf-8")
    pulumi.chmod(0o755)
    state = tmp_path / ".homeport" / "demo" / "state"
    stacks = [
        replace(stack, backend=(state / ("account-aws" if stack.jurisdiction == "none" else "eu")).as_uri())
        for stack in two_regions()
    ]
    for folder in ("account-aws", "eu"):
        (state / folder).mkdir(parents=True)
    return fleet(tmp_path, *stacks, variables={"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"})
