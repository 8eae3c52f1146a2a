"""The pack in its own process, asked over the engine's protocol: it loads, gets the stack's config, and refuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies.rules import RULES

ROOT = Path(__file__).parents[2]
BUCKET = "aws:s3/bucket:Bucket"


@contextmanager
def pack(root: Path = ROOT, *, dry_run: bool = False, **config: str) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """The pack as a language host starts it: from its own folder, config in its environment."""
    folder = root / "policies"
    variables = {
        "PULUMI_PROJECT": "homeport",
        "PULUMI_STACK": "demo-aws-eu-west-1",
        "PULUMI_CONFIG": json.dumps(config),
    }
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)],
        cwd=folder,
        env={**os.environ, **variables, "PULUMI_DRY_RUN": str(dry_run).lower()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        port = process.stdout and process.stdout.readline().strip()
        if not port:
            raise RuntimeError(process.communicate()[1])
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
    finally:
        process.kill()
        process.communicate()


def analyze(stub: Any, type_token: str, inputs: dict[str, object], region: str = "eu-west-1") -> list[tuple[str, str]]:
    """(policy, last line of the message) of every mandatory violation of one resource."""
    home = json_format.ParseDict({"region": region}, struct_pb2.Struct())
    answer = stub.Analyze(
        analyzer_pb2.AnalyzeRequest(
            type=type_token,
            name="it",
            urn=f"urn:pulumi:demo::homeport::{type_token}::it",
            properties=json_format.ParseDict(inputs, struct_pb2.Struct()),
            provider=analyzer_pb2.AnalyzerProviderResource(type="pulumi:providers:aws", name="home", properties=home),
        )
    )
    mandatory = [found for found in answer.diagnostics if found.enforcementLevel == analyzer_pb2.MANDATORY]
    return [(found.policyName, found.message.splitlines()[-1]) for found in mandatory]


def test_the_pack_loads_with_every_policy_mandatory() -> None:
    with pack() as stub:
        info = stub.GetAnalyzerInfo(empty_pb2.Empty())
    assert info.name == "homeport"
    assert [policy.name for policy in info.policies] == ["residency", *(rule.name for rule in RULES)]
    assert {policy.enforcementLevel for policy in info.policies} == {analyzer_pb2.MANDATORY}


def test_the_jurisdiction_comes_from_the_stacks_config() -> None:
    with pack(**{"homeport:jurisdiction": "eu"}) as stub:
        assert analyze(stub, BUCKET, {}) == []
        ((policy, message),) = analyze(stub, BUCKET, {}, region="us-east-1")
    assert policy == "residency"
    assert message.startswith(f"it ({BUCKET}): provider home: region: got us-east-1 (US); allowed: places of eu:")


def test_the_jurisdiction_comes_from_the_packs_config() -> None:
    properties = json_format.ParseDict({"jurisdiction": "us"}, struct_pb2.Struct())
    config = {"residency": analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.MANDATORY, properties=properties)}
    with pack() as stub:
        stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config))
        assert analyze(stub, BUCKET, {}, region="us-east-1") == []
        assert len(analyze(stub, BUCKET, {})) == 1


def test_a_region_not_known_yet_blocks_a_preview() -> None:
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    with pack(dry_run=True, **{"homeport:jurisdiction": "eu"}) as stub:
        ((policy, message),) = analyze(stub, BUCKET, {"region": unknown, "bucket": unknown})
    assert (policy, "got a value that is not known yet" in message) == ("residency", True)


def test_a_secret_is_never_repeated() -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2 hunter2"}
    with pack(**{"homeport:jurisdiction": "eu"}) as stub:
        ((_, message),) = analyze(stub, BUCKET, {"region": secret})
    assert "hunter2" not in message


def test_an_unreadable_table_of_places_stops_the_pack(tmp_path: Path) -> None:
    for room in ("policies", "components"):
        shutil.copytree(ROOT / room, tmp_path / room)
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/places.yaml").write_text("places: {mars: {}}\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"stacks/places\.yaml: places\.mars: got 'mars'"), pack(tmp_path):
        pass


def test_the_official_engine_finds_the_projects_own_packages() -> None:
    options = yaml.safe_load((ROOT / "policies/PulumiPolicy.yaml").read_text(encoding="utf-8"))
    assert options["runtime"] == {"name": "python", "options": {"virtualenv": "../.venv"}}
    assert options["version"]
