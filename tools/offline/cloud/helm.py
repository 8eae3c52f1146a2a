"""What the Kubernetes provider answers for a chart that Helm installs: the release, never the objects in it.

Source: pulumi-kubernetes (2026-07) `provider/pkg/provider/helm_release.go`: the id is `NAMESPACE/NAME`, a change of
either makes a new release, every other change is a new revision of it. Charts are not fetched or rendered here: a
version that does not exist, and values that a chart would refuse, are not noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tools.offline.cloud.kind import Asked, Kind
from tools.offline.protocol.values import UNKNOWN, Properties, Value

RELEASE = "kubernetes:helm.sh/v3:Release"

KIND = Kind(
    source="pulumi-kubernetes provider/pkg/provider/helm_release.go",
    replaces=("name", "namespace"),
    identity=("namespace", "name"),
    named="name",
)


def identifier(inputs: Mapping[str, Value]) -> str:
    """`NAMESPACE/NAME`."""
    return f"{_namespace(inputs)}/{inputs.get('name', '')}"


def preview(inputs: Mapping[str, Value]) -> Properties:
    """The release as asked for; what Helm will say of it is unknown."""
    return {**inputs, "status": UNKNOWN, "resourceNames": UNKNOWN}


def outputs(asked: Asked, revision: int = 1) -> Properties:
    """The release as Helm keeps it after its installation, or after the change that made this revision."""
    inputs = asked.inputs
    status = {
        "chart": inputs.get("chart"),
        "name": inputs.get("name"),
        "namespace": _namespace(inputs),
        "revision": revision,
        "status": "deployed",
        "version": inputs.get("version"),
    }
    return {**inputs, "namespace": _namespace(inputs), "status": status, "resourceNames": {}}


def after_update(asked: Asked, old: Mapping[str, Value]) -> Properties:
    """The next revision of the release that `old` tells of."""
    was = cast("Mapping[str, Value]", old.get("status") or {})
    return outputs(asked, int(was.get("revision") or 1) + 1)


def _namespace(inputs: Mapping[str, Value]) -> str:
    return str(inputs.get("namespace") or "default")
