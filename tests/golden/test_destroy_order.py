"""What holds something back goes before it: a destroy runs the dependencies backwards.

Beside these, the stand-in cloud refuses to delete what is in use (tools/offline/cloud/holding.py), so that `make down`
in the engine tests ends only in a good order.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.golden.graphs import STACKS, graph_of
from tests.recorder import Graph, Recorded
from tools.offline.cloud.holding import HELD, texts

# First, after it, and why: whatever of the second type a thing of the first type uses must outlive it.
_RIGHTS = "it deletes its network interfaces with its role's rights"
OUTLIVED = (
    ("aws:lambda/function:Function", "aws:iam/rolePolicy:RolePolicy", _RIGHTS),
    ("aws:sagemaker/model:Model", "aws:iam/rolePolicy:RolePolicy", _RIGHTS),
    ("aws:eks/nodeGroup:NodeGroup", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", _RIGHTS),
    ("aws:sagemaker/endpoint:Endpoint", "aws:sagemaker/model:Model", "a model that is served cannot be replaced"),
    ("aws:batch/jobQueue:JobQueue", "aws:batch/computeEnvironment:ComputeEnvironment", "a queue holds its machines"),
    ("aws:apigateway/vpcLink:VpcLink", "aws:lb/loadBalancer:LoadBalancer", "a linked balancer cannot be deleted"),
    ("aws:cloudwatch/compositeAlarm:CompositeAlarm", "aws:cloudwatch/metricAlarm:MetricAlarm", "it names its parts"),
    ("kubernetes:helm.sh/v3:Release", "aws:eks/nodeGroup:NodeGroup", "what is uninstalled needs a node to say so"),
)


def _above(graph: Graph, one: Recorded) -> frozenset[str]:
    """All that must stand before it, through whatever else, components included."""
    known = {resource.urn: resource for resource in graph.resources}
    seen: set[str] = set()
    waiting = [one.urn]
    while waiting:
        resource = known.get(waiting.pop())
        if resource is not None:
            fresh = resource.dependencies - seen
            seen |= fresh
            waiting += fresh
    return frozenset(seen)


def _demo(token: str) -> Iterator[tuple[Graph, Recorded]]:
    graphs = (graph_of(stack) for stack in STACKS if stack.startswith("demo"))
    return ((graph, one) for graph in graphs for one in graph.resources if one.type == token)


@pytest.mark.parametrize(("first", "after", "why"), OUTLIVED)
def test_what_is_needed_to_go_goes_last(first: str, after: str, why: str) -> None:
    found = list(_demo(first))
    assert found, f"no stack of demo has a {first}"
    for graph, one in found:
        kinds = {urn.split("::")[2].rpartition("$")[2] for urn in _above(graph, one)}
        assert after in kinds, f"{one.urn}: {why}"


@pytest.mark.parametrize("token", sorted(HELD))
def test_what_is_held_is_deleted_after_its_holders(token: str) -> None:
    """In one stack by dependencies; between stacks by their order."""
    for graph, held in _demo(token):
        names = {name for name in (held.id, held.outputs.get("arn")) if name}
        for one in graph.resources:
            if one.type in HELD[token].by and names & set(texts(one.inputs)):
                assert held.urn in _above(graph, one), f"{held.urn} would go while {one.urn} uses it"
