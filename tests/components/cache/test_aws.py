"""The cache: several zones, TLS, one key, and a user a model who has no password."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.cache.aws import ENGINE_VERSION, FAMILY, AwsCache, AwsCacheArgs
from components.cache.aws_users import access, cache_name, cache_user, connect_statement
from model_images.serve import cache as server
from tests.recorder import Graph, record

STACK = "demo-aws-eu-west-1"
ARGS = AwsCacheArgs(
    stack=STACK,
    models=("fraud", "churn"),
    vpc_id="vpc-1",
    subnet_ids={"eu-west-1b": "subnet-b", "eu-west-1a": "subnet-a"},
    clients={"cluster": "sg-cluster"},
    key_arn="arn:aws:kms:eu-west-1:123456789012:key/cache",
)


@cache
def graph(*, preview: bool = False) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsCache("cache", ARGS, pulumi.ResourceOptions(provider=provider)).outputs
        outputs = {"name": made.name, "host": made.host, "port": made.port, "group": made.security_group_id}
        for name, value in outputs.items():
            pulumi.export(name, value)

    return record(program, preview=preview)


def group() -> Any:
    return graph().one("ReplicationGroup")


def test_a_lost_node_is_replaced_from_another_zone() -> None:
    assert (group()["numCacheClusters"], group()["automaticFailoverEnabled"], group()["multiAzEnabled"]) == (
        2,
        True,
        True,
    )
    assert graph().one("SubnetGroup")["subnetIds"] == ["subnet-a", "subnet-b"]


def test_everything_is_sealed_on_the_way_and_at_rest() -> None:
    way = (group()["transitEncryptionEnabled"], group()["transitEncryptionMode"])
    assert way == (True, "required")
    assert (str(group()["atRestEncryptionEnabled"]).lower(), group()["kmsKeyId"]) == ("true", ARGS.key_arn)


def test_no_answer_outlives_the_cache() -> None:
    assert group()["snapshotRetentionLimit"] == 0
    assert "finalSnapshotIdentifier" not in group().inputs
    assert "logDeliveryConfigurations" not in group().inputs


def test_when_it_is_full_old_answers_go() -> None:
    settings = graph().one("ParameterGroup")
    assert settings["parameters"] == [{"name": "maxmemory-policy", "value": "allkeys-lru"}]
    assert settings["family"] == f"valkey{ENGINE_VERSION.split('.')[0]}" == FAMILY
    assert settings["name"].endswith(FAMILY)  # another family's group must stand beside it


def test_aws_does_not_raise_the_version_by_itself() -> None:
    assert str(group()["autoMinorVersionUpgrade"]).lower() == "false"


def test_each_model_has_a_user_who_logs_in_by_iam_and_no_other_is_there() -> None:
    users = {user["userId"]: user for user in graph().all("User")}
    assert set(users) == {f"{STACK}-churn", f"{STACK}-fraud"}
    assert {user["userName"] for user in users.values()} == set(users)
    assert [user["authenticationMode"] for user in users.values()] == [{"type": "iam"}] * 2
    assert [user for user in users.values() if "passwords" in user.inputs] == []
    assert set(graph().one("UserGroup")["userIds"]) == set(users)
    assert group()["userGroupIds"] == [graph().one("UserGroup")["userGroupId"]]
    assert "authToken" not in group().inputs


def test_a_user_reaches_the_servers_keys_and_commands_only() -> None:
    for user in graph().all("User"):
        words = user["accessString"].split()
        model = user["userName"].removeprefix(f"{STACK}-")
        assert words[:4] == ["on", f"~prediction:{model}:*", "resetchannels", "-@all"]
        assert [word for word in words[4:] if not word.startswith("+") or word.startswith("+@")] == []


def test_what_the_server_calls_is_what_a_user_may() -> None:
    source = Path(server.__file__).read_text(encoding="utf-8")
    called = set(re.findall(r"(?:_client|pipeline)\.(get|mget|set|\w*exists|delete|expire|\w*scan|ping)\(", source))
    assert called
    assert called <= {word.removeprefix("+") for word in access("churn").split()}
    [begin] = re.findall(r'f"(\w+):\{name\}:"', source)
    assert f"~{begin}:churn:*" in access("churn").split()


def test_only_wearers_of_named_groups_come_in_and_at_one_port() -> None:
    [rule] = graph().all("SecurityGroupIngressRule")
    assert (rule["referencedSecurityGroupId"], rule["ipProtocol"], rule["fromPort"], rule["toPort"]) == (
        "sg-cluster",
        "tcp",
        6379,
        6379,
    )
    assert "ingress" not in graph().one("SecurityGroup").inputs
    assert "egress" not in graph().one("SecurityGroup").inputs
    assert group()["securityGroupIds"] == [graph().outputs["group"]]


def test_it_is_found_by_its_primary_address() -> None:
    outputs = group().outputs
    assert graph().outputs["host"] == outputs["primaryEndpointAddress"]
    assert (graph().outputs["name"], graph().outputs["port"]) == (cache_name(STACK), 6379)


def test_a_model_may_log_in_as_itself_to_its_own_cache() -> None:
    statement = connect_statement(stack=STACK, model="fraud", region="eu-west-1", account="123456789012")
    arns = "arn:aws:elasticache:eu-west-1:123456789012:"
    assert statement.actions == ("elasticache:Connect",)
    assert statement.resources == (f"{arns}replicationgroup:{STACK}-cache", f"{arns}user:{STACK}-fraud")


def test_names_that_would_be_too_long_still_differ() -> None:
    long = "production-aws-ap-southeast-1"
    names = {cache_user(long, f"recommendations-{number}") for number in range(3)}
    assert len(names) == 3
    assert {len(name) <= 40 for name in names} == {True}
    assert cache_user(long, "a" * 40) != cache_user(long, "a" * 41)


def test_a_preview_tells_what_will_stand() -> None:
    assert graph(preview=True).one("ReplicationGroup")["replicationGroupId"] == f"{STACK}-cache"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"models": ()}, "models: got"),
        ({"models": ("fraud", "fraud")}, "models: got"),
        ({"subnet_ids": {"eu-west-1a": "subnet-a"}}, "two zones or more"),
        ({"replicas": 0}, "replicas: got 0; allowed: 1 to 5"),
        ({"replicas": 6}, "replicas: got 6"),
        ({"node_type": "t4g.small"}, "node_type: got 't4g.small'"),
    ],
)
def test_what_would_not_survive_a_zone_or_not_start_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ARGS, **change)
