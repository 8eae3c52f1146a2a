"""The objects of one model on a cluster, as declared."""

from __future__ import annotations

import pytest

from components.serving.model import Scale
from tests.components.serving.parts import ON_GPU, exposure, record_model
from tests.recorder import Graph


@pytest.fixture(scope="module")
def graph() -> Graph:
    return record_model(exposure=exposure())


@pytest.fixture(scope="module")
def inner() -> Graph:
    """On an accelerator, a fixed number of replicas, for callers of the cluster only."""
    return record_model(resources=ON_GPU, scale=Scale(min=2, max=2))


def test_a_model_is_made_of_these_objects(graph: Graph) -> None:
    made = sorted(one.type.rpartition(":")[2] for one in graph.resources if one.type.startswith("kubernetes:"))
    assert made == [
        "Deployment",
        "HorizontalPodAutoscaler",
        "LimitRange",
        "Namespace",
        "NetworkPolicy",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "ResourceQuota",
        "Service",
        "Service",
        "ServiceAccount",
    ]


def test_every_object_has_its_own_name_and_lies_in_the_model_s_namespace(graph: Graph) -> None:
    for one in graph.resources:
        if one.type.startswith("kubernetes:") and not one.type.endswith(":Namespace"):
            assert one["metadata.name"]
            assert one["metadata.namespace"] == "model-fraud"


def test_every_object_says_whose_it_is(graph: Graph) -> None:
    for one in graph.resources:
        if one.type.startswith("kubernetes:"):
            labels = one.inputs["metadata"]["labels"]
            assert labels["homeport-jurisdiction"] == "eu"
            assert labels["homeport-model"] == labels["app.kubernetes.io/name"] == "fraud"


def test_the_namespace_takes_restricted_pods_only(graph: Graph) -> None:
    labels = graph.one("Namespace").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_no_pod_gets_a_token_for_the_cluster_s_own_api(graph: Graph) -> None:
    assert graph.one("ServiceAccount")["automountServiceAccountToken"] is False
    assert graph.one("Deployment")["spec.template.spec.automountServiceAccountToken"] is False


def test_what_the_pods_name_is_what_is_declared(graph: Graph) -> None:
    assert (
        graph.one("Deployment")["spec.template.spec.serviceAccountName"] == graph.one("ServiceAccount")["metadata.name"]
    )
    assert graph.one("HorizontalPodAutoscaler")["spec.scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": graph.one("Deployment")["metadata.name"],
    }


def test_the_autoscaler_alone_sets_the_number_of_replicas(graph: Graph) -> None:
    assert "replicas" not in graph.one("Deployment").inputs["spec"]


def test_a_fixed_number_of_replicas_needs_no_autoscaler(inner: Graph) -> None:
    assert inner.one("Deployment")["spec.replicas"] == 2
    assert inner.all("HorizontalPodAutoscaler") == ()


def test_the_load_balancer_s_name_comes_out(graph: Graph) -> None:
    assert ".elb.eu-west-1.amazonaws.com" in graph.outputs["hostname"]
    assert graph.outputs["address"] == "http://fraud.model-fraud.svc"


def test_a_model_for_the_cluster_only_has_no_load_balancer_and_no_name_outside(inner: Graph) -> None:
    assert [service["spec.type"] for service in inner.all("Service")] == ["ClusterIP"]
    assert inner.outputs.get("hostname") is None


def test_up_waits_for_pods_but_not_for_scarce_accelerators(graph: Graph, inner: Graph) -> None:
    assert "annotations" not in graph.one("Deployment").inputs["metadata"]
    assert inner.one("Deployment").inputs["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}


def test_up_waits_for_the_load_balancer_s_name_whether_or_not_a_pod_runs(graph: Graph) -> None:
    annotations = graph.one("Service", "fraud-public").inputs["metadata"]["annotations"]
    assert annotations["pulumi.com/waitFor"] == "jsonpath={.status.loadBalancer.ingress[0]}"


def test_a_preview_declares_the_same(graph: Graph) -> None:
    again = record_model(exposure=exposure(), preview=True)
    assert {one.urn for one in again.resources} == {one.urn for one in graph.resources}
