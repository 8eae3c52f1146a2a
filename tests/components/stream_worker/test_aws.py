"""The worker of a stream as resources: what it reads, whom it may ask, and what happens to what fails."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.labels import Labels
from components.serverless.aws_network import FunctionNetwork, ReachedGroup, ReachedRange
from components.stream_worker.aws import AwsStreamWorker, AwsStreamWorkerArgs, code, worker_log_group
from components.stream_worker.aws_parts import EndpointTarget, FunctionTarget, HttpTarget, KafkaStreams, KinesisStreams
from tests.recorder import Graph, record

STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/demo-aws-eu-west-1"
KEYS = "arn:aws:kms:eu-west-1:123456789012:key"
ENDPOINT = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/demo-churn"
ALIAS = "arn:aws:lambda:eu-west-1:123456789012:function:demo-churn:live"
ARGS = AwsStreamWorkerArgs(
    stack="demo-aws-eu-west-1-models",
    model="churn",
    account="123456789012",
    region="eu-west-1",
    streams=KinesisStreams(input_arn=f"{STREAM}-calls", output_arn=f"{STREAM}-scores", key_arn=f"{KEYS}/streams"),
    target=EndpointTarget(name="demo-churn", arn=ENDPOINT),
    logs_key_arn=f"{KEYS}/logs",
    environment_key_arn=f"{KEYS}/functions",
    queues_key_arn=f"{KEYS}/queues",
    permissions_boundary_arn="arn:aws:iam::123456789012:policy/homeport-delivery/demo-eu-workload",
    labels=Labels(environment="demo", stack="demo-aws-eu-west-1-models", jurisdiction="eu"),
)
INSIDE = HttpTarget(
    url="http://balancer.internal:8080/churn",
    network=FunctionNetwork(
        vpc_id="vpc-0123456789abcdef0",
        subnet_ids=("subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"),
        reach={
            "model": ReachedGroup(security_group="sg-0cccccccccccccccc", port=8080),
            "services": ReachedRange(cidr="0.0.0.0/0"),
        },
    ),
)
RECORDED: dict[str, Graph] = {}


def worker(args: AwsStreamWorkerArgs = ARGS, preview: bool = False) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsStreamWorker("churn-stream", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("lag", vars(made.outputs.lag))

    known = f"{preview} {args}"
    if known not in RECORDED:
        RECORDED[known] = record(program, preview=preview)
    return RECORDED[known]


def rights(args: AwsStreamWorkerArgs = ARGS) -> dict[str, dict[str, Any]]:
    return {s["Sid"]: s for s in json.loads(worker(args).one("RolePolicy")["policy"])["Statement"]}


def test_batches_come_in_order_and_what_failed_comes_again_alone() -> None:
    reading = worker().one("EventSourceMapping")
    assert reading["eventSourceArn"] == f"{STREAM}-calls"
    assert reading["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert reading["bisectBatchOnFunctionError"] is True
    assert (reading["batchSize"], reading["maximumBatchingWindowInSeconds"]) == (500, 1)
    assert reading["startingPosition"] == "TRIM_HORIZON"


def test_before_the_stream_forgets_a_record_its_place_is_in_the_queue() -> None:
    graph = worker()
    reading = graph.one("EventSourceMapping")
    assert reading["destinationConfig"] == {"onFailure": {"destinationArn": graph.one("Queue").outputs["arn"]}}
    assert reading["maximumRecordAgeInSeconds"] == 23 * 3600
    assert reading["maximumRetryAttempts"] == 100
    week = worker(replace(ARGS, retention_hours=8760)).one("EventSourceMapping")
    assert week["maximumRecordAgeInSeconds"] == 604_800


def test_the_worker_is_told_what_to_read_whom_to_ask_and_where_to_write() -> None:
    graph = worker()
    variables = graph.one("Function")["environment"]["variables"]
    assert json.loads(variables["TARGET"]) == {"kind": "endpoint", "name": "demo-churn"}
    assert json.loads(variables["OUTPUT"]) == {"kind": "kinesis", "arn": f"{STREAM}-scores"}
    assert variables["DEAD_LETTERS"] == graph.one("Queue").outputs["url"]
    assert (variables["MODEL"], variables["ROWS"], variables["TARGET_TIMEOUT_S"]) == ("churn", "100", "120")


def test_its_role_reads_the_one_stream_writes_the_other_and_asks_one_target() -> None:
    found = rights()
    assert found["Read"]["Resource"] == [f"{STREAM}-calls"]
    assert (found["Write"]["Action"], found["Write"]["Resource"]) == (["kinesis:PutRecords"], [f"{STREAM}-scores"])
    assert found["StreamsKey"]["Resource"] == [f"{KEYS}/streams"]
    assert (found["Ask"]["Action"], found["Ask"]["Resource"]) == (["sagemaker:InvokeEndpoint"], [ENDPOINT])
    assert set(found) == {"Lines", "Traces", "Read", "Write", "StreamsKey", "SendDeadLetters", "SealDeadLetters", "Ask"}


def test_a_function_is_asked_by_its_alias() -> None:
    asked = rights(replace(ARGS, target=FunctionTarget(alias_arn=ALIAS)))["Ask"]
    assert (asked["Action"], asked["Resource"]) == (["lambda:InvokeFunction"], [ALIAS])


def test_only_a_target_inside_the_network_brings_the_worker_there() -> None:
    assert "vpcConfig" not in worker().one("Function").inputs
    graph = worker(replace(ARGS, target=INSIDE))
    assert graph.one("Function")["vpcConfig"]["securityGroupIds"] == [graph.one("SecurityGroup").id]
    assert graph.one("SecurityGroupIngressRule")["securityGroupId"] == "sg-0cccccccccccccccc"
    variables = graph.one("Function")["environment"]["variables"]
    assert json.loads(variables["TARGET"]) == {"kind": "server", "url": "http://balancer.internal:8080/churn"}
    assert "Interfaces" in rights(replace(ARGS, target=INSIDE))
    assert "Ask" not in rights(replace(ARGS, target=INSIDE))


TOPIC = "arn:aws:kafka:eu-west-1:123456789012:topic/demo-streams/0e2c-2"
KAFKA = KafkaStreams(
    input_arn=f"{TOPIC}/calls",
    output_arn=f"{TOPIC}/scores",
    brokers="b-1.demo.kafka.eu-west-1.amazonaws.com:9098",
    network=replace(INSIDE.network, reach={"brokers": ReachedGroup(security_group="sg-0dddddddddddddddd", port=9098)}),
)


def test_of_kafka_a_topic_is_read_by_its_cluster_and_tried_until_done() -> None:
    graph = worker(replace(ARGS, streams=KAFKA))
    reading = graph.one("EventSourceMapping")
    assert reading["eventSourceArn"] == "arn:aws:kafka:eu-west-1:123456789012:cluster/demo-streams/0e2c-2"
    assert reading["topics"] == ["calls"]
    assert reading["amazonManagedKafkaEventSourceConfig"] == {
        "consumerGroupId": "demo-aws-eu-west-1-models-churn-stream"
    }
    assert not {"functionResponseTypes", "maximumRetryAttempts", "parallelizationFactor"} & set(reading.inputs)
    output = json.loads(graph.one("Function")["environment"]["variables"]["OUTPUT"])
    assert output == {"brokers": KAFKA.brokers, "kind": "kafka", "topic": "scores"}
    assert graph.outputs["lag"]["name"] == "OffsetLag"


def test_of_kafka_it_may_read_the_one_topic_as_its_own_group_and_write_the_other() -> None:
    found = rights(replace(ARGS, streams=KAFKA))
    assert found["Read"]["Resource"] == [f"{TOPIC}/calls"]
    assert found["Write"]["Resource"] == [f"{TOPIC}/scores"]
    assert found["Group"]["Resource"] == [
        "arn:aws:kafka:eu-west-1:123456789012:group/demo-streams/0e2c-2/demo-aws-eu-west-1-models-churn-stream"
    ]
    assert "StreamsKey" not in found
    assert "Interfaces" in found


def test_brokers_and_a_target_inside_the_network_are_both_reached() -> None:
    graph = worker(replace(ARGS, streams=KAFKA, target=INSIDE))
    doors = {rule["securityGroupId"]: rule["fromPort"] for rule in graph.all("SecurityGroupIngressRule")}
    assert doors == {"sg-0cccccccccccccccc": 8080, "sg-0dddddddddddddddd": 9098}


def test_lines_and_environment_are_encrypted() -> None:
    graph = worker()
    group, function = graph.one("LogGroup"), graph.one("Function")
    assert (group["name"], group["kmsKeyId"]) == (worker_log_group(ARGS.stack, "churn"), f"{KEYS}/logs")
    assert function["kmsKeyArn"] == f"{KEYS}/functions"
    assert graph.one("Queue")["kmsMasterKeyId"] == f"{KEYS}/queues"


def test_lag_is_named_for_who_watches() -> None:
    assert worker().outputs["lag"] == {
        "namespace": "AWS/Lambda",
        "name": "IteratorAge",
        "dimensions": {"FunctionName": "demo-aws-eu-west-1-models-churn-stream"},
        "unit": "Milliseconds",
    }


def test_the_archive_holds_all_that_the_handler_imports(tmp_path: Path) -> None:
    for path, text in code().items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    module, _, function = worker().one("Function")["handler"].rpartition(".")
    program = f"import {module.replace('/', '.')} as m; print(m.__file__, callable(m.{function}))"
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(tmp_path / f"{module}.py"), "True"]


def test_a_preview_shows_the_same_resources() -> None:
    assert {r.urn for r in worker(preview=True).resources} == {r.urn for r in worker().resources}


def test_protected_letters_and_lines_stay() -> None:
    kept = worker(replace(ARGS, protect=True))
    assert [bool(kept.one(kind).options.get("protect")) for kind in ("Queue", "LogGroup")] == [True, True]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch": 0}, "batch: got 0; allowed: 1 to 10000"),
        ({"window_s": 301}, "window_s: got 301"),
        ({"parallel": 11}, "parallel: got 11; allowed: 1 to 10"),
        ({"timeout_s": 901}, "timeout_s: got 901"),
        ({"tries_again": -1}, "tries_again: got -1"),
        ({"retention_hours": 1}, "retention_hours: got 1"),
        ({"rows": 0}, "rows: got 0"),
        ({"most": 0}, "most: got 0"),
    ],
)
def test_what_lambda_does_not_take_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ARGS, **change)
