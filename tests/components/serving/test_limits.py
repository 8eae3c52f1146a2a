"""What a namespace may hold, and the rank of models in their cluster."""

from __future__ import annotations

from typing import Any, cast

import pulumi
import pulumi_kubernetes as kubernetes

from components.serving.limits import limit_range_spec, quota_spec
from components.serving.priority import ServingPriority, ServingPriorityArgs
from tests.components.serving.parts import CLUSTER, FIXED, LABELS, exposure, model_args
from tests.recorder import record


def test_old_and_new_pods_of_a_release_fit_and_one_more_does_not() -> None:
    assert cast("Any", quota_spec(model_args(scale=FIXED)))["hard"]["pods"] == "5"  # two old, two new, the surge


def test_only_an_exposed_model_may_have_a_load_balancer_and_none_has_a_disk() -> None:
    hidden, public = (cast("Any", quota_spec(model_args(exposure=who)))["hard"] for who in (None, exposure()))
    assert (hidden["services.loadbalancers"], public["services.loadbalancers"]) == ("0", "1")
    assert hidden["persistentvolumeclaims"] == "0"


def test_a_pod_that_asks_for_nothing_gets_little_and_the_model_s_cpu_stays_unlimited() -> None:
    (limits,) = cast("Any", limit_range_spec())["limits"]
    assert limits["default"] == {"memory": "256Mi", "ephemeral-storage": "256Mi"}
    assert limits["default_request"]["cpu"] == "100m"
    assert "max" not in limits  # a smaller model would hold up its own release


def test_models_rank_above_pods_without_a_class_and_below_the_cluster_s_own() -> None:
    def program() -> None:
        provider = kubernetes.Provider("cluster", cluster_identifier=CLUSTER, kubeconfig="{}")
        made = ServingPriority("serving", ServingPriorityArgs(labels=LABELS), pulumi.ResourceOptions(provider=provider))
        pulumi.export("name", made.class_name)

    graph = record(program)
    assert 0 < graph.one("PriorityClass")["value"] < 1_000_000_000
    assert graph.one("PriorityClass").inputs.get("globalDefault") is None
    assert graph.outputs["name"] == graph.one("PriorityClass")["metadata.name"] == "homeport-model"
