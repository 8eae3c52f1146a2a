"""Autoscaling, disruption, and what may be said of a model."""

from __future__ import annotations

from typing import Any, cast

import pytest

from components.accelerators import ACCELERATORS
from components.serving.model import Resources, Scale
from components.serving.scaling import autoscaler_spec, disruption_budget_spec
from tests.components.serving.parts import arm_of, model_args


def test_the_autoscaler_keeps_the_bounds_and_the_targets() -> None:
    spec = cast("Any", autoscaler_spec(arm_of(model_args())))
    assert (spec["min_replicas"], spec["max_replicas"]) == (2, 20)
    targets = {m["resource"]["name"]: m["resource"]["target"]["average_utilization"] for m in spec["metrics"]}
    assert targets == {"cpu": 70, "memory": 80}


def test_it_goes_up_at_once_and_down_slowly() -> None:
    behavior = cast("Any", autoscaler_spec(arm_of(model_args())))["behavior"]
    assert behavior["scale_up"]["stabilization_window_seconds"] == 0
    assert behavior["scale_down"]["stabilization_window_seconds"] == 300
    assert max(policy["value"] for policy in behavior["scale_down"]["policies"]) == 10


def test_no_drain_takes_two_and_none_is_blocked_for_ever() -> None:
    spec = cast("Any", disruption_budget_spec(arm_of(model_args())))
    assert spec["max_unavailable"] == 1
    assert "min_available" not in spec
    assert spec["unhealthy_pod_eviction_policy"] == "AlwaysAllow"


@pytest.mark.parametrize(("least", "most"), [(0, 2), (3, 2)])
def test_bounds_that_make_no_sense_are_refused(least: int, most: int) -> None:
    with pytest.raises(ValueError, match=rf"scale: got {least} to {most} replicas; allowed: 1 <= min <= max"):
        Scale(min=least, max=most, cpu_utilization=70)


def test_room_to_scale_without_a_metric_is_refused() -> None:
    with pytest.raises(ValueError, match="scale: got 2 to 4 replicas and no metric"):
        Scale(min=2, max=4)


@pytest.mark.parametrize("digest", ["latest", "", "sha256:abc"])
def test_an_image_that_is_not_pinned_by_digest_is_refused(digest: str) -> None:
    with pytest.raises(ValueError, match="digest: got"):
        model_args(digest=digest)


def test_resources_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="resources: got cpu 0"):
        Resources(cpu=0, memory_gib=1)
    with pytest.raises(ValueError, match="resources: got 0 accelerators"):
        Resources(cpu=1, memory_gib=1, accelerator=ACCELERATORS["l4"])
    with pytest.raises(ValueError, match="resources: got 2 accelerators"):
        Resources(cpu=1, memory_gib=1, accelerators=2)
