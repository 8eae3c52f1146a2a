"""What an endpoint's scaling follows, at which target, and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.endpoint.machines import Size
from components.endpoint.scale import EndpointScale, FewestFrom
from components.endpoint.types import EndpointMode
from tests.components.endpoint.parts import ARGS, FILES, NAME, TRIAL, endpoint

TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
SCALE = ARGS.scale
ASYNC = replace(
    ARGS,
    mode=EndpointMode.ASYNC,
    files=FILES,
    scale=EndpointScale(fewest=0, most=4, targets={"queue_length": 5}),
)


def policy(key: str, args: Any = ARGS) -> dict[str, Any]:
    return endpoint(args).one(POLICY, f"fraud-endpoint-scaling-{key}")["targetTrackingScalingPolicyConfiguration"]


def test_the_stable_variant_alone_is_scaled_between_fewest_and_most() -> None:
    target = endpoint(replace(ARGS, candidate=TRIAL, candidate_weight=20)).one(TARGET)
    assert target["resourceId"] == f"endpoint/{NAME}/variant/stable"
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 8)
    assert target["scalableDimension"] == "sagemaker:variant:DesiredInstanceCount"


def test_percents_count_once_for_each_core_and_accelerator() -> None:
    gpu = Size(cpu=4, memory_gib=8, accelerator="l4", accelerators=4)
    targets = {"cpu_utilization": 70, "memory_utilization": 60, "gpu_utilization": 50}
    args = replace(ARGS, size=gpu, scale=replace(SCALE, targets=targets))
    found = {
        key: policy(key, args)["targetValue"] for key in ("cpu-utilization", "memory-utilization", "gpu-utilization")
    }
    assert found == {"cpu-utilization": 70 * 48, "memory-utilization": 60, "gpu-utilization": 50 * 4}


def test_a_queue_is_calls_a_minute_on_each_machine() -> None:
    followed = policy("queue-length", replace(ARGS, scale=replace(SCALE, targets={"queue_length": 300})))
    assert followed["predefinedMetricSpecification"] == {
        "predefinedMetricType": "SageMakerVariantInvocationsPerInstance"
    }
    assert followed["targetValue"] == 300


def test_an_asynchronous_queue_is_what_waits_and_is_told_of_the_whole_endpoint() -> None:
    metric = policy("queue-length", ASYNC)["customizedMetricSpecification"]
    assert (metric["namespace"], metric["metricName"]) == ("AWS/SageMaker", "ApproximateBacklogSizePerInstance")
    assert metric["dimensions"] == [{"name": "EndpointName", "value": NAME}]


def test_an_endpoint_without_machines_is_woken_by_the_first_call() -> None:
    graph = endpoint(ASYNC)
    alarm = graph.one("MetricAlarm")
    assert (alarm["metricName"], alarm["threshold"]) == ("HasBacklogWithoutCapacity", 1)
    woken = graph.one(POLICY, "fraud-endpoint-scaling-wake")
    assert alarm["alarmActions"] == [woken.outputs["arn"]]
    assert woken["stepScalingPolicyConfiguration.stepAdjustments[0].scalingAdjustment"] == 1
    assert endpoint().all("MetricAlarm") == ()


def test_a_time_of_day_raises_the_fewest_in_its_own_time_zone() -> None:
    morning = FewestFrom(cron="0 7 * * 1-5", timezone="Europe/Berlin", fewest=6)
    (action,) = endpoint(replace(ARGS, scale=replace(SCALE, schedule=(morning,)))).all(ACTION)
    assert (action["schedule"], action["timezone"]) == ("cron(0 7 ? * MON-FRI *)", "Europe/Berlin")
    assert action["scalableTargetAction"] == {"minCapacity": 6}


def test_the_name_of_a_time_does_not_depend_on_the_others() -> None:
    rows = [FewestFrom(cron=f"0 {hour} * * *", timezone="UTC", fewest=3) for hour in (7, 19)]
    both, one = (
        {action.name for action in endpoint(replace(ARGS, scale=replace(SCALE, schedule=tuple(given)))).all(ACTION)}
        for given in (rows, rows[1:])
    )
    assert one < both


def test_what_is_kept_warm_of_a_serverless_endpoint_follows_its_use() -> None:
    scale = EndpointScale(fewest=1, most=20, targets={})
    graph = endpoint(replace(ARGS, mode=EndpointMode.SERVERLESS, network=None, scale=scale))
    assert graph.one(TARGET)["scalableDimension"] == "sagemaker:variant:DesiredProvisionedConcurrency"
    followed = graph.one(POLICY)["targetTrackingScalingPolicyConfiguration"]
    assert followed["predefinedMetricSpecification.predefinedMetricType".split(".")[0]] == {
        "predefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"
    }
    assert 0 < followed["targetValue"] < 1


@pytest.mark.parametrize(
    "args",
    [
        replace(ARGS, scale=replace(SCALE, fewest=8)),
        replace(
            ARGS,
            mode=EndpointMode.SERVERLESS,
            network=None,
            scale=EndpointScale(fewest=0, most=20, targets={}),
        ),
    ],
)
def test_where_there_is_nothing_to_choose_nothing_is_scaled(args: Any) -> None:
    assert endpoint(args).all(TARGET) == ()


@pytest.mark.parametrize(
    ("mode", "scale", "message"),
    [
        (EndpointMode.REALTIME, {"fewest": 0}, "scale: got 0 at least; allowed: 1 or more in mode realtime"),
        (EndpointMode.REALTIME, {"fewest": 9}, "scale: got 9 to 8"),
        (EndpointMode.ASYNC, {"fewest": 0}, "targets: got cpu_utilization, and 0 machines at least; .*queue_length"),
        (EndpointMode.REALTIME, {"targets": {"cpu_utilization": 101}}, "targets: got cpu_utilization 101"),
        (
            EndpointMode.REALTIME,
            {"schedule": (FewestFrom(cron="0 7 * * *", timezone="UTC", fewest=9),)},
            "schedule: got 9 at 0 7",
        ),
        (
            EndpointMode.SERVERLESS,
            {"schedule": (FewestFrom(cron="0 7 * * *", timezone="UTC", fewest=2),)},
            "schedule: got one; allowed: none in mode serverless",
        ),
        (
            EndpointMode.REALTIME,
            {"schedule": (FewestFrom(cron="0 7 1 * 1", timezone="UTC", fewest=2),)},
            "cron: got '0 7 1",
        ),
    ],
)
def test_what_cannot_be_scaled_so_is_refused(mode: EndpointMode, scale: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SCALE, **scale).check(mode)
