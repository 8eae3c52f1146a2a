"""What serving promises of Kubernetes, asked of the real scheduler, controllers and admission."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from components.accelerators import ACCELERATORS
from components.serving.aws import AWS_REACHES
from components.serving.model import BehindApi, Resources, Scale
from components.serving.priority import ServingPriority, ServingPriorityArgs
from tests.cluster.objects import Applied, eventually, in_order
from tests.components.serving.parts import CLUSTER, LABELS, NODES, ON_GPU, candidate, record_model
from tests.recorder import Graph, record
from tools.cluster.client import Refused

PODS = "/api/v1/namespaces/model-fraud/pods"
SERVICES = "/api/v1/namespaces/model-fraud/services"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/model-fraud/endpointslices"


def test_stable_and_candidate_answer_apart_each_on_its_own_port(applied: Applied) -> None:
    applied.graph(
        record_model(
            exposure=BehindApi(cidr=NODES),
            candidate=candidate(50),
            environment={"AWS_REGION": "eu-west-1"},
            reaches=AWS_REACHES,
        )
    )
    eventually("both releases have pods", lambda: [len(behind(applied, name)) for name in names()] == [2, 1])
    stable, trial = (behind(applied, name) for name in names())
    assert not set(stable) & set(trial)
    for link in ("fraud-link", "fraud-link-candidate"):
        assert set(behind(applied, link)) == set(trial if link.endswith("-candidate") else stable)
    ports = [
        applied.get(f"{SERVICES}/{name}")["spec"]["ports"][0]["nodePort"]
        for name in ("fraud-link", "fraud-link-candidate")
    ]
    assert all(30000 <= port <= 32767 for port in ports)
    assert ports[0] != ports[1]


def test_pods_with_an_accelerator_lie_on_its_nodes_in_different_zones(applied: Applied) -> None:
    applied.graph(record_model(resources=ON_GPU, scale=Scale(min=3, max=3)))
    eventually("three pods run", lambda: len(running(applied)) == 3)
    nodes = [applied.get(f"/api/v1/nodes/{pod['spec']['nodeName']}")["metadata"]["labels"] for pod in running(applied)]
    assert {node["homeport.dev/accelerator"] for node in nodes} == {"l4"}
    assert len({node["topology.kubernetes.io/zone"] for node in nodes}) == 3


def test_pods_without_an_accelerator_keep_off_the_nodes_that_have_one(applied: Applied) -> None:
    applied.graph(record_model(scale=Scale(min=6, max=6)))
    eventually("six pods run", lambda: len(running(applied)) == 6)
    assert {pod["spec"]["nodeName"].split("-")[0] for pod in running(applied)} == {"cpu"}


def test_the_quota_refuses_a_pod_too_many_and_says_why(applied: Applied) -> None:
    applied.graph(record_model(scale=Scale(min=2, max=2)))
    eventually("two pods run", lambda: len(running(applied)) == 2)
    for number in range(3):
        applied.create(plain_pod(f"extra-{number}"))
    with pytest.raises(Refused, match="exceeded quota: fraud, requested: pods=1, used: pods=5, limited: pods=5"):
        applied.create(plain_pod("one-too-many"))


def test_a_pod_that_asks_for_nothing_is_bounded_and_the_model_s_cpu_is_not(applied: Applied) -> None:
    applied.graph(record_model(scale=Scale(min=1, max=1)))
    extra = applied.create(plain_pod("extra"))["spec"]["containers"][0]["resources"]
    assert extra["limits"] == {"memory": "256Mi", "ephemeral-storage": "256Mi"}
    assert extra["requests"]["cpu"] == "100m"
    eventually("the model's pod is there", lambda: len(running(applied, "fraud")) == 1)
    assert "cpu" not in running(applied, "fraud")[0]["spec"]["containers"][0]["resources"]["limits"]


def test_a_pod_that_runs_as_root_is_refused(applied: Applied) -> None:
    applied.graph(record_model(scale=Scale(min=1, max=1)))
    root = plain_pod("root")
    del root["spec"]["securityContext"]["runAsNonRoot"]
    with pytest.raises(Refused, match='violates PodSecurity "restricted:latest"'):
        applied.create(root)


def test_a_release_without_a_spare_accelerator_finishes(applied: Applied) -> None:
    things = applied.graph(on_every_l4(applied))
    deployment = next(thing for thing in things if thing["kind"] == "Deployment")
    eventually("three pods run", lambda: len(running(applied)) == 3)
    before = uids(applied)
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    container["image"] = container["image"].replace("a" * 64, "c" * 64)
    applied.apply(deployment)
    eventually("every pod is new", lambda: len(new := uids(applied)) == 3 and not new & before, 90)


def test_a_drain_takes_one_pod_at_a_time(applied: Applied) -> None:
    applied.graph(on_every_l4(applied))
    budget = "/apis/policy/v1/namespaces/model-fraud/poddisruptionbudgets/fraud"
    eventually("one may go", lambda: applied.get(budget)["status"].get("disruptionsAllowed") == 1)
    first, second, _ = running(applied)
    mark(applied, first["spec"]["nodeName"], unschedulable=True)
    try:
        evict(applied, first)  # there is no other node for what is to replace it
        with pytest.raises(Refused, match="would violate the pod's disruption budget"):
            evict(applied, second)
    finally:
        mark(applied, first["spec"]["nodeName"], unschedulable=False)
    eventually("the lost pod is made up for", lambda: applied.get(budget)["status"]["disruptionsAllowed"] == 1)
    evict(applied, second)


def test_more_weight_for_the_candidate_is_more_pods_of_it_and_no_new_ones_of_the_stable(applied: Applied) -> None:
    scale = Scale(min=4, max=4)
    applied.graph(record_model(exposure=BehindApi(cidr=NODES), scale=scale, candidate=candidate(25)))
    eventually("four and one run", lambda: [len(running(applied, name)) for name in names()] == [4, 1])
    stable = uids(applied)
    for thing in in_order(record_model(exposure=BehindApi(cidr=NODES), scale=scale, candidate=candidate(100))):
        applied.apply(thing.inputs)
    eventually("four and four run", lambda: [len(running(applied, name)) for name in names()] == [4, 4])
    assert uids(applied) == stable


def test_models_outrank_pods_without_a_class(applied: Applied) -> None:
    def program() -> None:
        provider = kubernetes.Provider("cluster", cluster_identifier=CLUSTER, kubeconfig="{}")
        ServingPriority("serving", ServingPriorityArgs(labels=LABELS), pulumi.ResourceOptions(provider=provider))

    applied.graph(record(program))
    applied.graph(record_model(scale=Scale(min=1, max=1), priority_class="homeport-model"))
    eventually("the model's pod is there", lambda: len(running(applied)) == 1)
    assert running(applied)[0]["spec"]["priority"] == 1_000_000


def names() -> tuple[str, str]:
    return "fraud", "fraud-candidate"


def behind(applied: Applied, service: str) -> list[str]:
    """Names of the pods that a Service sends calls to."""
    slices = applied.listed(SLICES, labelSelector=f"kubernetes.io/service-name={service}")
    ends = [end for one in slices for end in one.get("endpoints") or []]
    return [end["targetRef"]["name"] for end in ends if end["conditions"].get("ready")]


def running(applied: Applied, name: str = "fraud") -> list[dict[str, Any]]:
    pods = applied.listed(PODS, labelSelector=f"app.kubernetes.io/name={name}")
    return [pod for pod in pods if pod["status"]["phase"] == "Running" and "deletionTimestamp" not in pod["metadata"]]


def uids(applied: Applied) -> set[str]:
    return {pod["metadata"]["uid"] for pod in running(applied)}


def on_every_l4(applied: Applied) -> Graph:
    """A model of as many pods as there are nodes with an l4, each of which takes all of its node's."""
    nodes = applied.listed("/api/v1/nodes", labelSelector="homeport.dev/accelerator=l4")
    (each,) = {int(node["status"]["allocatable"]["nvidia.com/gpu"]) for node in nodes}
    whole = Resources(cpu=2, memory_gib=4, accelerator=ACCELERATORS["l4"], accelerators=each)
    return record_model(resources=whole, scale=Scale(min=len(nodes), max=len(nodes)))


def evict(applied: Applied, pod: dict[str, Any]) -> None:
    metadata = {"name": pod["metadata"]["name"], "namespace": "model-fraud"}
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}
    applied.api.ask("POST", f"{PODS}/{metadata['name']}/eviction", body)


def mark(applied: Applied, node: str, *, unschedulable: bool) -> None:
    """As `kubectl cordon` and `uncordon` do."""
    found = applied.get(f"/api/v1/nodes/{node}")
    del found["metadata"]["resourceVersion"]
    found["spec"]["unschedulable"] = unschedulable
    applied.api.ask("PUT", f"/api/v1/nodes/{node}", found)


def plain_pod(name: str) -> dict[str, Any]:
    """As a person would start one beside the model."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "model-fraud"},
        "spec": {
            "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": "shell",
                    "image": "example.com/shell:1",
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                }
            ],
        },
    }
