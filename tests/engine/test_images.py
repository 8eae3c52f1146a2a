"""The digests in the demo's stack files are those of the images that are built from this project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.model import FleetStack
from fleet.pins import released, stack_file
from stacks.settings import StackKind, load_environment
from tests.engine.project_copy import ROOT, copy_project

ENVIRONMENT = load_environment(ROOT, "demo")
DEMO = [
    FleetStack(name=stack.text, kind=stack.kind, place="", jurisdiction="", needs=(), backend="")
    for stack in ENVIRONMENT.stacks()
    if stack.kind is StackKind.MODELS
]
ACCELERATORS = {model.name: model.image.accelerator for model in ENVIRONMENT.models}


def built(root: Path, model: str, output: Path) -> str:
    """The digest of the image that is built in `root`."""
    words = [f"model_images/samples/{model}", "--accelerator", ACCELERATORS[model], "--output", output, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "model_images", "build", *words],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["digest"])


@pytest.mark.slow
@pytest.mark.parametrize("model", released(ROOT, DEMO))
def test_a_committed_digest_is_that_of_the_image_built_here_or_in_a_copy(model: str, tmp_path: Path) -> None:
    here = built(ROOT, model, tmp_path / "image")
    (tmp_path / "project").mkdir()
    assert built(copy_project(tmp_path / "project").root, model, tmp_path / "another") == here
    for stack in DEMO:
        if model in released(ROOT, [stack]):
            text = stack_file(ROOT, stack).read_text(encoding="utf-8")
            assert here in text, f"{stack_file(Path(), stack)}: make up pins {model} to {here}"
