"""Node ports of the stand-in cluster: of the server's choice, kept, and each only once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools.offline.cloud.answers import created, previewed_update
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.setting import setting_of
from tools.offline.cloud.store import Store
from tools.offline.cloud.world import CloudRefused, World

TOKEN = "kubernetes:core/v1:Service"
SETTING = setting_of(TOKEN, {}, {"clusterIdentifier": "arn:aws:eks:eu-west-1:210987654321:cluster/demo"})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(store=Store(tmp_path / "cloud.sqlite"), setting=SETTING)


def service(name: str, kind: str = "NodePort", **port: Any) -> Asked:
    inputs = {
        "kind": "Service",
        "metadata": {"name": name, "namespace": "models"},
        "spec": {"type": kind, "ports": [{"name": "http", "port": 80, **port}]},
    }
    return Asked(token=TOKEN, urn=f"urn:pulumi:s::homeport::{TOKEN}::{name}", name=name, inputs=inputs, setting=SETTING)


def port_of(answer: Any) -> int | None:
    return answer.outputs["spec"]["ports"][0].get("nodePort")


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_a_service_that_nodes_answer_for_gets_a_port_of_the_range(world: World, kind: str) -> None:
    port = port_of(world.create(service("fraud", kind)))
    assert port is not None
    assert 30_000 <= port <= 32_767


def test_a_service_of_the_cluster_gets_none(world: World) -> None:
    assert port_of(world.create(service("fraud", "ClusterIP"))) is None


def test_a_change_keeps_port_and_address_also_in_a_preview(world: World) -> None:
    first = world.create(service("fraud"))
    changed = service("fraud", targetPort="http")
    shown = previewed_update(changed, first.outputs)
    second = world.update(changed, first.id)
    assert port_of(second) == shown["spec"]["ports"][0]["nodePort"] == port_of(first)
    assert second.outputs["spec"]["clusterIP"] == first.outputs["spec"]["clusterIP"]
    assert second.outputs["spec"]["ports"][0]["targetPort"] == "http"


def test_a_port_that_another_service_has_is_not_given_again(world: World) -> None:
    wanted = port_of(created(service("fraud")))
    world.create(service("churn", nodePort=wanted))
    assert port_of(world.create(service("fraud"))) != wanted


def test_a_moved_port_stays_when_its_service_changes(world: World) -> None:
    wanted = port_of(created(service("fraud")))
    world.create(service("churn", nodePort=wanted))
    first = world.create(service("fraud"))
    assert port_of(world.update(service("fraud", targetPort="http"), first.id)) == port_of(first)


def test_a_port_that_is_taken_is_refused_in_the_server_s_words(world: World) -> None:
    world.create(service("churn", nodePort=30_080))
    with pytest.raises(CloudRefused, match=r'"fraud" is invalid: spec\.ports\[0\]\.nodePort: Invalid value: 30080'):
        world.create(service("fraud", nodePort=30_080))
