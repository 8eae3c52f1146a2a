"""What a model's pods are, where they run, how they start and stop."""

from __future__ import annotations

from typing import Any, cast

import pytest

from components.serving.model import BehindApi, ModelDeploymentArgs, Resources, Scale
from components.serving.pods import deployment_spec
from model_images.build.image import ENVIRONMENT
from model_images.serve.settings import VARIABLES
from tests.components.serving.parts import AUTOMATIC, FIXED, NODES, ON_GPU, arm_of, exposure, model_args

# What the image's own table says of other clouds' contracts, and of the times that the pod's grace is made for.
RESERVED = [one.name for one in VARIABLES if one.name.startswith(("AIP_", "AWS_LAMBDA_"))] + [
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "DRAIN_DELAY_S",
    "HOME",
    "PATH",
    "REQUEST_TIMEOUT_S",
    "SAGEMAKER_BIND_TO_PORT",
]


def spec_of(args: ModelDeploymentArgs) -> dict[str, Any]:
    return cast("dict[str, Any]", deployment_spec(args, arm_of(args)))


def pod_of(args: ModelDeploymentArgs) -> dict[str, Any]:
    return spec_of(args)["template"]["spec"]


def container_of(args: ModelDeploymentArgs) -> dict[str, Any]:
    return pod_of(args)["containers"][0]


def test_the_pod_fits_the_restricted_level() -> None:
    pod, container = pod_of(model_args()), container_of(model_args())
    assert pod["security_context"]["run_as_non_root"] is True
    assert pod["security_context"]["run_as_user"] != 0
    assert pod["security_context"]["seccomp_profile"] == {"type": "RuntimeDefault"}
    assert container["security_context"] == {
        "allow_privilege_escalation": False,
        "read_only_root_filesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_one_writable_folder_is_bounded_and_home_lies_in_it() -> None:
    assert pod_of(model_args())["volumes"] == [{"name": "scratch", "empty_dir": {"size_limit": "2Gi"}}]
    container = container_of(model_args())
    assert container["volume_mounts"] == [{"name": "scratch", "mount_path": "/tmp"}]
    assert {"name": "HOME", "value": "/tmp"} in container["env"]


def test_memory_is_limited_to_what_was_asked_for_and_cpu_is_not_limited() -> None:
    resources = container_of(model_args(resources=Resources(cpu=0.5, memory_gib=1.5)))["resources"]
    assert resources["requests"]["memory"] == resources["limits"]["memory"] == "1536Mi"
    assert resources["requests"]["cpu"] == "500m"
    assert "cpu" not in resources["limits"]


def test_an_accelerator_is_asked_for_tolerated_and_required() -> None:
    args = model_args(resources=ON_GPU)
    assert container_of(args)["resources"]["limits"]["nvidia.com/gpu"] == "1"
    taint = {"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"}
    assert taint in pod_of(args)["tolerations"]
    required = pod_of(args)["affinity"]["node_affinity"]["required_during_scheduling_ignored_during_execution"]
    assert required["node_selector_terms"] == [
        {"match_expressions": [{"key": "homeport.dev/accelerator", "operator": "In", "values": ["l4"]}]}
    ]


def test_nodes_of_the_preferred_capacity_are_preferred() -> None:
    affinity = pod_of(model_args(resources=ON_GPU))["affinity"]["node_affinity"]
    wishes = affinity["preferred_during_scheduling_ignored_during_execution"]
    weights = {wish["preference"]["match_expressions"][0]["values"][0]: wish["weight"] for wish in wishes}
    assert weights["0"] > weights["1"] > weights["2"]


def test_a_model_without_accelerator_never_lands_on_a_node_that_has_one() -> None:
    pod = pod_of(model_args())
    assert "affinity" not in pod
    assert not any(toleration["effect"] == "NoSchedule" for toleration in pod["tolerations"])


def test_the_new_pod_stands_before_the_old_one_goes() -> None:
    rolling = spec_of(model_args())["strategy"]["rolling_update"]
    assert rolling == {"max_surge": 1, "max_unavailable": 0}


def test_a_release_needs_no_spare_accelerator() -> None:
    rolling = spec_of(model_args(resources=ON_GPU))["strategy"]["rolling_update"]
    assert rolling == {"max_surge": 0, "max_unavailable": 1}


def test_the_only_replica_is_never_taken_away_first() -> None:
    rolling = spec_of(model_args(resources=ON_GPU, scale=Scale(min=1, max=1)))["strategy"]["rolling_update"]
    assert rolling == {"max_surge": 1, "max_unavailable": 0}


def test_replicas_are_left_to_the_autoscaler_where_there_is_one() -> None:
    assert "replicas" not in spec_of(model_args(scale=AUTOMATIC))
    assert spec_of(model_args(scale=FIXED))["replicas"] == 2


def test_probes_ask_the_routes_of_the_image() -> None:
    container = container_of(model_args())
    paths = {kind: container[f"{kind}_probe"]["http_get"]["path"] for kind in ("startup", "readiness", "liveness")}
    assert paths == {"startup": "/readyz", "readiness": "/readyz", "liveness": "/livez"}
    assert container["ports"] == [{"name": "http", "container_port": 8080, "protocol": "TCP"}]


def test_a_large_model_has_half_an_hour_to_load() -> None:
    probe = container_of(model_args(resources=ON_GPU))["startup_probe"]
    assert probe["period_seconds"] * probe["failure_threshold"] == 1800
    assert spec_of(model_args(resources=ON_GPU))["progress_deadline_seconds"] > 1800


def test_a_pod_serves_on_until_the_load_balancer_has_left_it() -> None:
    hidden, public = model_args(), model_args(exposure=exposure())
    assert container_of(hidden)["lifecycle"]["pre_stop"] == {"sleep": {"seconds": 5}}
    assert container_of(public)["lifecycle"]["pre_stop"] == {"sleep": {"seconds": 30}}
    assert pod_of(public)["termination_grace_period_seconds"] == 100


def test_a_wish_to_spread_never_keeps_a_pod_pending() -> None:
    spread = pod_of(model_args())["topology_spread_constraints"]
    assert [rule["topology_key"] for rule in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    assert {rule["when_unsatisfiable"] for rule in spread} == {"ScheduleAnyway"}


def test_a_release_is_spread_for_itself() -> None:
    assert all(
        rule["match_label_keys"] == ["pod-template-hash"]
        for rule in pod_of(model_args())["topology_spread_constraints"]
    )


def test_behind_a_gateway_a_pod_waits_only_until_the_nodes_have_forgotten_it() -> None:
    container = container_of(model_args(exposure=BehindApi(cidr=NODES)))
    assert container["lifecycle"]["pre_stop"] == {"sleep": {"seconds": 5}}


def test_pods_of_a_lost_node_start_elsewhere_within_half_a_minute() -> None:
    lost = {one["key"]: one for one in pod_of(model_args())["tolerations"]}
    assert {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"} <= set(lost)
    assert {(one["effect"], one["toleration_seconds"]) for one in lost.values()} == {("NoExecute", 30)}


def test_a_release_goes_on_only_after_a_pod_has_stayed_ready() -> None:
    assert spec_of(model_args())["min_ready_seconds"] == 5


def test_the_container_sees_no_variables_but_its_own() -> None:
    """With service links, the addresses of every Service of the namespace would be variables too."""
    assert pod_of(model_args())["enable_service_links"] is False
    assert pod_of(model_args())["automount_service_account_token"] is False


def test_a_model_ranks_where_it_is_told_to() -> None:
    assert pod_of(model_args(priority_class="homeport-model"))["priority_class_name"] == "homeport-model"
    assert "priority_class_name" not in pod_of(model_args())


def test_variables_are_in_order_and_reach_the_model_as_they_are_written() -> None:
    variables = container_of(model_args(environment={"B": "$(HOME) $5", "A": "1"}))["env"]
    assert variables == [
        {"name": "HOME", "value": "/tmp"},
        {"name": "A", "value": "1"},
        {"name": "B", "value": "$$(HOME) $$5"},
    ]


@pytest.mark.parametrize("name", [*ENVIRONMENT, *RESERVED, "1A", "A-B", ""])
def test_variables_that_are_set_already_or_are_no_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="environment: got "):
        model_args(environment={name: "x"})
