"""Every Kubernetes object of every stack file is accepted by a real API server, runs there, and leaves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.objects import Applied, eventually, in_order
from tests.golden.graphs import STACKS, graph_of
from tools.cluster.client import Refused

DECLARING = tuple(stack for stack in STACKS if stack.endswith("-models"))


@pytest.mark.parametrize("stack", DECLARING)
def test_every_object_is_accepted_and_its_pods_become_ready(stack: str, applied: Applied) -> None:
    things = applied.graph(graph_of(stack))
    assert things
    for deployment in (thing["metadata"] for thing in things if thing["kind"] == "Deployment"):
        path = f"/apis/apps/v1/namespaces/{deployment['namespace']}/deployments/{deployment['name']}"
        eventually(f"{path} is available", lambda path=path: _available(applied.get(path)))


@pytest.mark.parametrize("stack", DECLARING)
def test_a_second_apply_changes_nothing(stack: str, applied: Applied) -> None:
    for thing in applied.graph(graph_of(stack)):
        first = applied.apply(thing)
        again = applied.apply(thing)
        assert again["metadata"].get("generation") == first["metadata"].get("generation") in {None, 1}
        for part in thing.keys() - {"metadata", "status"}:
            assert again[part] == first[part]


def test_no_stack_that_declares_objects_is_left_out() -> None:
    declaring = {stack for stack in STACKS if in_order(graph_of(stack))}
    assert declaring == set(DECLARING)


def test_an_unknown_field_would_be_refused(applied: Applied) -> None:
    namespace = next(one.inputs for one in in_order(graph_of(DECLARING[0])) if one.inputs["kind"] == "Namespace")
    wrong: dict[str, Any] = {**namespace, "spec": {"replicas": 2}}
    with pytest.raises(Refused, match=r'unknown field "spec\.replicas"'):
        applied.create(wrong)


def _available(deployment: dict[str, Any]) -> bool:
    status = deployment["status"]
    return (
        status.get("observedGeneration") == deployment["metadata"]["generation"]
        and status.get("availableReplicas", 0) >= deployment["spec"]["replicas"]
    )
