"""The models stack: every model that is released in one region. Changed by releases, often, with small rights."""

from __future__ import annotations

from functools import cached_property

import pulumi
import pulumi_kubernetes as kubernetes

from components.accelerators import ACCELERATORS
from components.serving.kubernetes import ModelDeployment
from components.serving.model import Candidate, ModelDeploymentArgs, Resources, Scale, namespace_of
from components.serving.priority import ServingPriority, ServingPriorityArgs
from stacks.contracts import MODELS_OUTPUT, read_platform
from stacks.kits.aws_models import AwsModels, Way
from stacks.kits.aws_surroundings import Surroundings
from stacks.kits.kubeconfig import cluster_provider
from stacks.settings import ModelSettings, ModelsSettings, Release


def declare(settings: ModelsSettings) -> None:
    """Declares the released models and publishes the region's `ModelsContract`."""
    platform = read_platform(settings.platform)
    kit = AwsModels(settings, platform)
    cluster = _Cluster(kit)
    served: dict[str, object] = {}
    for model, release in settings.models:
        if release is None:
            pulumi.log.warn(f"{model.name} has no release in {settings.stack.file}: it is not served here")
            continue
        served[model.name] = _serve(kit, model, release, cluster)
    contract = {"cloud": settings.place.cloud.value, "place": settings.place.name, "models": served}
    pulumi.export(MODELS_OUTPUT, contract)


def _serve(kit: AwsModels, model: ModelSettings, release: Release, cluster: _Cluster) -> dict[str, object]:
    """One model: what watches it, what serves it, what stands in front of it. Its part of the contract."""
    watch, around = kit.watch(model, release), kit.around(model)
    if model.serve_on.aws == "kubernetes":
        way = _pods(kit, model, release, around, cluster)
    else:
        way = kit.way_to_managed(model, release, around, watch)
    return kit.open(model, release, way, watch)


def _pods(kit: AwsModels, model: ModelSettings, release: Release, around: Surroundings, cluster: _Cluster) -> Way:
    """The model's identity and objects in the cluster."""
    identity = kit.model_identity(model.name, namespace_of(model.name), around)
    args = ModelDeploymentArgs(
        model=model.name,
        repository=kit.platform.apply(lambda contract: contract.repository(model.name, kit.settings.platform)),
        digest=release.stable.image,
        candidate=_candidate(release),
        resources=_resources(model),
        scale=_scale(model),
        labels=kit.settings.labels,
        exposure=kit.exposure(model),
        environment=around.environment,
        reaches=kit.reaches(around),
        priority_class=cluster.priority_class,
    )
    opts = pulumi.ResourceOptions(provider=cluster.provider, depends_on=[identity])
    return kit.way_to_pods(model, release, ModelDeployment(model.name, args, opts).outputs)


def _candidate(release: Release) -> Candidate | None:
    if release.candidate is None:
        return None
    return Candidate(digest=release.candidate.image, weight=release.candidate_weight or 0)


def _resources(model: ModelSettings) -> Resources:
    asked = model.resources.accelerator
    return Resources(
        cpu=model.resources.cpu,
        memory_gib=model.resources.memory_gib,
        accelerator=ACCELERATORS[asked.type] if asked else None,
        accelerators=asked.count if asked else 0,
    )


def _scale(model: ModelSettings) -> Scale:
    replicas, metrics = model.scale.replicas, model.scale.metrics
    return Scale(
        min=replicas.min,
        max=replicas.max,
        cpu_utilization=next((metric.cpu_utilization for metric in metrics if metric.cpu_utilization), None),
        memory_utilization=next((metric.memory_utilization for metric in metrics if metric.memory_utilization), None),
    )


class _Cluster:
    """The platform's cluster, asked only when a model runs on it, and what all models there share."""

    def __init__(self, kit: AwsModels) -> None:
        self._kit = kit

    @cached_property
    def provider(self) -> kubernetes.Provider:
        platform = self._kit.platform
        return cluster_provider(
            name=platform.apply(lambda contract: contract.cluster.name),
            endpoint=platform.apply(lambda contract: contract.cluster.endpoint),
            certificate_authority=platform.apply(lambda contract: contract.cluster.certificate_authority),
            identifier=platform.apply(lambda contract: contract.cluster.identifier),
            login=self._kit.login,
        )

    @cached_property
    def priority_class(self) -> pulumi.Output[str]:
        args = ServingPriorityArgs(labels=self._kit.settings.labels)
        return ServingPriority("serving", args, pulumi.ResourceOptions(provider=self.provider)).class_name
