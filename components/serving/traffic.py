"""Who reaches a model, and what it reaches: Services and network policies.

A network policy binds only where the cluster's network enforces it; ours is told to (`components/cluster`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.serving.arms import Arm
from components.serving.model import PORT, PORT_NAME, BehindApi, Exposure, ModelDeploymentArgs

if TYPE_CHECKING:
    from pulumi_kubernetes.core.v1 import ServiceSpecArgsDict
    from pulumi_kubernetes.networking.v1 import (
        NetworkPolicyEgressRuleArgsDict,
        NetworkPolicyPeerArgsDict,
        NetworkPolicySpecArgsDict,
    )

SERVICE_PORT = 80
PUBLIC_PORT = 443


def service_spec(arm: Arm) -> ServiceSpecArgsDict:
    """For callers inside the cluster, on port 80."""
    return {
        "type": "ClusterIP",
        "selector": arm.selector,
        "ports": [{"name": PORT_NAME, "port": SERVICE_PORT, "target_port": PORT_NAME, "protocol": "TCP"}],
    }


def public_service_spec(arm: Arm, exposure: Exposure) -> ServiceSpecArgsDict:
    """For callers outside, on port 443: the load balancer ends TLS and sends only to nodes that run the model.

    `Local` keeps the caller's address up to the pod, so that the network policy can tell callers apart.
    """
    return {
        "type": "LoadBalancer",
        "selector": arm.selector,
        "ports": [{"name": "https", "port": PUBLIC_PORT, "target_port": PORT_NAME, "protocol": "TCP"}],
        "external_traffic_policy": "Local",
        "load_balancer_source_ranges": [str(network) for network in exposure.networks],
    }


def link_service_spec(arm: Arm) -> ServiceSpecArgsDict:
    """For a gateway that reaches the nodes: on a port of every node, which Kubernetes chooses and keeps.

    `Cluster`: any node hands on to a pod, so the gateway need not know where pods run, nor miss a request when one
    moves. TLS has ended at the gateway.
    """
    return {
        "type": "NodePort",
        "selector": arm.selector,
        "ports": [{"name": PORT_NAME, "port": SERVICE_PORT, "target_port": PORT_NAME, "protocol": "TCP"}],
        "external_traffic_policy": "Cluster",
    }


def closed_policy_spec() -> NetworkPolicySpecArgsDict:
    """No pod of the namespace is reached by anyone or reaches anyone, but for what other policies allow."""
    return {"pod_selector": {}, "policy_types": ["Ingress", "Egress"]}


def model_policy_spec(args: ModelDeploymentArgs, arm: Arm) -> NetworkPolicySpecArgsDict:
    """In: pods of this cluster and the exposed networks, on the serving port. Out: names, from the cluster's DNS, and
    what the model is said to reach.

    The kubelet's probes come from the pod's own node, which network policies let pass.
    """
    return {
        "pod_selector": {"match_labels": arm.selector},
        "policy_types": ["Ingress", "Egress"],
        "ingress": [
            {"from_": [{"namespace_selector": {}}, *_outside(args)], "ports": [{"port": PORT, "protocol": "TCP"}]}
        ],
        "egress": [_names(), *_reached(args)],
    }


def _outside(args: ModelDeploymentArgs) -> list[NetworkPolicyPeerArgsDict]:
    match args.exposure:
        case None:
            return []
        case BehindApi(cidr=cidr):
            return [{"ip_block": {"cidr": cidr}}]
        case Exposure(networks=networks):
            return [{"ip_block": {"cidr": str(network)}} for network in networks]


def _names() -> NetworkPolicyEgressRuleArgsDict:
    return {
        "to": [
            {
                "namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": "kube-system"}},
                "pod_selector": {"match_labels": {"k8s-app": "kube-dns"}},
            }
        ],
        "ports": [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")],
    }


def _reached(args: ModelDeploymentArgs) -> list[NetworkPolicyEgressRuleArgsDict]:
    return [
        {"to": [{"ip_block": {"cidr": reach.cidr}}], "ports": [{"port": reach.port, "protocol": "TCP"}]}
        for reach in args.reaches
    ]
