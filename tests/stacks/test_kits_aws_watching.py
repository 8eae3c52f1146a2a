"""What is watched of each of the models of the project, by what serves it."""

from __future__ import annotations

import json

import pytest
import yaml
from yamlcore import CCoreLoader

from components.model_monitoring.aws_metrics import (
    ApiMetrics,
    EndpointMetrics,
    FunctionMetrics,
    KubernetesMetrics,
    Measured,
    QueueMetrics,
    StreamMetrics,
)
from stacks.kits.aws_watching import measured_of, promise_of
from stacks.settings import ModelSettings, Release
from stacks.settings.model_parts import Shadow
from tests.stacks.project import ROOT

STACK, CLUSTER = "demo-aws-eu-west-1-models", "demo-aws-eu-west-1"
IMAGE = {"image": f"sha256:{'a' * 64}"}
STABLE = Release.model_validate({"stable": IMAGE})
ON_TRIAL = Release.model_validate({"stable": IMAGE, "candidate": IMAGE, "candidate_weight": 10})
KINDS = {
    "churn": {ApiMetrics, KubernetesMetrics, StreamMetrics, QueueMetrics},
    "diabetes": {ApiMetrics, FunctionMetrics, QueueMetrics},
    "digits": {ApiMetrics, EndpointMetrics, QueueMetrics},
    "fraud": {KubernetesMetrics},
    "tumor": {ApiMetrics, EndpointMetrics},
}


def model(name: str) -> ModelSettings:
    text = (ROOT / f"stacks/models/{name}.yaml").read_text(encoding="utf-8")
    return ModelSettings.model_validate_json(json.dumps(yaml.load(text, Loader=CCoreLoader)))


def measured(name: str, release: Release = STABLE) -> dict[type[Measured], Measured]:
    found = measured_of(STACK, model(name), release, cluster=CLUSTER, function_timeout_s=29, streams="kinesis")
    return {type(one): one for one in found}


@pytest.mark.parametrize("name", KINDS)
def test_what_serves_a_model_and_what_stands_around_it_is_measured(name: str) -> None:
    assert set(measured(name)) == KINDS[name]


def test_calls_count_by_the_model_s_own_route() -> None:
    assert measured("tumor")[ApiMetrics] == ApiMetrics(
        api=f"{STACK}-tumor", stage="live", route=("POST", "/invocations")
    )


def test_an_endpoint_is_known_with_its_machine_and_form() -> None:
    assert measured("tumor")[EndpointMetrics] == EndpointMetrics(
        endpoint=f"{STACK}-tumor", variants=("stable",), cpus=2
    )
    assert measured("digits")[EndpointMetrics] == EndpointMetrics(
        endpoint=f"{STACK}-digits", variants=("stable",), form="async", cpus=8, accelerators=1
    )


def test_a_candidate_that_answers_callers_counts_and_a_shadow_does_not() -> None:
    assert (
        EndpointMetrics(endpoint=f"{STACK}-tumor", variants=("stable", "candidate"), cpus=2)
        in measured("tumor", ON_TRIAL).values()
    )
    shadowed = model("tumor").model_copy(update={"shadow": Shadow(candidate=True)})
    found = measured_of(STACK, shadowed, ON_TRIAL, cluster=CLUSTER, function_timeout_s=29, streams="kinesis")
    assert EndpointMetrics(endpoint=f"{STACK}-tumor", variants=("stable",), cpus=2) in found


def test_pods_of_a_candidate_stand_beside_the_stable_ones() -> None:
    pods = measured("fraud", ON_TRIAL)[KubernetesMetrics]
    assert pods == KubernetesMetrics(
        cluster=CLUSTER,
        namespace="model-fraud",
        deployments={"stable": "fraud", "candidate": "fraud-candidate"},
        fewest=2,
        accelerated=True,
    )


def test_a_function_may_run_as_often_as_it_may_scale() -> None:
    assert measured("diabetes")[FunctionMetrics] == FunctionMetrics(
        function=f"{STACK}-diabetes", alias="live", timeout_s=29, memory_mib=2048, reserved=50
    )


def test_a_stream_s_worker_and_its_dead_letters_are_watched() -> None:
    found = measured_of(STACK, model("churn"), STABLE, cluster=CLUSTER, function_timeout_s=29, streams="kinesis")
    assert StreamMetrics(stream="subscriber-events", function=f"{STACK}-churn-stream") in found
    assert QueueMetrics(queue=f"{STACK}-churn-stream-dead", holds="messages") in found


def test_lag_behind_a_topic_is_told_in_messages() -> None:
    found = measured_of(STACK, model("churn"), STABLE, cluster=CLUSTER, function_timeout_s=29, streams="msk")
    assert StreamMetrics(stream="subscriber-events", kind="msk", function=f"{STACK}-churn-stream") in found


def test_batches_that_could_not_be_started_are_watched() -> None:
    found = measured_of(STACK, model("churn"), STABLE, cluster=CLUSTER, function_timeout_s=29, streams="kinesis")
    assert QueueMetrics(queue=f"{STACK}-churn-batch-dead", holds="batches") in found


def test_a_promise_holds_where_calls_are_counted() -> None:
    assert promise_of(model("fraud"), tuple(measured("fraud").values())) is None
    promise = promise_of(model("tumor"), tuple(measured("tumor").values()))
    assert promise is not None
    assert (promise.availability, promise.latency_p99_ms) == (99.9, 200)
