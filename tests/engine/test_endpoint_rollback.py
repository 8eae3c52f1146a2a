"""An endpoint whose update SageMaker took back, in the real engine: noticed, nothing lost, and tried again.

One story: each test goes on where the one before it ended, so they run together or not at all.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.engine.project_copy import ROOT
from tests.tools.offline.small_project import STACK, SmallProject, small_project

NAME = f"{STACK}-models-fraud"
PROGRAM = f"""
import sys
sys.path.insert(0, {json.dumps(str(ROOT))})
import pulumi
import pulumi_aws as aws
from components.endpoint.aws import AwsEndpoint
from components.endpoint.aws_args import AwsEndpointArgs, EndpointRelease
from components.endpoint.aws_network import EndpointNetwork
from components.endpoint.machines import Size
from components.endpoint.scale import EndpointScale
from components.endpoint.types import EndpointMode
from components.labels import Labels

provider = aws.Provider("aws", region="eu-west-1", allowed_account_ids=["123456789012"])
image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/homeport/fraud@sha256:" + pulumi.Config().require("digit") * 64
args = AwsEndpointArgs(
    stack="{STACK}-models", model="fraud", account="123456789012", region="eu-west-1", mode=EndpointMode.REALTIME,
    repository="homeport/fraud", stable=EndpointRelease(image=image), size=Size(cpu=2, memory_gib=3),
    scale=EndpointScale(fewest=2, most=4, targets={{"cpu_utilization": 70}}),
    network=EndpointNetwork(vpc_id="vpc-0123456789abcdef0", subnet_ids=("subnet-0123456789abcdef0",), reach={{}}),
    rollback_alarms=("fraud-errors",), permissions_boundary_arn="arn:aws:iam::123456789012:policy/boundary",
    logs_key_arn="arn:aws:kms:eu-west-1:123456789012:key/logs",
    labels=Labels(environment="demo", stack="{STACK}-models", jurisdiction="eu"),
)
AwsEndpoint("fraud-endpoint", args, pulumi.ResourceOptions(provider=provider))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    return small_project(tmp_path_factory.mktemp("rollback"), program=PROGRAM)


def up(project: SmallProject, digit: str, *, rolled_back: bool = False) -> str:
    """Releases the image of this digit."""
    config = {"homeport:jurisdiction": "eu", "homeport:digit": digit}
    project.write(f"stacks/config/Pulumi.{STACK}.yaml", json.dumps({"config": config}))
    project.variables.pop("HOMEPORT_FAULTS", None)
    if rolled_back:
        fault = {"type": "aws:sagemaker/endpoint:Endpoint", "operation": "update", "do": "rollback"}
        project.write("faults.yaml", json.dumps([fault]))
        project.variables["HOMEPORT_FAULTS"] = str(project.root / "faults.yaml")
    return project.pulumi("up", "--yes", "--skip-preview", "-s", STACK, fails=rolled_back)


def things(project: SmallProject, kind: str) -> dict[str, dict[str, Any]]:
    """Outputs by id, of what the cloud has of this kind."""
    store = Path(project.variables["HOMEPORT_CLOUD"])
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as opened:
        rows = opened.execute("SELECT id, outputs FROM things WHERE token LIKE ?", (f"%:{kind}",)).fetchall()
    return {identifier: json.loads(outputs) for identifier, outputs in rows}


def serving(project: SmallProject) -> str:
    """The configuration that the endpoint has in the cloud."""
    return str(things(project, "Endpoint")[NAME]["endpointConfigName"])


def test_the_first_release_serves(project: SmallProject) -> None:
    up(project, "a")
    assert [serving(project)] == list(things(project, "EndpointConfiguration"))


def test_an_update_that_was_taken_back_fails_says_so_and_deletes_nothing(project: SmallProject) -> None:
    before = serving(project)
    said = up(project, "b", rolled_back=True)
    assert f"endpoint {NAME} was rolled back by SageMaker: it serves {before} as before" in " ".join(said.split())
    assert "one of these alarms fired meanwhile (fraud-errors)" in " ".join(said.split())
    assert serving(project) == before
    assert before in things(project, "EndpointConfiguration")
    assert len(things(project, "Model")) == 2


def test_while_it_is_taken_back_again_it_is_told_again_and_what_serves_stays(project: SmallProject) -> None:
    before = serving(project)
    assert "was rolled back by SageMaker" in up(project, "b", rolled_back=True)
    assert serving(project) == before
    assert before in things(project, "EndpointConfiguration")


def test_the_same_up_tries_again_and_then_the_old_release_goes(project: SmallProject) -> None:
    before = serving(project)
    up(project, "b")
    assert serving(project) != before
    assert list(things(project, "EndpointConfiguration")) == [serving(project)]
    assert len(things(project, "Model")) == 1


def test_going_back_to_the_earlier_release_is_a_release_as_any_other(project: SmallProject) -> None:
    taken = serving(project)
    up(project, "c", rolled_back=True)
    assert serving(project) == taken
    up(project, "b")
    assert list(things(project, "EndpointConfiguration")) == [serving(project)]
    (model,) = things(project, "Model").values()
    assert model["primaryContainer"]["image"].endswith("b" * 64)


def test_scaling_goes_before_the_endpoint_and_nothing_stays(project: SmallProject) -> None:
    project.pulumi("destroy", "--yes", "--skip-preview", "-s", STACK)
    assert [things(project, kind) for kind in ("Endpoint", "EndpointConfiguration", "Model", "Target")] == [{}] * 4
