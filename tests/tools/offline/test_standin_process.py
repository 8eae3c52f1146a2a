"""The stand-in provider as the engine meets it: a process that speaks the provider protocol."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from tools.offline.protocol import messages
from tools.offline.protocol.values import UNKNOWN, from_struct, to_struct

ROOT = Path(__file__).parents[3]
ROLE = "aws:iam/role:Role"
VPC = "aws:ec2/vpc:Vpc"
PROVIDER = {"region": "eu-west-1", "allowedAccountIds": '["123456789012"]'}


def environment(folder: Path, **more: str) -> dict[str, str]:
    home = folder / ".homeport" / "test"
    offline = {
        "HOMEPORT_OFFLINE": "1",
        "PULUMI_BACKEND_URL": f"file://{home}/state",
        "HOMEPORT_CLOUD": str(home / "cloud.sqlite"),
    }
    return {**os.environ, **offline, **more}


@dataclass
class Engine:
    """The few calls that a test makes, with plain values."""

    process: subprocess.Popen[str]
    stub: Any

    def check(self, token: str, logical: str = "thing", /, **news: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        request = messages.provider.CheckRequest(urn=urn(token, logical), news=to_struct(news), randomSeed=b"seed")
        answer = self.stub.Check(request)
        return from_struct(answer.inputs), [(failure.property, failure.reason) for failure in answer.failures]

    def create(self, token: str, logical: str = "thing", /, *, preview: bool = False, **news: Any) -> tuple[str, Any]:
        request = messages.provider.CreateRequest(urn=urn(token, logical), properties=to_struct(news), preview=preview)
        answer = self.stub.Create(request)
        return answer.id, from_struct(answer.properties)

    def read(self, token: str, identifier: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        answer = self.stub.Read(messages.provider.ReadRequest(urn=urn(token, "thing"), id=identifier))
        return answer.id, from_struct(answer.inputs), from_struct(answer.properties)


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:s::homeport::homeport:x:Parent${token}::{name}"


@contextmanager
def started(package: str, variables: dict[str, str]) -> Iterator[Engine]:
    command = [sys.executable, "-m", "tools.offline.standin", package]
    with subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        try:
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub = messages.service.ResourceProviderStub(channel)
                stub.Configure(messages.provider.ConfigureRequest(args=to_struct(PROVIDER)))
                yield Engine(process, stub)
        finally:
            process.terminate()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with started("aws", environment(tmp_path)) as found:
        yield found


def test_a_wrong_key_is_a_check_failure_that_names_the_property(engine: Engine) -> None:
    _, failures = engine.check("aws:ec2/securityGroup:SecurityGroup", ingress=[{"protocl": "tcp"}])
    assert ("ingress[0].protocl", 'unknown key; did you mean "protocol"?') in failures


def test_a_name_is_made_up_and_marked_as_the_bridge_does(engine: Engine) -> None:
    inputs, failures = engine.check(ROLE, "reader", assumeRolePolicy="{}")
    assert failures == []
    assert inputs["name"].startswith("reader-")
    assert inputs["__defaults"] == ["name"]


def test_a_preview_makes_nothing(engine: Engine) -> None:
    identifier, outputs = engine.create(VPC, preview=True, cidrBlock="10.0.0.0/16")
    assert (identifier, outputs["arn"]) == ("", UNKNOWN)
    identifier, _ = engine.create(VPC, cidrBlock="10.0.0.0/16")
    assert engine.read(VPC, identifier)[0] == identifier


def test_import_reads_inputs_by_the_id_alone(engine: Engine) -> None:
    engine.create(ROLE, name="reader", assumeRolePolicy="{}")
    identifier, inputs, outputs = engine.read(ROLE, "reader")
    assert (identifier, inputs) == ("reader", {"name": "reader", "assumeRolePolicy": "{}", "__defaults": []})
    assert outputs["arn"] == "arn:aws:iam::123456789012:role/reader"


def test_reading_what_is_not_there_says_that_it_is_gone(engine: Engine) -> None:
    assert engine.read(ROLE, "nobody") == ("", {}, {})


def test_a_name_that_is_taken_is_refused_as_the_cloud_does(engine: Engine) -> None:
    engine.create(ROLE, name="reader", assumeRolePolicy="{}")
    with pytest.raises(grpc.RpcError, match="EntityAlreadyExists: Role with name reader"):
        engine.create(ROLE, "second", name="reader", assumeRolePolicy="{}")


def test_an_update_changes_and_a_delete_takes_away(engine: Engine) -> None:
    identifier, outputs = engine.create(VPC, cidrBlock="10.0.0.0/16")
    news = to_struct({"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    where = {"urn": urn(VPC, "thing"), "id": identifier}
    changed = engine.stub.Update(messages.provider.UpdateRequest(**where, olds=to_struct(outputs), news=news))
    assert from_struct(changed.properties)["tags"] == {"a": "b"}
    assert engine.read(VPC, identifier)[1]["tags"] == {"a": "b"}
    for _ in range(2):
        engine.stub.Delete(messages.provider.DeleteRequest(**where, properties=to_struct(outputs)))
    assert engine.read(VPC, identifier)[0] == ""


def test_a_certificate_is_validated_by_the_record_that_stands_and_no_other(engine: Engine) -> None:
    arn, outputs = engine.create("aws:acm/certificate:Certificate", domainName="*.eu.example.com")
    validation = "aws:acm/certificateValidation:CertificateValidation"
    with pytest.raises(grpc.RpcError, match=r"PENDING_VALIDATION.*is it up"):
        engine.create(validation, certificateArn=arn)
    (option,) = outputs["domainValidationOptions"]
    record = {"name": option["resourceRecordName"], "records": [option["resourceRecordValue"]], "type": "CNAME"}
    engine.create("aws:route53/record:Record", zoneId="Z1", ttl=60, **record)
    assert engine.create(validation, certificateArn=arn)[0]


def test_a_zone_is_found_when_it_stands_and_refused_before(engine: Engine) -> None:
    def zone() -> Any:
        arguments = to_struct({"name": "demo.example.com"})
        request = messages.provider.InvokeRequest(tok="aws:route53/getZone:getZone", args=arguments)
        return from_struct(getattr(engine.stub.Invoke(request), "return"))

    with pytest.raises(grpc.RpcError, match="is the account stack up"):
        zone()
    identifier, _ = engine.create("aws:route53/zone:Zone", name="demo.example.com")
    assert zone()["zoneId"] == identifier


def test_a_lookup_that_is_not_known_is_refused_with_the_place_to_add_it(engine: Engine) -> None:
    with pytest.raises(grpc.RpcError, match="add a row to"):
        engine.stub.Invoke(messages.provider.InvokeRequest(tok="aws:ec2/getAmi:getAmi"))


def test_two_processes_share_one_cloud(tmp_path: Path, engine: Engine) -> None:
    engine.create(ROLE, name="reader", assumeRolePolicy="{}")
    with started("aws", environment(tmp_path)) as second:
        assert second.read(ROLE, "reader")[0] == "reader"


@pytest.mark.parametrize("action", ["fail", "quota"])
def test_a_refusal_on_demand_happens_before_anything_exists(tmp_path: Path, action: str) -> None:
    with started("aws", environment(tmp_path, HOMEPORT_FAULTS=fault(tmp_path, action))) as engine:
        with pytest.raises(grpc.RpcError, match="create aws:iam/role:Role thing: "):
            engine.create(ROLE, name="reader", assumeRolePolicy="{}")
        assert engine.read(ROLE, "reader")[0] == ""


def test_a_process_that_dies_on_demand_leaves_the_thing_behind(tmp_path: Path) -> None:
    with started("aws", environment(tmp_path, HOMEPORT_FAULTS=fault(tmp_path, "die"))) as engine:
        with pytest.raises(grpc.RpcError):
            engine.create(ROLE, name="reader", assumeRolePolicy="{}")
        assert engine.process.wait(timeout=10) == 1
    with started("aws", environment(tmp_path)) as engine:
        assert engine.read(ROLE, "reader")[0] == "reader"


def test_a_hanging_operation_ends_when_the_engine_cancels(tmp_path: Path) -> None:
    with started("aws", environment(tmp_path, HOMEPORT_FAULTS=fault(tmp_path, "hang"))) as engine:
        request = messages.provider.CreateRequest(urn=urn(ROLE, "thing"), properties=to_struct({"name": "reader"}))
        waiting = engine.stub.Create.future(request)
        while engine.read(ROLE, "reader")[0] == "":
            time.sleep(0.05)
        assert not waiting.done()
        engine.stub.Cancel(messages.empty())
        with pytest.raises(grpc.RpcError, match="cancelled"):
            waiting.result(timeout=10)


def test_a_throttled_call_is_tried_again_and_nobody_is_told(tmp_path: Path) -> None:
    with started("aws", environment(tmp_path, HOMEPORT_FAULTS=fault(tmp_path, "throttle", times=3))) as engine:
        identifier, _ = engine.create(ROLE, name="reader", assumeRolePolicy="{}")
        assert engine.read(ROLE, identifier)[0] == "reader"


def test_a_call_that_is_throttled_for_good_is_told_with_the_number_of_tries(tmp_path: Path) -> None:
    with started("aws", environment(tmp_path, HOMEPORT_FAULTS=fault(tmp_path, "throttle"))) as engine:
        with pytest.raises(grpc.RpcError, match=r"number of attempts, 25, ThrottlingException: Rate exceeded"):
            engine.create(ROLE, name="reader", assumeRolePolicy="{}")
        assert engine.read(ROLE, "reader")[0] == ""


def fault(folder: Path, action: str, **more: int) -> str:
    file = folder / "faults.yaml"
    file.write_text(json.dumps([{"type": ROLE, "operation": "create", "do": action, **more}]))
    return str(file)


def test_it_ends_soon_after_the_process_that_started_it_was_killed(tmp_path: Path) -> None:
    program = (
        "import subprocess, sys, time; "
        "subprocess.Popen([sys.executable, '-m', 'tools.offline.standin', 'aws']); time.sleep(60)"
    )
    command = [sys.executable, "-c", program]
    variables = environment(tmp_path)
    with subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().strip().isdigit()
        parent.send_signal(signal.SIGKILL)
        assert parent.stdout.read() == ""  # the stand-in held the pipe too: this returns when it has ended


def test_it_refuses_to_start_outside_an_offline_environment(tmp_path: Path) -> None:
    variables = environment(tmp_path, PULUMI_BACKEND_URL="s3://real-state")
    command = [sys.executable, "-m", "tools.offline.standin", "aws"]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "refuse to start: PULUMI_BACKEND_URL is s3://real-state" in done.stderr
    assert not (tmp_path / ".homeport").exists()
