"""What the stand-in cloud says of caches, tables, batch jobs and schedules."""

from __future__ import annotations

from typing import Any

import pytest

from tools.offline.cloud.answers import created
from tools.offline.cloud.aws import KINDS
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.setting import Setting

ACCOUNT = "210987654321"
EU = Setting(account=ACCOUNT, place="eu-west-1", region="eu-west-1")
GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"


def answered(token: str, **inputs: Any) -> tuple[str, dict[str, Any]]:
    urn = f"urn:pulumi:s::homeport::{token}::thing"
    answer = created(Asked(token=token, urn=urn, name="thing", inputs=inputs, setting=EU, serial=0))
    return answer.id, answer.outputs


def test_a_cache_is_written_at_its_primary_address() -> None:
    identifier, outputs = answered(GROUP, replicationGroupId="s-cache", numCacheClusters=2, engineVersion="9.0")
    assert identifier == "s-cache"
    assert outputs["arn"] == f"arn:aws:elasticache:eu-west-1:{ACCOUNT}:replicationgroup:s-cache"
    host = outputs["primaryEndpointAddress"]
    assert host.startswith("master.s-cache.")
    assert host.endswith(".euw1.cache.amazonaws.com")
    assert outputs["memberClusters"] == ["s-cache-001", "s-cache-002"]


@pytest.mark.parametrize(
    ("token", "inputs", "identifier", "arn"),
    [
        ("aws:elasticache/user:User", {"userId": "s-a"}, "s-a", "elasticache:eu-west-1:{}:user:s-a"),
        ("aws:dynamodb/table:Table", {"name": "s-t"}, "s-t", "dynamodb:eu-west-1:{}:table/s-t"),
        ("aws:batch/jobQueue:JobQueue", {"name": "s-q"}, "", "batch:eu-west-1:{}:job-queue/s-q"),
        (
            "aws:scheduler/schedule:Schedule",
            {"name": "s-b"},
            "default/s-b",
            "scheduler:eu-west-1:{}:schedule/default/s-b",
        ),
    ],
)
def test_names_make_the_ids_and_arns_of_the_real_provider(
    token: str, inputs: dict[str, Any], identifier: str, arn: str
) -> None:
    found, outputs = answered(token, **inputs)
    assert outputs["arn"] == f"arn:aws:{arn.format(ACCOUNT)}"
    assert found == (identifier or outputs["arn"])


@pytest.mark.parametrize(
    ("token", "replaces", "updates"),
    [
        (GROUP, "kmsKeyId", "nodeType"),
        (GROUP, "subnetGroupName", "numCacheClusters"),
        ("aws:elasticache/parameterGroup:ParameterGroup", "family", "parameters"),
        ("aws:elasticache/user:User", "userName", "accessString"),
        ("aws:dynamodb/table:Table", "hashKey", "serverSideEncryption"),
        ("aws:batch/computeEnvironment:ComputeEnvironment", "type", "computeResources"),
        ("aws:batch/jobQueue:JobQueue", "name", "computeEnvironmentOrders"),
        ("aws:batch/jobDefinition:JobDefinition", "name", "containerProperties"),
        ("aws:scheduler/schedule:Schedule", "groupName", "scheduleExpression"),
    ],
)
def test_a_change_replaces_what_the_provider_replaces_and_nothing_more(token: str, replaces: str, updates: str) -> None:
    assert replaces in KINDS[token].replaces
    assert updates not in KINDS[token].replaces


def test_a_changed_job_is_another_revision_of_the_same_one() -> None:
    kind = KINDS["aws:batch/jobDefinition:JobDefinition"]
    assert kind.counted == ("revision",)
