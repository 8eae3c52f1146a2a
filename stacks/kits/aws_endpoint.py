"""A model on SageMaker: how its settings and its release become an endpoint, and a monitor of its drift."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.aws_policies import Statement, bucket_arn
from components.cache.aws import PORT
from components.endpoint.aws import AwsEndpoint
from components.endpoint.aws_args import AwsEndpointArgs, EndpointFiles, EndpointRelease
from components.endpoint.aws_monitor import AwsModelMonitor, AwsModelMonitorArgs
from components.endpoint.aws_network import EndpointNetwork, ToGroup, ToPrefixList
from components.endpoint.scale import METRICS, EndpointScale, FewestFrom, Metric
from components.endpoint.types import EndpointMode, EndpointOutputs
from components.model_store.aws_documents import PREFIX
from components.naming import repository_name
from stacks.contracts import PlatformContract
from stacks.kits.aws import AwsKit
from stacks.kits.aws_contract import Platform, bucket_of, cache_of, key_of
from stacks.kits.aws_surroundings import Surroundings
from stacks.settings import ModelSettings, ModelsSettings, Release
from stacks.settings.model_rules import endpoint_size
from stacks.settings.release import Artifact

_ALGORITHM = "sha256:"


def endpoint(
    kit: AwsKit,
    settings: ModelsSettings,
    model: ModelSettings,
    release: Release,
    platform: Platform,
    around: Surroundings,
    *,
    rollback_alarms: tuple[pulumi.Input[str], ...],
) -> EndpointOutputs:
    """The endpoint of one model, and the monitor of its drift if its file asks for one.

    `around`: what the model's parts bring. `rollback_alarms`: names of alarms, any of which takes an update back.
    """
    try:
        args = _args(kit, settings, model, release, platform, around, rollback_alarms)
    except ValueError as error:
        raise pulumi.RunError(f"stacks/models/{model.name}.yaml: {error}") from error
    outputs = AwsEndpoint(f"{model.name}-endpoint", args, kit.opts).outputs
    if model.drift is not None:
        _monitor(kit, settings, model, platform, outputs)
    return outputs


def _args(
    kit: AwsKit,
    settings: ModelsSettings,
    model: ModelSettings,
    release: Release,
    platform: Platform,
    around: Surroundings,
    rollback_alarms: tuple[pulumi.Input[str], ...],
) -> AwsEndpointArgs:
    reasons = _reasons(model, release)
    serverless = model.mode == "serverless"
    files = model.capture is not None or model.mode == "async"
    candidate = release.candidate
    return AwsEndpointArgs(
        stack=kit.stack,
        model=model.name,
        account=kit.account,
        region=kit.region,
        mode=EndpointMode(model.mode),
        repository=repository_name(model.name),
        stable=_release(settings, model, release.stable, platform, around),
        candidate=_release(settings, model, candidate, platform, around) if candidate else None,
        candidate_weight=0 if model.shadowed else release.candidate_weight or 0,
        shadow=candidate is not None and model.shadowed,
        size=endpoint_size(model),
        scale=_scale(model),
        network=None if serverless else _network(kit, reasons, platform, files=files),
        needs_network=() if serverless else reasons,
        shift=release.shift,
        rollback_alarms=rollback_alarms,
        files=_files(platform) if files else None,
        capture_percent=max(1, round(model.capture.sample * 100)) if model.capture else None,
        statements=_statements(kit, release, platform, around),
        logs_key_arn=key_of(platform, "logs"),
        permissions_boundary_arn=kit.boundary(settings.jurisdiction),
        labels=kit.labels,
        protect=settings.protect_data,
    )


def _release(
    settings: ModelsSettings, model: ModelSettings, artifact: Artifact, platform: Platform, around: Surroundings
) -> EndpointRelease:
    image, weights = artifact.image, artifact.weights
    environment: dict[str, pulumi.Input[str]] = dict(around.environment)
    if weights is not None:
        where = _object(weights)
        environment["WEIGHTS"] = platform.apply(lambda contract: f"s3://{contract.model_store.bucket}/{where}")
        environment["AWS_REGION"] = platform.apply(lambda contract: contract.place)
    repository = platform.apply(lambda contract: contract.repository(model.name, settings.platform))
    return EndpointRelease(image=pulumi.Output.format("{0}@{1}", repository, image), environment=environment)


def _statements(
    kit: AwsKit, release: Release, platform: Platform, around: Surroundings
) -> pulumi.Input[tuple[Statement, ...]]:
    """What the model's parts may do, and reading the weights of its releases by name."""
    artifacts = [artifact for artifact in (release.stable, release.candidate) if artifact is not None]
    objects = sorted({_object(artifact.weights) for artifact in artifacts if artifact.weights is not None})
    if not objects:
        return around.statements
    weights = platform.apply(lambda contract: _reading(contract, objects, kit.region))
    return pulumi.Output.all(around.statements, weights).apply(lambda found: (*found[0], *found[1]))


def _reading(contract: PlatformContract, objects: list[str], region: str) -> tuple[Statement, ...]:
    store = contract.model_store
    own = bucket_arn(store.bucket, region=region)
    return (
        Statement(sid="WeightsRead", actions=("s3:GetObject",), resources=tuple(f"{own}/{one}" for one in objects)),
        Statement(sid="WeightsOpen", actions=("kms:Decrypt",), resources=(store.key,)),
    )


def _object(weights: str) -> str:
    """Where weights of this digest lie in a model store."""
    return f"{PREFIX}{weights.removeprefix(_ALGORITHM)}"


def _reasons(model: ModelSettings, release: Release) -> tuple[str, ...]:
    """Why the containers call out."""
    artifacts = (release.stable, release.candidate)
    asked = {
        "cache": model.cache is not None,
        "features": model.features is not None,
        "weights": any(artifact is not None and artifact.weights is not None for artifact in artifacts),
    }
    return tuple(word for word, wanted in asked.items() if wanted)


def _network(kit: AwsKit, reasons: tuple[str, ...], platform: Platform, *, files: bool) -> EndpointNetwork:
    """Ways out for a reason only: to S3 also for SageMaker's own part, which brings captures and answers there."""
    reach: dict[str, ToGroup | ToPrefixList] = {}
    if files or "weights" in reasons:
        reach["s3"] = ToPrefixList(prefix_list=kit.lookups.prefix_list("s3"))
    if "features" in reasons:
        reach["dynamodb"] = ToPrefixList(prefix_list=kit.lookups.prefix_list("dynamodb"))
    if "cache" in reasons:
        group = platform.apply(lambda contract: cache_of(contract).security_group)
        reach["cache"] = ToGroup(security_group=group, port=PORT)
    return _subnets(platform, reach)


def _subnets(platform: Platform, reach: Mapping[str, ToGroup | ToPrefixList]) -> EndpointNetwork:
    return EndpointNetwork(
        vpc_id=platform.apply(lambda contract: contract.network.vpc),
        subnet_ids=platform.apply(
            lambda contract: tuple(subnet for _, subnet in sorted(contract.network.private_subnets.items()))
        ),
        reach=reach,
    )


def _files(platform: Platform) -> EndpointFiles:
    return EndpointFiles(
        bucket=platform.apply(lambda contract: bucket_of(contract).bucket),
        key_arn=platform.apply(lambda contract: bucket_of(contract).key),
    )


def _scale(model: ModelSettings) -> EndpointScale:
    targets: dict[Metric, int] = {}
    for metric in model.scale.metrics:
        for kind in METRICS:
            value = getattr(metric, kind)
            if value is not None:
                targets[kind] = value
    replicas = model.scale.replicas
    schedule = tuple(FewestFrom(cron=row.cron, timezone=row.timezone, fewest=row.min) for row in model.scale.schedule)
    return EndpointScale(fewest=replicas.min, most=replicas.max, targets=targets, schedule=schedule)


def _monitor(
    kit: AwsKit, settings: ModelsSettings, model: ModelSettings, platform: Platform, endpoint: EndpointOutputs
) -> None:
    if model.drift is None:
        return
    try:
        args = AwsModelMonitorArgs(
            stack=kit.stack,
            model=model.name,
            account=kit.account,
            region=kit.region,
            endpoint=endpoint.name,
            baseline=model.drift.baseline,
            schedule=model.drift.schedule,
            image=kit.lookups.monitor_image(),
            files=_files(platform),
            network=_subnets(platform, {"s3": ToPrefixList(prefix_list=kit.lookups.prefix_list("s3"))}),
            permissions_boundary_arn=kit.boundary(settings.jurisdiction),
            labels=kit.labels,
        )
    except ValueError as error:
        raise pulumi.RunError(f"stacks/models/{model.name}.yaml: drift: {error}") from error
    AwsModelMonitor(f"{model.name}-drift", args, kit.opts)
