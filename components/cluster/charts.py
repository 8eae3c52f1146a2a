"""Helm charts that are installed into a cluster, each at one version, and how.

A release is deleted with its cluster: whoever destroys a region needs no way to the Kubernetes API for it. Taken out
alone (a pool that asks for it is gone), it is removed by that API like any object.

To check a chart of a repository its `index.yaml` is read at every preview, once its values are known: a runner needs
the way there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

NAMESPACE = "kube-system"
_TIMEOUT_S = 600  # until its pods are ready; a release that is not by then is taken back
_REVISIONS = 5  # kept by Helm, each as a Secret in the cluster


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`name` within `repository`, or a whole `oci://` address."""

    name: str
    version: str
    repository: str | None = None


# Chart.yaml of kubernetes/autoscaler (cluster-autoscaler/charts) and of aws/eks-charts, both of 2026-08; release
# notes of aws-neuron/neuron-helm-charts (2026-07, for Neuron 2.31). Read 2026-11-24.
AUTOSCALER = Chart(name="cluster-autoscaler", version="9.59.0", repository="https://kubernetes.github.io/autoscaler")
EFA_PLUGIN = Chart(name="aws-efa-k8s-device-plugin", version="v0.5.30", repository="https://aws.github.io/eks-charts")
NEURON_PLUGIN = Chart(name="oci://public.ecr.aws/neuron/neuron-helm-chart", version="1.9.0")


@dataclass(frozen=True, kw_only=True)
class Placing:
    """Where a release goes: `control_plane` is the cluster that it dies with, `after` what must stand before it."""

    control_plane: pulumi.Resource
    after: tuple[pulumi.Resource, ...]


def install(
    name: str, release: str, chart: Chart, values: Mapping[str, Any], placing: Placing, parent: pulumi.Resource
) -> kubernetes.helm.v3.Release:
    """A release of this name in kube-system. `up` waits for its pods; if they do not come, Helm undoes the change."""
    return kubernetes.helm.v3.Release(
        name,
        name=release,
        namespace=NAMESPACE,
        chart=chart.name,
        version=chart.version,
        repository_opts=(
            kubernetes.helm.v3.RepositoryOptsArgs(repo=chart.repository) if chart.repository is not None else None
        ),
        values=values,
        atomic=True,
        timeout=_TIMEOUT_S,
        max_history=_REVISIONS,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=placing.after, deleted_with=placing.control_plane),
    )
