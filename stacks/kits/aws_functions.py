"""Functions, streams and stream workers of AWS, from settings and from what the platform published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import pulumi

from components.keys.types import KeyPurpose, KeysOutputs
from components.network.types import NetworkOutputs
from components.serverless.aws import AwsFunction
from components.serverless.aws_args import AwsFunctionArgs, Candidate, log_group_name
from components.serverless.aws_limits import MOST_TIMEOUT_BEHIND_API_S
from components.serverless.aws_network import FunctionNetwork, Reached, ReachedGroup, ReachedRange
from components.serverless.types import FunctionOutputs
from components.stream.aws_kafka import IAM_PORT, AwsKafka, AwsKafkaArgs, broker_log_group
from components.stream.aws_kinesis import AwsKinesis, AwsKinesisArgs
from components.stream.types import StreamOutputs
from components.stream_worker.aws import AwsStreamWorker, AwsStreamWorkerArgs, worker_log_group
from components.stream_worker.aws_parts import HttpTarget, KafkaStreams, KinesisStreams, Target
from components.stream_worker.types import StreamWorkerOutputs
from stacks.contracts import MODELS_OUTPUT, KafkaContract, PlatformContract
from stacks.kits.aws import AwsKit
from stacks.kits.aws_contract import Platform, cache_of, key_of, link_of, present
from stacks.kits.aws_surroundings import Surroundings
from stacks.settings import ModelSettings, ModelsSettings, PlatformSettings, Release
from stacks.settings.model_parts import Stream

_UNHURRIED_S = 60  # where no API waits
_ANYWHERE = ReachedRange(cidr="0.0.0.0/0")  # HTTPS only: AWS's services, by the VPC's endpoints or by NAT


def function_purposes(*, functions: bool, streams: bool) -> frozenset[KeyPurpose]:
    """The keys that a region needs if a model in it is a function, and if one reads a stream."""
    shared = {KeyPurpose.FUNCTIONS, KeyPurpose.QUEUES} if functions or streams else set[KeyPurpose]()
    return frozenset(shared | ({KeyPurpose.STREAMS} if streams else set[KeyPurpose]()))


def function_log_groups(
    stack: str, models_stack: str, *, functions: Iterable[str], streaming: Iterable[str], kafka: bool
) -> tuple[str, ...]:
    """The log groups of functions and workers of these models, which the logs key must name."""
    return (
        *(log_group_name(models_stack, model) for model in functions),
        *(worker_log_group(models_stack, model) for model in streaming),
        *((broker_log_group(stack),) if kafka else ()),
    )


def region_streams(
    kit: AwsKit, settings: PlatformSettings, keys: KeysOutputs, network: NetworkOutputs
) -> StreamOutputs | None:
    """The streams that models of the region name; None if none does."""
    told, names = settings.region.streams, settings.needs.streams
    if not names or keys.streams_key_arn is None:
        return None
    if told.kind == "msk":
        kafka = AwsKafkaArgs(
            stack=kit.stack,
            streams=names,
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            key_arn=keys.streams_key_arn,
            logs_key_arn=keys.logs_key_arn,
            retention_hours=told.retention_hours,
            protect=settings.protect_data,
        )
        return AwsKafka("streams", kafka, kit.opts).outputs
    args = AwsKinesisArgs(
        stack=kit.stack,
        streams=names,
        key_arn=keys.streams_key_arn,
        retention_hours=told.retention_hours,
        protect=settings.protect_data,
    )
    return AwsKinesis("streams", args, kit.opts).outputs


def model_function(
    kit: AwsKit,
    settings: ModelsSettings,
    model: ModelSettings,
    release: Release,
    platform: Platform,
    around: Surroundings,
) -> FunctionOutputs:
    """The model as a function. With a candidate, the stable version is the one that this stack published before."""
    asked = model.resources
    candidate = None
    if release.candidate is not None:
        candidate = Candidate(
            digest=release.candidate.image,
            weight=release.candidate_weight or 0,
            stable_version=published_version(kit.stack, model.name, release.stable.image),
        )
    args = AwsFunctionArgs(
        stack=kit.stack,
        model=model.name,
        account=kit.account,
        region=kit.region,
        repository=platform.apply(lambda contract: contract.repository(model.name, settings.platform)),
        stable=release.stable.image,
        candidate=candidate,
        memory_gib=asked.memory_gib,
        cpu=asked.cpu,
        accelerator=asked.accelerator.type if asked.accelerator else None,
        warm=model.scale.replicas.min,
        most=model.scale.replicas.max,
        timeout_s=timeout_s(model),
        behind_api=model.by_api,
        environment=around.environment,
        statements=around.statements,
        network=_network(platform, {"cache": _cache_door(platform)}) if around.cached else None,
        logs_key_arn=key_of(platform, "logs"),
        environment_key_arn=key_of(platform, KeyPurpose.FUNCTIONS),
        queues_key_arn=key_of(platform, KeyPurpose.QUEUES),
        permissions_boundary_arn=kit.boundary(settings.jurisdiction),
        labels=kit.labels,
        protect=settings.protect_data,
    )
    return AwsFunction(f"{model.name}-function", args, kit.opts).outputs


def timeout_s(model: ModelSettings) -> int:
    """How long one call of a function may take."""
    return MOST_TIMEOUT_BEHIND_API_S if model.by_api else _UNHURRIED_S


def stream_worker(
    kit: AwsKit,
    settings: ModelsSettings,
    model: ModelSettings,
    platform: Platform,
    target: Target,
    *,
    kafka: bool = False,
) -> StreamWorkerOutputs | None:
    """Who reads the model's stream and writes its predictions; None for a model without one. `kafka`: whether the
    region's streams are topics.

    How long the region keeps records no contract says: a day is the least that a stream has.
    """
    told = model.stream
    if told is None:
        return None
    args = AwsStreamWorkerArgs(
        stack=kit.stack,
        model=model.name,
        account=kit.account,
        region=kit.region,
        streams=_topics(platform, told) if kafka else _streams(platform, told),
        target=target,
        logs_key_arn=key_of(platform, "logs"),
        environment_key_arn=key_of(platform, KeyPurpose.FUNCTIONS),
        queues_key_arn=key_of(platform, KeyPurpose.QUEUES),
        permissions_boundary_arn=kit.boundary(settings.jurisdiction),
        labels=kit.labels,
        protect=settings.protect_data,
    )
    return AwsStreamWorker(f"{model.name}-stream", args, kit.opts).outputs


def balancer_target(platform: Platform, port: pulumi.Input[int]) -> HttpTarget:
    """A model on Kubernetes, behind the platform's internal balancer, by its port there."""
    host = platform.apply(lambda contract: link_of(contract).host)
    door = ReachedGroup(security_group=platform.apply(lambda contract: link_of(contract).security_group), port=port)
    url = pulumi.Output.format("http://{0}:{1}", host, port)
    return HttpTarget(url=url, network=_network(platform, {"model": door}))


def published_version(stack: str, model: str, digest: str) -> pulumi.Output[str]:
    """The version that this stack's last deployment published of an image: what it remembers of itself.

    Raises `pulumi.RunError` while the program runs if it has published none.
    """
    remembered = pulumi.StackReference(stack).get_output(MODELS_OUTPUT)
    return remembered.apply(lambda output: version_of(output, stack=stack, model=model, digest=digest))


def version_of(output: object, *, stack: str, model: str, digest: str) -> str:
    """The version of `digest` in a models stack's own output; raises `pulumi.RunError`."""
    found = output
    for key in ("models", model, "versions", digest):
        found = cast("Mapping[str, object]", found).get(key) if isinstance(found, Mapping) else None
    if found is None:
        raise pulumi.RunError(
            f"stack {stack}: {model} cannot have a candidate yet: no version of its stable image {digest} was "
            f"published here. Release the stable image alone first: remove the candidate, then pulumi up -s {stack}"
        )
    return str(found)


def _network(platform: Platform, reach: Mapping[str, Reached]) -> FunctionNetwork:
    def subnets(contract: PlatformContract) -> list[str]:
        found = contract.network.private_subnets
        return [found[zone] for zone in sorted(found)]

    return FunctionNetwork(
        vpc_id=platform.apply(lambda contract: contract.network.vpc),
        subnet_ids=platform.apply(subnets),
        reach={**reach, "services": _ANYWHERE},
    )


def _cache_door(platform: Platform) -> ReachedGroup:
    return ReachedGroup(
        security_group=platform.apply(lambda contract: cache_of(contract).security_group),
        port=platform.apply(lambda contract: cache_of(contract).port),
    )


def _streams(platform: Platform, told: Stream) -> KinesisStreams:
    return KinesisStreams(
        input_arn=platform.apply(lambda contract: _stream(contract, told.input)),
        output_arn=platform.apply(lambda contract: _stream(contract, told.output)),
        key_arn=key_of(platform, KeyPurpose.STREAMS),
    )


def _topics(platform: Platform, told: Stream) -> KafkaStreams:
    door = ReachedGroup(security_group=platform.apply(lambda contract: _kafka(contract).security_group), port=IAM_PORT)
    return KafkaStreams(
        input_arn=platform.apply(lambda contract: _stream(contract, told.input)),
        output_arn=platform.apply(lambda contract: _stream(contract, told.output)),
        brokers=platform.apply(lambda contract: _kafka(contract).brokers),
        network=_network(platform, {"brokers": door}),
    )


def _kafka(contract: PlatformContract) -> KafkaContract:
    return present(contract.kafka, "Kafka", contract)


def _stream(contract: PlatformContract, name: str) -> str:
    return present(contract.streams.get(name), f"stream {name}", contract)
