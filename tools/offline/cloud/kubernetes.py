"""What an API server answers, and which changes of a Kubernetes object need a new object.

Sources: pulumi-kubernetes (2026-07) `provider/pkg/provider/diff.go` for the fields whose change replaces an object, and
the API conventions of Kubernetes 1.34 ("Object Names and IDs", "Services, Load Balancing").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tools.offline.cloud import node_ports
from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties, Value

_ALWAYS = ("metadata.name", "metadata.namespace")
_DIFF = "pulumi-kubernetes provider/pkg/provider/diff.go"

_CLUSTER_WIDE = frozenset(
    {
        "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "IngressClass", "Namespace", "NodePool",
        "EC2NodeClass", "PersistentVolume", "PriorityClass", "RuntimeClass", "StorageClass", "GatewayClass",
        "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration", "CSIDriver", "APIService", "FlowSchema", "PriorityLevelConfiguration",
    }
)  # fmt: skip

# Kind -> fields whose change makes a new object, whatever its API version. The SDK's patches and old versions left out.
_REPLACES: Mapping[str, tuple[str, ...]] = {
    "ClusterRoleBinding": ("roleRef",),
    "ConfigMap": ("binaryData", "data"),  # unless the provider's enableConfigMapMutable is on
    "DaemonSet": ("spec.selector",),
    "Deployment": ("spec.selector",),
    "Job": ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    "PersistentVolumeClaim": ("spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"),
    "Pod": ("spec",),  # nearly every field of it
    "ResourceQuota": ("spec.scopes",),
    "RoleBinding": ("roleRef",),
    "Secret": ("data", "stringData", "type"),  # unless the provider's enableSecretMutable is on
    "Service": ("spec.clusterIP",),
    "StatefulSet": (
        "spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.selector", "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    "StorageClass": ("parameters", "provisioner"),
}  # fmt: skip


def kind_of(token: str) -> Kind:
    """The row of a Kubernetes type: every object is told apart by its name and namespace."""
    kind = token.rpartition(":")[2].removesuffix("Patch")
    return Kind(
        source=_DIFF,
        replaces=(*_ALWAYS, *_REPLACES.get(kind, ())),
        identity=("metadata.namespace", "metadata.name"),
        named="metadata.name",
    )


def identifier(inputs: Mapping[str, Value]) -> str:
    """`NAMESPACE/NAME`, or the name alone for what belongs to no namespace."""
    metadata = cast("Mapping[str, Value]", inputs.get("metadata") or {})
    name = str(metadata.get("name", ""))
    if inputs.get("kind") in _CLUSTER_WIDE:
        return name
    return f"{metadata.get('namespace', 'default')}/{name}"


def preview(asked: Asked) -> Properties:
    """The object as declared; the server's additions are absent, which the SDK reads as unknown."""
    return dict(asked.inputs)


def outputs(asked: Asked) -> Properties:
    """The object as the API server keeps it."""
    words, made = Words(asked), dict(asked.inputs)
    metadata = dict(cast("Mapping[str, Value]", made.get("metadata") or {}))
    if made.get("kind") not in _CLUSTER_WIDE:
        metadata.setdefault("namespace", "default")
    metadata.update(
        uid=words["uuid"],
        creationTimestamp="2026-01-01T00:00:00Z",
        generation=1,
        resourceVersion="1",
    )
    made["metadata"] = metadata
    match made.get("kind"):
        case "Service":
            _service(asked, words, made)
        case "Deployment" | "StatefulSet":
            replicas = int(cast("Mapping[str, Value]", made.get("spec") or {}).get("replicas") or 1)
            made["status"] = {"replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas}
        case "Namespace":
            made["status"] = {"phase": "Active"}
        case _:
            pass
    return made


def previewed_update(inputs: Mapping[str, Value], old: Mapping[str, Value]) -> Properties:
    """What a dry run of a change on the API server answers: a Service keeps its address and ports."""
    return _with_kept(dict(inputs), old)


def after_update(asked: Asked, fresh: Properties, old: Mapping[str, Value]) -> Properties:
    """The object after a change: uid, birth and what the server gave stay, generation and version move on."""
    if asked.inputs.get("kind") == "Service":
        spec = dict(cast("Mapping[str, Value]", _with_kept(dict(asked.inputs), old).get("spec") or {}))
        fresh = {**fresh, "spec": {**fresh["spec"], **node_ports.allocated(spec, Words(asked))}}
    was = cast("Mapping[str, Value]", old.get("metadata") or {})
    metadata = dict(fresh["metadata"])
    metadata["uid"] = was.get("uid", metadata["uid"])
    metadata["generation"] = int(was.get("generation") or 1) + 1
    metadata["resourceVersion"] = str(int(was.get("resourceVersion") or 1) + 1)
    return {**fresh, "metadata": metadata}


def _with_kept(made: Properties, old: Mapping[str, Value]) -> Properties:
    spec, before = made.get("spec"), old.get("spec")
    if made.get("kind") != "Service" or not isinstance(spec, dict) or not isinstance(before, dict):
        return made
    return {**made, "spec": node_ports.kept(cast("Properties", spec), cast("Properties", before))}


def _service(asked: Asked, words: Words, made: Properties) -> None:
    spec = dict(cast("Mapping[str, Value]", made.get("spec") or {}))
    number = int(words["digits"])
    spec.setdefault("clusterIP", f"172.20.{number % 256}.{number // 256 % 254 + 1}")
    made["spec"] = node_ports.allocated(spec, words)
    if spec.get("type") != "LoadBalancer":
        made["status"] = {"loadBalancer": {}}
        return
    if asked.setting.cluster.startswith("arn:"):
        # The name of an in-tree network load balancer: `a` and the object's uid without dashes.
        name = "a" + str(words["uuid"]).replace("-", "")[:31]
        host = f"{name}-{words['hash_lb'][:16]}.elb.{asked.setting.place}.{words['dns']}"
        made["status"] = {"loadBalancer": {"ingress": [{"hostname": host}]}}
    else:
        made["status"] = {"loadBalancer": {"ingress": [{"ip": words["ip"]}]}}
