"""A model as a function: one alias that callers name, versions by digest, and nothing that Lambda could not do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.aws_policies import Statement
from components.labels import Labels
from components.serverless.aws import AwsFunction
from components.serverless.aws_args import AwsFunctionArgs, Candidate, log_group_name
from components.serverless.aws_network import FunctionNetwork, ReachedGroup, ReachedRange
from tests.recorder import UNKNOWN, Graph, record

STABLE, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/homeport/churn"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/queues"
ARGS = AwsFunctionArgs(
    stack="demo-aws-eu-west-1-models",
    model="churn",
    account="123456789012",
    region="eu-west-1",
    repository=REPOSITORY,
    stable=STABLE,
    memory_gib=2,
    cpu=1,
    warm=2,
    most=10,
    environment={"CACHE_TTL_S": "60"},
    logs_key_arn="arn:aws:kms:eu-west-1:123456789012:key/logs",
    environment_key_arn="arn:aws:kms:eu-west-1:123456789012:key/functions",
    queues_key_arn=KEY,
    permissions_boundary_arn="arn:aws:iam::123456789012:policy/homeport-delivery/demo-eu-workload",
    labels=Labels(environment="demo", stack="demo-aws-eu-west-1-models", jurisdiction="eu"),
)
TRIAL = replace(ARGS, candidate=Candidate(digest=OTHER, weight=10, stable_version="7"))
NETWORK = FunctionNetwork(
    vpc_id="vpc-0123456789abcdef0",
    subnet_ids=("subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"),
    reach={
        "cache": ReachedGroup(security_group="sg-0cccccccccccccccc", port=6379),
        "aws": ReachedRange(cidr="0.0.0.0/0"),
    },
)


RECORDED: dict[str, Graph] = {}


def graph(args: AwsFunctionArgs = ARGS, preview: bool = False) -> Graph:
    known = f"{preview} {args}"
    if known not in RECORDED:
        RECORDED[known] = recorded(args, preview)
    return RECORDED[known]


def recorded(args: AwsFunctionArgs, preview: bool) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsFunction("churn", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("target", made.outputs.target)
        pulumi.export("versions", dict(made.outputs.versions))

    return record(program, preview=preview)


def rights(args: AwsFunctionArgs = ARGS) -> dict[str, dict[str, Any]]:
    return {s["Sid"]: s for s in json.loads(graph(args).one("RolePolicy")["policy"])["Statement"]}


def test_the_image_is_named_by_digest_and_each_change_publishes_a_version() -> None:
    function = graph().one("Function")
    assert function["imageUri"] == f"{REPOSITORY}@{STABLE}"
    assert (function["packageType"], function["publish"], function["architectures"]) == ("Image", True, ["x86_64"])


def test_callers_name_the_alias_and_it_leads_to_the_version_just_published() -> None:
    made = graph()
    alias = made.one("Alias")
    assert (alias["name"], alias["functionVersion"]) == ("live", made.one("Function").outputs["version"])
    assert made.outputs["target"] == alias.outputs["arn"]
    assert alias.outputs["arn"].endswith(":function:demo-aws-eu-west-1-models-churn:live")
    assert "routingConfig" not in alias.inputs


def test_on_trial_the_function_is_the_candidate_and_the_alias_stays_with_the_known_stable_version() -> None:
    made = graph(TRIAL)
    alias, published = made.one("Alias"), made.one("Function").outputs["version"]
    assert made.one("Function")["imageUri"] == f"{REPOSITORY}@{OTHER}"
    assert alias["functionVersion"] == "7"
    assert alias["routingConfig"] == {"additionalVersionWeights": {published: 0.1}}
    assert made.outputs["versions"] == {STABLE: "7", OTHER: published}


def test_in_a_preview_the_share_waits_for_the_version_that_only_lambda_can_tell() -> None:
    assert graph(TRIAL, preview=True).one("Alias")["routingConfig"]["additionalVersionWeights"] == UNKNOWN
    assert {r.name for r in graph(TRIAL, preview=True).resources} == {r.name for r in graph(TRIAL).resources}


def test_what_is_warm_belongs_to_a_version_and_never_to_the_divided_alias() -> None:
    warm = {
        w["qualifier"]: w["provisionedConcurrentExecutions"] for w in graph(TRIAL).all("ProvisionedConcurrencyConfig")
    }
    assert warm == {"7": 2, graph(TRIAL).one("Function").outputs["version"]: 1}


def test_a_candidate_that_becomes_stable_keeps_what_is_warm_of_it() -> None:
    promoted = replace(ARGS, stable=OTHER)
    names = {w.name for w in graph(TRIAL).all("ProvisionedConcurrencyConfig")}
    assert graph(promoted).one("ProvisionedConcurrencyConfig").name in names


def test_calls_come_only_when_environments_are_warm() -> None:
    made = graph()
    assert made.one("ProvisionedConcurrencyConfig").urn in made.one("Alias").dependencies


def test_warm_environments_follow_the_calls_up_to_what_the_candidate_leaves() -> None:
    target = graph(TRIAL).one("Target")
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 9)
    assert target["resourceId"] == "function:demo-aws-eu-west-1-models-churn:7"
    config = next(w for w in graph(TRIAL).all("ProvisionedConcurrencyConfig") if w["qualifier"] == "7")
    assert config.options["ignore_changes"] == ["provisionedConcurrentExecutions"]


def test_nothing_is_kept_warm_unless_asked() -> None:
    cold = graph(replace(ARGS, warm=0))
    assert (cold.all("ProvisionedConcurrencyConfig"), cold.all("Target")) == ((), ())


def test_no_more_than_most_run_and_memory_is_in_lambdas_unit() -> None:
    function = graph().one("Function")
    assert (function["reservedConcurrentExecutions"], function["memorySize"], function["timeout"]) == (10, 2048, 29)


def test_the_server_inside_knows_lambdas_limits() -> None:
    variables = graph().one("Function")["environment"]["variables"]
    assert variables == {"BODY_LIMIT_BYTES": "6291456", "CACHE_TTL_S": "60", "REQUEST_TIMEOUT_S": "29"}


def test_lines_are_json_in_an_encrypted_group_with_an_end() -> None:
    made = graph()
    group = made.one("LogGroup")
    assert group["name"] == log_group_name(ARGS.stack, "churn") == "/aws/lambda/demo-aws-eu-west-1-models-churn"
    assert (group["kmsKeyId"], group["retentionInDays"]) == (ARGS.logs_key_arn, 30)
    assert made.one("Function")["loggingConfig"] == {"logFormat": "JSON", "logGroup": group["name"]}


def test_calls_that_nobody_waited_for_end_in_an_encrypted_queue() -> None:
    made = graph()
    queue, calls = made.one("Queue"), made.one("FunctionEventInvokeConfig")
    assert calls["destinationConfig"] == {"onFailure": {"destination": queue.outputs["arn"]}}
    assert (calls["qualifier"], calls["maximumRetryAttempts"]) == ("live", 2)
    assert (queue["kmsMasterKeyId"], queue["messageRetentionSeconds"]) == (KEY, 14 * 86400)
    refusal = json.loads(made.one("QueuePolicy")["policy"])["Statement"][0]
    assert (refusal["Effect"], refusal["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_role_may_write_its_own_lines_and_dead_letters_and_no_more() -> None:
    found = rights()
    assert set(found) == {"Lines", "Traces", "SendDeadLetters", "SealDeadLetters"}
    assert found["Lines"]["Resource"] == [
        "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/demo-aws-eu-west-1-models-churn:*"
    ]
    assert found["SendDeadLetters"]["Resource"] == [graph().one("Queue").outputs["arn"]]
    # To put into an encrypted queue is to open its data key too ("Key management" in the SQS developer guide).
    assert found["SealDeadLetters"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert found["SealDeadLetters"]["Resource"] == [KEY]
    assert "vpcConfig" not in graph().one("Function").inputs


def test_what_the_models_parts_need_is_added() -> None:
    table = "arn:aws:dynamodb:eu-west-1:123456789012:table/demo-aws-eu-west-1-customers"
    look_up = Statement(sid="LookUp", actions=("dynamodb:GetItem",), resources=(table,))
    assert rights(replace(ARGS, statements=(look_up,)))["LookUp"]["Resource"] == [table]


def test_in_a_vpc_it_reaches_what_it_calls_and_its_group_can_go_at_once() -> None:
    made = graph(replace(ARGS, network=NETWORK))
    function, group = made.one("Function"), made.one("SecurityGroup")
    assert function["vpcConfig"]["subnetIds"] == ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]
    assert function["vpcConfig"]["securityGroupIds"] == [group.id]
    assert function["replaceSecurityGroupsOnDestroy"] is True
    ways = {
        (w.inputs.get("referencedSecurityGroupId"), w.inputs.get("cidrIpv4"), w["fromPort"])
        for w in made.all("SecurityGroupEgressRule")
    }
    assert ways == {("sg-0cccccccccccccccc", None, 6379), (None, "0.0.0.0/0", 443)}
    door = made.one("SecurityGroupIngressRule")
    assert (door["securityGroupId"], door["referencedSecurityGroupId"]) == ("sg-0cccccccccccccccc", group.id)
    assert {"Interfaces", "SeeInterfaces"} <= set(rights(replace(ARGS, network=NETWORK)))


def test_protected_data_stays() -> None:
    kept = graph(replace(ARGS, protect=True))
    held = [kept.one("Queue"), kept.one("QueuePolicy"), kept.one("LogGroup")]
    assert [bool(thing.options.get("protect")) for thing in held] == [True, True, True]
    assert kept.one("LogGroup")["deletionProtectionEnabled"] is True
    assert [thing.name for thing in graph().resources if thing.options.get("protect")] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stable": "churn:latest"}, "stable: got 'churn:latest'"),
        ({"accelerator": "l4"}, "accelerator: got 'l4'; allowed: none"),
        ({"memory_gib": 10.1}, "memory_gib: got 10.1; allowed on Lambda: 0.125 to 10"),
        ({"memory_gib": 0.1, "cpu": 0.05}, "memory_gib: got 0.1"),
        ({"cpu": 2}, "cpu: got 2 with 2 GiB; allowed: at most 1.2, since CPU comes with memory: ask for 3.5 GiB"),
        ({"cpu": 8}, "serve it on kubernetes or sagemaker"),
        ({"timeout_s": 30}, "timeout_s: got 30; allowed behind an API: 1 to 29.* mode async"),
        ({"timeout_s": 901, "behind_api": False}, "timeout_s: got 901; allowed on Lambda: 1 to 900"),
        ({"body_limit_bytes": 6_291_457}, "body_limit_bytes: got 6291457"),
        ({"scratch_mib": 511}, "scratch_mib: got 511"),
        ({"warm": 11}, "warm: got 11, most 10"),
        ({"most": 0, "warm": 0}, "warm: got 0, most 0"),
        ({"warm": 10, "candidate": TRIAL.candidate}, "warm: got 10 and 1 of the candidate, most 10"),
        ({"environment": {"AWS_REGION": "x"}}, "environment: got"),
        ({"environment": {"REQUEST_TIMEOUT_S": "5"}}, "environment: got"),
        ({"stable": OTHER, "candidate": TRIAL.candidate}, "candidate: got .* the stable image"),
    ],
)
def test_what_lambda_cannot_do_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ARGS, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stable_version": ""}, "Release the stable image alone first"),
        ({"stable_version": "$LATEST"}, "stable_version: got"),
        ({"weight": 101}, "candidate weight: got 101"),
        ({"digest": "b"}, "candidate: got 'b'"),
    ],
)
def test_a_candidate_without_a_known_stable_version_is_refused(change: dict[str, Any], message: str) -> None:
    assert TRIAL.candidate is not None
    with pytest.raises(ValueError, match=message):
        replace(TRIAL.candidate, **change)


def test_a_network_of_one_zone_or_with_nothing_to_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="subnet_ids"):
        replace(NETWORK, subnet_ids=("subnet-1",))
    with pytest.raises(ValueError, match="reach"):
        replace(NETWORK, reach={})


def test_another_weight_changes_the_alias_and_nothing_that_answers() -> None:
    """Within one share of warm environments; beyond it, how many of each are warm changes too."""
    heavier = replace(TRIAL, candidate=Candidate(digest=OTHER, weight=40, stable_version="7"))
    found = {one.urn: one.inputs for one in graph(heavier).resources}
    assert [one.name for one in graph(TRIAL).resources if found[one.urn] != one.inputs] == ["churn-live"]
