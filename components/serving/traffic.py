"""Who reaches a model, and what it reaches: Services and network policies.

A network policy binds only where the cluster's network enforces it; ours is told to (`components/cluster`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.serving.model import PORT, PORT_NAME, Exposure, ModelDeploymentArgs, selector_of

if TYPE_CHECKING:
    from pulumi_kubernetes.core.v1 import ServiceSpecArgsDict
    from pulumi_kubernetes.networking.v1 import NetworkPolicyPeerArgsDict, NetworkPolicySpecArgsDict

SERVICE_PORT = 80
PUBLIC_PORT = 443


def service_spec(model: str) -> ServiceSpecArgsDict:
    """For callers inside the cluster, on port 80."""
    return {
        "type": "ClusterIP",
        "selector": selector_of(model),
        "ports": [{"name": PORT_NAME, "port": SERVICE_PORT, "target_port": PORT_NAME, "protocol": "TCP"}],
    }


def public_service_spec(model: str, exposure: Exposure) -> ServiceSpecArgsDict:
    """For callers outside, on port 443: the load balancer ends TLS and sends only to nodes that run the model.

    `Local` keeps the caller's address up to the pod, so that the network policy can tell callers apart.
    """
    return {
        "type": "LoadBalancer",
        "selector": selector_of(model),
        "ports": [{"name": "https", "port": PUBLIC_PORT, "target_port": PORT_NAME, "protocol": "TCP"}],
        "external_traffic_policy": "Local",
        "load_balancer_source_ranges": [str(network) for network in exposure.networks],
    }


def closed_policy_spec() -> NetworkPolicySpecArgsDict:
    """No pod of the namespace is reached by anyone or reaches anyone, but for what other policies allow."""
    return {"pod_selector": {}, "policy_types": ["Ingress", "Egress"]}


def model_policy_spec(args: ModelDeploymentArgs) -> NetworkPolicySpecArgsDict:
    """In: pods of this cluster and the exposed networks, on the serving port. Out: names, from the cluster's DNS.

    The kubelet's probes come from the pod's own node, which network policies let pass.
    """
    networks = () if args.exposure is None else args.exposure.networks
    outside: list[NetworkPolicyPeerArgsDict] = [{"ip_block": {"cidr": str(network)}} for network in networks]
    return {
        "pod_selector": {"match_labels": selector_of(args.model)},
        "policy_types": ["Ingress", "Egress"],
        "ingress": [{"from_": [{"namespace_selector": {}}, *outside], "ports": [{"port": PORT, "protocol": "TCP"}]}],
        "egress": [
            {
                "to": [
                    {
                        "namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": "kube-system"}},
                        "pod_selector": {"match_labels": {"k8s-app": "kube-dns"}},
                    }
                ],
                "ports": [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")],
            }
        ],
    }
