"""What is asked of SageMaker, and what a person is told who has not got its package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from model_images.__main__ import main
from model_images.registry.errors import InputError
from model_images.registry.reference import parse_reference
from model_images.registry.sagemaker_sdk import Package, package_request

ROOT = Path(__file__).parents[3]
DIGEST = "sha256:" + "0" * 64
IMAGE = f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/models/fraud@{DIGEST}"


def asked(image: str, **changes: Any) -> dict[str, Any]:
    """Our part of the request; the SDK's function only renames it."""
    package = Package(image=parse_reference(image), group="fraud", region="eu-central-1", **changes)
    return package_request(package, dict)


def test_a_package_names_the_image_by_digest_and_waits_for_approval() -> None:
    request = asked(IMAGE, commit="5bf72ed")
    assert request["containers"] == [{"Image": IMAGE}]
    assert request["approval_status"] == "PendingManualApproval"
    assert request["metadata_properties"] == {"CommitId": "5bf72ed"}
    assert request["customer_metadata_properties"] == {"image_digest": DIGEST}


def test_an_image_by_tag_is_refused() -> None:
    with pytest.raises(InputError, match="allowed: by digest"):
        asked(IMAGE.split("@")[0] + ":1.2")


@pytest.mark.parametrize("host", ["123456789012.dkr.ecr.us-east-1.amazonaws.com", "127.0.0.1:5000"])
def test_an_image_outside_the_packages_region_is_refused(host: str) -> None:
    with pytest.raises(InputError, match="allowed: the ECR registry of region eu-central-1"):
        asked(f"{host}/models/fraud@{DIGEST}")


def test_without_the_package_the_next_step_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sagemaker", "bases", "--framework", "sklearn", "--region", "eu-central-1"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("the sagemaker package is not in this environment; next: `uv venv .venv-sagemaker`")
    assert len(said.splitlines()) == 1


def test_the_command_needs_the_standard_library_alone() -> None:
    code = "import sys; from model_images.__main__ import main; main(['sagemaker', '--help'])"
    done = subprocess.run([sys.executable, "-S", "-E", "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
