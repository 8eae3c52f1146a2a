"""A SageMaker endpoint: its releases as variants, cut off, and an update that can be taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from components.endpoint.aws_args import AwsEndpointArgs, EndpointRelease
from components.endpoint.machines import Size
from components.endpoint.scale import EndpointScale
from components.endpoint.types import EndpointMode
from tests.components.endpoint.parts import (
    ARGS,
    CANDIDATE,
    FILES,
    KEY,
    NAME,
    STABLE,
    TRIAL,
    configuration,
    endpoint,
)
from tests.recorder import UNKNOWN

ON_TRIAL = replace(ARGS, candidate=TRIAL, candidate_weight=10)
ASYNC = replace(
    ARGS,
    mode=EndpointMode.ASYNC,
    files=FILES,
    scale=EndpointScale(fewest=0, most=4, targets={"queue_length": 5}),
    answers_topic="arn:aws:sns:eu-west-1:123456789012:demo-answers",
)
SERVERLESS = replace(
    ARGS,
    mode=EndpointMode.SERVERLESS,
    network=None,
    size=Size(cpu=1, memory_gib=2.5),
    scale=EndpointScale(fewest=0, most=20, targets={}),
)


def statements(args: AwsEndpointArgs) -> dict[str, Any]:
    document = json.loads(endpoint(args).one("RolePolicy")["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_the_image_comes_by_digest_and_nothing_comes_in_or_goes_out() -> None:
    model = endpoint().one("Model")
    assert model["primaryContainer"] == {"image": STABLE, "environment": {"MODEL_VERSION": "1"}}
    assert model["enableNetworkIsolation"] is True
    assert len(model["vpcConfig"]["subnets"]) == 2
    group = endpoint().one("SecurityGroup", "fraud-endpoint-network-group")
    assert model["vpcConfig"]["securityGroupIds"] == [group.id]
    assert "ingress" not in group.inputs


def test_isolation_ends_where_a_part_of_the_model_has_a_reason() -> None:
    assert endpoint(replace(ARGS, needs_network=("cache",))).one("Model")["enableNetworkIsolation"] is False


def test_ways_out_lead_to_what_is_named_and_open_its_door() -> None:
    ways = {rule.name: rule for rule in endpoint().all("SecurityGroupEgressRule")}
    assert {name: (rule["fromPort"], rule["ipProtocol"]) for name, rule in ways.items()} == {
        "fraud-endpoint-network-to-cache": (6379, "tcp"),
        "fraud-endpoint-network-to-s3": (443, "tcp"),
    }
    assert ways["fraud-endpoint-network-to-s3"]["prefixListId"] == "pl-0123456789abcdef0"
    door = endpoint().one("SecurityGroupIngressRule")
    assert door["securityGroupId"] == "sg-0123456789abcdef0"


def test_names_of_what_each_release_makes_anew_are_made_up_and_begin_with_the_stack() -> None:
    made = [endpoint().one("Model"), endpoint().one("EndpointConfiguration")]
    assert [one.outputs["name"].rpartition("-")[0] for one in made] == [f"{NAME}-stable", f"{NAME}-configuration"]
    assert endpoint().one("Endpoint")["name"] == NAME


def test_stable_takes_all_calls_and_each_goes_to_the_least_busy_machine() -> None:
    (variant,) = configuration(endpoint())["productionVariants"]
    assert (variant["variantName"], variant["initialVariantWeight"]) == ("stable", 100)
    assert variant["routingConfigs"] == [{"routingStrategy": "LEAST_OUTSTANDING_REQUESTS"}]
    assert variant["modelName"] == endpoint().one("Model").outputs["name"]
    assert variant["instanceType"] == "ml.c6i.large"


def test_a_release_starts_with_as_many_machines_as_scaling_could_have_come_to() -> None:
    (variant,) = configuration(endpoint())["productionVariants"]
    assert variant["initialInstanceCount"] == endpoint().one("aws:appautoscaling/target:Target")["maxCapacity"] == 8


def test_a_candidate_has_a_share_of_calls_and_machines_and_a_model_of_its_own() -> None:
    graph = endpoint(ON_TRIAL)
    stable, candidate = configuration(graph)["productionVariants"]
    assert [stable["initialVariantWeight"], candidate["initialVariantWeight"]] == [90, 10]
    assert candidate["initialInstanceCount"] == 2
    images = {model["primaryContainer"]["image"] for model in graph.all("Model")}
    assert images == {STABLE, CANDIDATE}
    assert graph.outputs["variants"] == ["stable", "candidate"]


def test_another_weight_is_another_configuration_of_the_same_endpoint_and_models() -> None:
    """The endpoint is updated, and answers meanwhile: blue and green machines."""
    heavier = {one.urn: one.inputs for one in endpoint(replace(ON_TRIAL, candidate_weight=20)).resources}
    changed = [one.name for one in endpoint(ON_TRIAL).resources if heavier[one.urn] != one.inputs]
    assert changed == [f"{NAME}-configuration"]


def test_a_shadow_sees_a_copy_of_every_call_and_answers_nobody() -> None:
    graph = endpoint(replace(ARGS, candidate=TRIAL, shadow=True))
    (stable,) = configuration(graph)["productionVariants"]
    (shadow,) = configuration(graph)["shadowProductionVariants"]
    assert shadow["variantName"] == "candidate"
    assert shadow["initialVariantWeight"] == stable["initialVariantWeight"] == 100
    assert graph.outputs["variants"] == ["stable"]


def test_captures_go_to_the_models_own_folder_under_its_key() -> None:
    args = replace(ARGS, files=FILES, capture_percent=10)
    capture = configuration(endpoint(args))["dataCaptureConfig"]
    assert (capture["destinationS3Uri"], capture["kmsKeyId"]) == ("s3://demo-predictions/capture/fraud/", KEY)
    assert (capture["enableCapture"], capture["initialSamplingPercentage"]) == (True, 10)
    assert statements(args)["CapturesWrite"]["Resource"] == ["arn:aws:s3:::demo-predictions/capture/fraud/*"]
    assert "CapturesWrite" not in statements(ARGS)


def test_answers_of_asynchronous_calls_go_to_files_and_are_told() -> None:
    asked = configuration(endpoint(ASYNC))["asyncInferenceConfig"]
    output = asked["outputConfig"]
    assert (output["s3OutputPath"], output["s3FailurePath"]) == (
        "s3://demo-predictions/async/fraud/answers/",
        "s3://demo-predictions/async/fraud/failures/",
    )
    assert output["kmsKeyId"] == KEY
    assert output["notificationConfig"] == {"successTopic": ASYNC.answers_topic, "errorTopic": ASYNC.answers_topic}
    assert asked["clientConfig"] == {"maxConcurrentInvocationsPerInstance": 4}
    rights = statements(ASYNC)
    assert rights["QuestionsRead"]["Resource"] == ["arn:aws:s3:::demo-predictions/async/fraud/*"]
    assert rights["Tell"]["Resource"] == [ASYNC.answers_topic]


def test_a_serverless_endpoint_has_memory_by_the_gibibyte_and_neither_network_nor_guardrails() -> None:
    graph = endpoint(SERVERLESS)
    (variant,) = configuration(graph)["productionVariants"]
    assert variant["serverlessConfig"] == {"memorySizeInMb": 3072, "maxConcurrency": 20}
    assert not {"instanceType", "initialInstanceCount", "routingConfigs"} & set(variant)
    assert "deploymentConfig" not in graph.one("Endpoint").inputs
    model = graph.one("Model")
    assert ("vpcConfig" in model.inputs, model["enableNetworkIsolation"]) == (False, False)
    assert "Interfaces" not in statements(SERVERLESS)
    assert graph.all("SecurityGroup") == ()


def test_disks_are_encrypted_with_the_given_key_where_a_key_can() -> None:
    keyed = replace(ARGS, disk_key_arn=KEY)
    assert configuration(endpoint(keyed))["kmsKeyArn"] == KEY
    with_gpu = replace(keyed, size=Size(cpu=4, memory_gib=8, accelerator="l4", accelerators=1))
    assert "kmsKeyArn" not in configuration(endpoint(with_gpu))


def test_the_role_pulls_one_repository_and_is_taken_by_sagemaker_for_this_account_only() -> None:
    assert statements(ARGS)["Image"]["Resource"] == ["arn:aws:ecr:eu-west-1:123456789012:repository/homeport/fraud"]
    (trust,) = json.loads(endpoint().one("Role")["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}


def test_the_role_may_look_at_the_alarms_that_take_an_update_back_and_at_no_others() -> None:
    assert statements(ARGS)["WatchRelease"]["Action"] == ["cloudwatch:DescribeAlarms"]
    assert statements(ARGS)["WatchRelease"]["Resource"] == [
        "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:fraud-errors"
    ]
    assert "WatchRelease" not in statements(replace(ARGS, rollback_alarms=()))


def test_rights_and_ways_stand_before_anything_uses_them() -> None:
    needed = {urn.rpartition("::")[2] for urn in endpoint().one("Model").dependencies}
    assert {"fraud-endpoint-role-policy", "fraud-endpoint-logs", "fraud-endpoint-network-to-s3"} <= needed


def test_lines_are_kept_in_a_group_of_our_own() -> None:
    logs = endpoint(replace(ARGS, logs_key_arn=KEY, protect=True)).one("LogGroup")
    assert (logs["name"], logs["retentionInDays"], logs["kmsKeyId"]) == (f"/aws/sagemaker/Endpoints/{NAME}", 30, KEY)
    assert logs.options.get("protect") is True


def test_in_a_preview_names_from_the_cloud_are_unknown_and_nothing_breaks() -> None:
    graph = endpoint(ON_TRIAL, preview=True)
    assert graph.one("Model", f"{NAME}-stable")["executionRoleArn"] == UNKNOWN


@pytest.mark.parametrize(
    ("args", "change", "message"),
    [
        (ARGS, {"candidate_weight": 5}, "candidate_weight: got 5; allowed: a weight with a candidate"),
        (ARGS, {"shadow": True}, "shadow: got true; allowed: a shadow with a candidate"),
        (ON_TRIAL, {"shadow": True}, "candidate_weight: got 10; allowed: 0, a shadow answers nobody"),
        (ON_TRIAL, {"candidate_weight": 101}, "candidate_weight: got 101; allowed: 0 to 100"),
        (ASYNC, {"candidate": EndpointRelease(image=CANDIDATE)}, "candidate: got one in mode async"),
        (ARGS, {"network": None}, "network: got None; allowed: subnets of a VPC, or mode serverless"),
        (ARGS, {"capture_percent": 10}, "files: got None; .* since capture_percent writes files"),
        (ARGS, {"capture_percent": 0, "files": FILES}, "capture_percent: got 0"),
        (ASYNC, {"files": None}, "files: got None; .* since mode async writes files"),
        (ARGS, {"answers_topic": "arn"}, "answers_topic: got one in mode realtime"),
        (ARGS, {"startup_s": 59}, "startup_s: got 59; allowed: 60 to 3600"),
        (ARGS, {"bake_s": 3601}, "bake_s: got 3601"),
        (ASYNC, {"concurrent_calls": 0}, "concurrent_calls: got 0"),
        (ARGS, {"rollback_alarms": tuple("abcdefghijk")}, "rollback_alarms: got 11; allowed: at most 10"),
        (ARGS, {"size": Size(cpu=500, memory_gib=1)}, "size: got 500 vCPUs"),
        (SERVERLESS, {"size": Size(cpu=1, memory_gib=7)}, "memory_gib: got 7; allowed: at most 6"),
        (SERVERLESS, {"size": Size(cpu=1, memory_gib=2, accelerator="l4", accelerators=1)}, "accelerator: got 'l4'"),
        (SERVERLESS, {"network": ARGS.network}, "network: got one; allowed: none, a serverless endpoint has none"),
        (SERVERLESS, {"needs_network": ("cache",)}, "needs_network: got"),
        (SERVERLESS, {"capture_percent": 5, "files": FILES}, "capture_percent: got 5; allowed: none, a serverless"),
        (SERVERLESS, {"scale": EndpointScale(fewest=0, most=201, targets={})}, "scale: got 201 at most"),
    ],
)
def test_what_no_endpoint_can_be_is_refused(args: AwsEndpointArgs, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(args, **change)
