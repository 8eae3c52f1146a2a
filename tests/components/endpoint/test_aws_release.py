"""How calls move to a new configuration, and what is said when they moved back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.endpoint.aws_release import serves_what_was_asked, step_share
from components.endpoint.scale import EndpointScale
from tests.components.endpoint.parts import ARGS, NAME, TRIAL, endpoint

CONFIG = {"autoRollbackConfiguration": {"alarms": [{"alarmName": "fraud-errors"}]}}


def routing(**change: Any) -> dict[str, Any]:
    policy = endpoint(replace(ARGS, **change)).one("Endpoint")["deploymentConfig.blueGreenUpdatePolicy"]
    return policy["trafficRoutingConfiguration"]


def told(asked: str, live: str) -> pulumi.ResourceHookArgs:
    return pulumi.ResourceHookArgs(
        urn="urn",
        id=NAME,
        name="fraud-endpoint",
        type="aws:sagemaker/endpoint:Endpoint",
        new_inputs={"endpointConfigName": asked, "deploymentConfig": CONFIG},
        new_outputs={"endpointConfigName": live},
    )


def test_a_canary_is_one_small_step_and_is_watched() -> None:
    assert routing() == {
        "type": "CANARY",
        "waitIntervalInSeconds": 300,
        "canarySize": {"type": "CAPACITY_PERCENT", "value": 13},
    }


@pytest.mark.parametrize("shift", ["canary", "linear", "all_at_once"])
def test_the_machines_of_before_stay_while_the_last_step_is_watched(shift: str) -> None:
    policy = endpoint(replace(ARGS, shift=shift, bake_s=120)).one("Endpoint")["deploymentConfig.blueGreenUpdatePolicy"]
    assert policy["terminationWaitInSeconds"] == 120


def test_a_linear_shift_has_time_for_all_its_steps() -> None:
    assert routing(shift="linear")["linearStepSize"] == {"type": "CAPACITY_PERCENT", "value": 13}
    policy = endpoint(replace(ARGS, shift="linear")).one("Endpoint")["deploymentConfig.blueGreenUpdatePolicy"]
    assert policy["maximumExecutionTimeoutInSeconds"] > 8 * 300 + policy["terminationWaitInSeconds"]


@pytest.mark.parametrize(
    "change",
    [{"shift": "all_at_once"}, {"scale": EndpointScale(fewest=1, most=1, targets={"cpu_utilization": 70})}],
)
def test_one_machine_takes_all_calls_or_none(change: dict[str, Any]) -> None:
    assert routing(**change)["type"] == "ALL_AT_ONCE"


@pytest.mark.parametrize(("machines", "share"), [(1, None), (2, 50), (3, 34), (8, 13), (10, 10), (500, 10)])
def test_a_step_is_at_least_one_machine_and_at_most_half_of_them(machines: int, share: int | None) -> None:
    assert step_share(machines) == share


def test_the_smallest_variant_decides_how_large_a_step_is() -> None:
    assert routing(candidate=TRIAL, candidate_weight=10)["canarySize"]["value"] == 50


def test_alarms_take_an_update_back() -> None:
    config = endpoint().one("Endpoint")["deploymentConfig"]
    assert config["autoRollbackConfiguration"] == {"alarms": [{"alarmName": "fraud-errors"}]}
    without = endpoint(replace(ARGS, rollback_alarms=())).one("Endpoint")["deploymentConfig"]
    assert "autoRollbackConfiguration" not in without


def test_an_endpoint_that_serves_what_was_asked_for_passes() -> None:
    serves_what_was_asked(NAME, "eu-west-1")(told("new", "new"))


def test_one_that_went_back_says_what_serves_why_perhaps_and_what_to_do() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        serves_what_was_asked(NAME, "eu-west-1")(told("new", "old"))
    said = str(raised.value)
    assert f"endpoint {NAME} was rolled back by SageMaker: it serves old as before, not new" in said
    assert "one of these alarms fired meanwhile (fraud-errors)" in said
    assert f"aws sagemaker describe-endpoint --region eu-west-1 --endpoint-name {NAME}" in said
    assert "put the earlier release back" in said
