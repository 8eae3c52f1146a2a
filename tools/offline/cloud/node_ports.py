"""Node ports of Services: one range of the cluster, from which the API server gives each port that names none its own.

Source: Kubernetes 1.34, pkg/registry/core/service (alloc.go, portallocator) and the API server's default for
`--service-node-port-range`. The API server picks at random; here the pick follows from the Service, so that the same
stack always gets the same ports.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties, Value

FIRST, LAST = 30_000, 32_767
_COUNT = LAST - FIRST + 1
SERVICE = "kubernetes:core/v1:Service"


class PortTaken(Exception):
    """A Service asks for a port by number that another has; the text is the API server's."""


def allocated(spec: Mapping[str, Value], words: Words) -> Properties:
    """The spec with a node port for each of its ports, if its type has them. Who else has which is not looked at."""
    if not _has_node_ports(spec):
        return dict(spec)
    given = {int(port["nodePort"]) for port in _ports(spec) if port.get("nodePort")}
    made: list[Properties] = []
    for index, port in enumerate(_ports(spec)):
        picked = port.get("nodePort") or _free(FIRST + int(words[f"digits_node_port_{index}"]) % _COUNT, given)
        given.add(int(picked))
        made.append({**port, "nodePort": int(picked)})
    return {**spec, "ports": made}


def settled(outputs: Properties, inputs: Mapping[str, Value], others: Sequence[Mapping[str, Value]]) -> Properties:
    """The Service with node ports that none of the others has; raises `PortTaken` if it asks for one of theirs."""
    taken = {int(port["nodePort"]) for other in others for port in _ports(_spec(other)) if port.get("nodePort")}
    spec = _spec(outputs)
    if not taken or not _has_node_ports(spec):
        return outputs
    for index, port in enumerate(_ports(_spec(inputs))):
        if port.get("nodePort") in taken:
            name = str(cast("Mapping[str, Value]", inputs.get("metadata") or {}).get("name"))
            raise PortTaken(
                f'Service "{name}" is invalid: spec.ports[{index}].nodePort: Invalid value: {int(port["nodePort"])}: '
                "provided port is already allocated"
            )
    made: list[Properties] = []
    for port in _ports(spec):
        picked = _free(int(port["nodePort"]), taken)
        taken.add(picked)
        made.append({**port, "nodePort": picked})
    return {**outputs, "spec": {**spec, "ports": made}}


def kept(spec: Mapping[str, Value], old: Mapping[str, Value]) -> Properties:
    """The spec of a changed Service with what the API server gave it before: its address, and its ports by name."""
    made = dict(spec)
    if old.get("clusterIP") and made.get("type") != "ExternalName":
        made.setdefault("clusterIP", old["clusterIP"])
    if _has_node_ports(spec):
        before: dict[Value, Value] = {
            port.get("name"): port["nodePort"] for port in _ports(old) if port.get("nodePort")
        }
        made["ports"] = [_with_port_of_before(port, before) for port in _ports(spec)]
    return made


def _with_port_of_before(port: Mapping[str, Value], before: Mapping[Value, Value]) -> Mapping[str, Value]:
    name = port.get("name")
    return port if port.get("nodePort") or name not in before else {**port, "nodePort": before[name]}


def _has_node_ports(spec: Mapping[str, Value]) -> bool:
    if spec.get("type") == "LoadBalancer":
        return spec.get("allocateLoadBalancerNodePorts") is not False
    return spec.get("type") == "NodePort"


def _free(wanted: int, taken: Collection[int]) -> int:
    """The wanted port, or the next one that nobody has, from the first again after the last."""
    for step in range(_COUNT):
        port = FIRST + (wanted - FIRST + step) % _COUNT
        if port not in taken:
            return port
    raise PortTaken("failed to allocate a nodePort: range is full")


def _spec(thing: Mapping[str, Value]) -> Mapping[str, Value]:
    spec = thing.get("spec")
    return cast("Mapping[str, Value]", spec) if isinstance(spec, Mapping) else {}


def _ports(spec: Mapping[str, Value]) -> Sequence[Mapping[str, Value]]:
    ports = spec.get("ports")  # in a preview perhaps unknown
    return cast("list[Mapping[str, Value]]", ports) if isinstance(ports, list) else ()
