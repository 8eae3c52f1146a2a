"""The models stack: every model that is released in one region. Changed by releases, often, with small rights."""

from __future__ import annotations

import json

import pulumi
import pulumi_kubernetes as kubernetes

from components.accelerators import ACCELERATORS
from components.serving.kubernetes import ModelDeployment
from components.serving.model import ModelDeploymentArgs, Resources, Scale, namespace_of
from stacks.contracts import MODELS_OUTPUT, PlatformContract, read_platform
from stacks.kits.aws_models import AwsModels
from stacks.settings import ModelSettings, ModelsSettings, Release


def declare(settings: ModelsSettings) -> None:
    """Declares the released models and publishes the region's `ModelsContract`."""
    kit = AwsModels(settings.stack.text, region=settings.place.name, account=settings.account, labels=settings.labels)
    platform = read_platform(settings.platform)
    cluster = _cluster_provider(kit, platform)
    served: dict[str, object] = {}
    for model, release in settings.models:
        if release is None:
            pulumi.log.warn(f"{model.name} has no release in {settings.stack.file}: it is not served here")
            continue
        served[model.name] = {"hostname": _model(kit, settings, model, release, platform, cluster)}
    contract = {"cloud": settings.place.cloud.value, "place": settings.place.name, "models": served}
    pulumi.export(MODELS_OUTPUT, contract)


def _model(
    kit: AwsModels,
    settings: ModelsSettings,
    model: ModelSettings,
    release: Release,
    platform: pulumi.Output[PlatformContract],
    cluster: kubernetes.Provider,
) -> pulumi.Output[str | None]:
    """One model's identity and objects; its host name for callers from outside, if any may call."""
    identity = kit.model_identity(settings, model.name, platform, namespace_of(model.name))
    args = ModelDeploymentArgs(
        model=model.name,
        repository=platform.apply(lambda contract: contract.repository(model.name, settings.platform)),
        digest=release.stable.image,
        resources=_resources(model),
        scale=_scale(model),
        labels=settings.labels,
        exposure=kit.exposure(model, platform),
    )
    opts = pulumi.ResourceOptions(provider=cluster, depends_on=[identity])
    return ModelDeployment(model.name, args, opts).outputs.hostname


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


def _cluster_provider(kit: AwsModels, platform: pulumi.Output[PlatformContract]) -> kubernetes.Provider:
    """The platform's cluster. Its identifier says where objects are, and keeps the provider when an address changes."""
    return kubernetes.Provider(
        "cluster",
        kubeconfig=platform.apply(lambda contract: _kubeconfig(contract, *kit.login(contract.cluster.name))),
        cluster_identifier=platform.apply(lambda contract: contract.cluster.identifier),
    )


def _kubeconfig(contract: PlatformContract, login: str, arguments: tuple[str, ...]) -> str:
    name = contract.cluster.name
    server = {"server": contract.cluster.endpoint, "certificate-authority-data": contract.cluster.certificate_authority}
    command = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": login,
        "args": list(arguments),
        "interactiveMode": "Never",
    }
    config: dict[str, object] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": server}],
        "users": [{"name": name, "user": {"exec": command}}],
    }
    return json.dumps(config, sort_keys=True)
