"""A model over files: its image by digest, its folders only, tried again when a machine was taken away."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.aws_policies import Statement
from components.batch.aws_documents import fargate_size
from components.batch.aws_job import AwsBatchJob, AwsBatchJobArgs
from components.labels import Labels
from tests.recorder import Graph, record

MODELS = "demo-aws-eu-west-1-models"
ACCOUNT = "123456789012"
REPOSITORY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/homeport/fraud"
QUEUE = f"arn:aws:batch:eu-west-1:{ACCOUNT}:job-queue/demo-aws-eu-west-1-cpu-spot"
BUCKET = f"demo-aws-eu-west-1-{ACCOUNT}-predictions"
KEYS = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key"
LOOK_UP = Statement(sid="LookUp", actions=("dynamodb:GetItem",), resources=("arn:aws:dynamodb:::table/t",))
ARGS = AwsBatchJobArgs(
    stack=MODELS,
    model="fraud",
    account=ACCOUNT,
    region="eu-west-1",
    repository=REPOSITORY,
    digest="sha256:" + "a" * 64,
    queue_arn=QUEUE,
    bucket=BUCKET,
    bucket_key_arn=f"{KEYS}/predictions",
    dead_letters_key_arn=f"{KEYS}/queues",
    log_group="/homeport/demo-aws-eu-west-1/batch",
    permissions_boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/homeport-delivery/demo-eu-workload",
    cpu=1,
    memory_gib=3,
    schedule="0 7 * * 1-5",
    timezone="Europe/Berlin",
    statements=(LOOK_UP,),
    labels=Labels(environment="demo", stack=MODELS, jurisdiction="eu"),
)


@cache
def graph(*, gpus: int = 0, preview: bool = False) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        args = replace(ARGS, accelerators=gpus, environment={"FEATURES_TABLE": "t"})
        AwsBatchJob("fraud-batch", args, pulumi.ResourceOptions(provider=provider))

    return record(program, preview=preview)


def properties(gpus: int = 0) -> dict[str, Any]:
    return json.loads(graph(gpus=gpus).one("JobDefinition")["containerProperties"])


def rights(role: str) -> dict[str, dict[str, Any]]:
    policy = graph().one("RolePolicy", f"fraud-batch-{role}-policy")["policy"]
    return {s["Sid"]: s for s in json.loads(policy)["Statement"]}


def test_the_image_that_answers_calls_runs_over_the_models_own_files() -> None:
    assert properties()["image"] == f"{REPOSITORY}@{ARGS.digest}"
    files = f"s3://{BUCKET}/batch/fraud"
    assert properties()["command"] == ["batch", "--input", f"{files}/input/", "--output", f"{files}/output/"]
    told = {one["name"]: one["value"] for one in properties()["environment"]}
    assert told == {"AWS_REGION": "eu-west-1", "FEATURES_TABLE": "t"}


def test_without_an_accelerator_it_runs_on_fargate_without_a_public_address() -> None:
    assert graph().one("JobDefinition")["platformCapabilities"] == ["FARGATE"]
    assert properties()["networkConfiguration"] == {"assignPublicIp": "DISABLED"}
    sizes = {one["type"]: one["value"] for one in properties()["resourceRequirements"]}
    assert sizes == {"VCPU": "1", "MEMORY": "3072"}


def test_with_one_it_runs_on_machines_and_asks_for_whole_cpus() -> None:
    assert graph(gpus=2).one("JobDefinition")["platformCapabilities"] == ["EC2"]
    sizes = {one["type"]: one["value"] for one in properties(gpus=2)["resourceRequirements"]}
    assert sizes == {"GPU": "2", "VCPU": "1", "MEMORY": "3072"}
    assert not {"networkConfiguration", "fargatePlatformConfiguration"} & set(properties(gpus=2))


def test_a_job_whose_spare_machine_went_is_tried_again_and_one_that_failed_is_not() -> None:
    strategy = graph().one("JobDefinition")["retryStrategy"]
    assert strategy["attempts"] == 5
    assert [(one.get("onStatusReason"), one["action"]) for one in strategy["evaluateOnExits"]] == [
        ("Host EC2*", "RETRY"),
        ("Your Spot Task was interrupted*", "RETRY"),
        ("Timeout waiting for network interface*", "RETRY"),
        (None, "EXIT"),
    ]
    assert strategy["evaluateOnExits"][-1]["onReason"] == "*"
    assert graph().one("JobDefinition")["timeout"] == {"attemptDurationSeconds": 12 * 3600}


def test_the_job_reads_its_input_writes_its_output_and_may_what_the_model_may() -> None:
    folder = f"arn:aws:s3:::{BUCKET}/batch/fraud"
    assert rights("work")["InputRead"]["Resource"] == [f"{folder}/input/*"]
    assert rights("work")["OutputWrite"]["Resource"] == [f"{folder}/output/*"]
    assert rights("work")["OutputList"]["Condition"] == {
        "StringLike": {"s3:prefix": ["batch/fraud/output/*", "batch/fraud/output"]}
    }
    assert {sid for sid, s in rights("work").items() if {"s3:DeleteObject", "s3:GetObject"} & set(s["Action"])} == {
        "InputRead"
    }
    assert rights("work")["LookUp"]["Action"] == ["dynamodb:GetItem"]


def test_what_starts_the_job_fetches_this_image_and_opens_this_models_log_only() -> None:
    start = rights("start")
    assert start["PullImage"]["Resource"] == [f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/homeport/fraud"]
    group = "log-group:/homeport/demo-aws-eu-west-1/batch"
    assert start["WriteLog"]["Resource"] == [f"arn:aws:logs:eu-west-1:{ACCOUNT}:{group}:log-stream:fraud/*"]
    options = properties()["logConfiguration"]["options"]
    assert (options["awslogs-group"], options["awslogs-stream-prefix"]) == (ARGS.log_group, "fraud")


def test_the_schedule_speaks_awss_cron_in_the_time_zone_asked_for() -> None:
    schedule = graph().one("Schedule")
    assert schedule["scheduleExpression"] == "cron(0 7 ? * MON-FRI *)"
    assert schedule["scheduleExpressionTimezone"] == "Europe/Berlin"


def test_the_schedule_sends_the_newest_definition_and_may_send_nothing_else() -> None:
    target = graph().one("Schedule")["target"]
    assert target["arn"] == "arn:aws:scheduler:::aws-sdk:batch:submitJob"
    assert json.loads(target["input"]) == {
        "JobName": "fraud",
        "JobQueue": QUEUE,
        "JobDefinition": graph().one("JobDefinition")["name"],
    }
    own = f"arn:aws:batch:eu-west-1:{ACCOUNT}:job-definition/{MODELS}-fraud"
    assert rights("schedule")["SubmitJob"]["Resource"] == [QUEUE, own, f"{own}:*"]


def test_what_could_not_be_sent_lies_in_a_sealed_queue() -> None:
    queue = graph().one("Queue")
    assert graph().one("Schedule")["target"]["deadLetterConfig"] == {"arn": queue.outputs["arn"]}
    assert queue["kmsMasterKeyId"] == f"{KEYS}/queues"
    assert rights("schedule")["SendDeadLetters"]["Resource"] == [queue.outputs["arn"]]


def test_each_role_serves_this_account_only() -> None:
    sources = {
        role["name"].rpartition("-")[2]: json.loads(role["assumeRolePolicy"])["Statement"][0]["Condition"]
        for role in graph().all("Role")
    }
    assert set(sources) == {"work", "start", "schedule"}
    assert {found["StringEquals"]["aws:SourceAccount"] for found in sources.values()} == {ACCOUNT}
    assert sources["schedule"]["ArnLike"] == {
        "aws:SourceArn": f"arn:aws:scheduler:eu-west-1:{ACCOUNT}:schedule-group/default"
    }


def test_the_bill_tells_whose_job_it_was() -> None:
    definition = graph().one("JobDefinition")
    assert (definition["propagateTags"], definition["tags"]) == (True, {"homeport:model": "fraud"})


def test_a_preview_knows_the_image_so_that_it_can_be_judged_there() -> None:
    previewed, made = (graph(preview=preview).one("JobDefinition")["containerProperties"] for preview in (True, False))
    assert previewed == made


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ((0.25, 0.5), (0.25, 0.5)),
        ((0.25, 3), (0.5, 3)),
        ((1, 1), (1, 2)),
        ((3, 5), (4, 8)),
        ((8, 17), (8, 20)),
        ((2, 40), (8, 40)),
        ((16, 120), (16, 120)),
    ],
)
def test_fargate_gives_the_smallest_size_that_holds_the_model(
    asked: tuple[float, float], given: tuple[float, float]
) -> None:
    assert fargate_size(*asked) == given


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"digest": "latest"}, "digest: got 'latest'"),
        ({"schedule": "0 7 * *"}, "five fields"),
        ({"cpu": 17}, "got 17, 3; allowed: at most 16 CPUs and 120 GiB"),
        ({"environment": {"AWS_BATCH_JOB_ID": "1"}}, "environment: got AWS_BATCH_JOB_ID"),
    ],
)
def test_what_batch_would_refuse_is_refused_before(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ARGS, **change)
