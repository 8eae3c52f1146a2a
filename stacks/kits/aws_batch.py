"""Models of a region of AWS run over files, from settings and from what the platform published."""

from __future__ import annotations

from components.batch.aws import batch_log_group
from components.batch.aws_job import AwsBatchJob, AwsBatchJobArgs
from components.batch.types import queue_key
from components.keys.types import KeyPurpose
from stacks.contracts import PlatformContract
from stacks.kits.aws import AwsKit
from stacks.kits.aws_contract import Platform, bucket_of, key_of, present
from stacks.kits.aws_surroundings import surroundings
from stacks.settings import ModelSettings, ModelsSettings, Release


def batch_job(
    kit: AwsKit, settings: ModelsSettings, model: ModelSettings, release: Release, platform: Platform
) -> AwsBatchJob | None:
    """The model's job and its schedule; None for a model without one. The stable release runs: it is what is trusted.

    A job looks up features as the model does. It reads no kept answers and captures nothing: what it got and answered
    lies in files already.
    """
    told = model.batch
    if told is None:
        return None
    asked = model.resources.accelerator
    queue = queue_key(asked.type if asked else None, spot=told.spot)
    around = surroundings(
        platform_stack=settings.platform,
        region=kit.region,
        account=kit.account,
        model=model.model_copy(update={"cache": None, "capture": None}),
        platform=platform,
    )
    args = AwsBatchJobArgs(
        stack=kit.stack,
        model=model.name,
        account=kit.account,
        region=kit.region,
        repository=platform.apply(lambda contract: contract.repository(model.name, settings.platform)),
        digest=release.stable.image,
        queue_arn=platform.apply(lambda contract: _queue(contract, queue)),
        bucket=platform.apply(lambda contract: bucket_of(contract).bucket),
        bucket_key_arn=platform.apply(lambda contract: bucket_of(contract).key),
        dead_letters_key_arn=key_of(platform, KeyPurpose.QUEUES),
        log_group=batch_log_group(settings.platform),
        permissions_boundary_arn=kit.boundary(settings.jurisdiction),
        cpu=model.resources.cpu,
        memory_gib=model.resources.memory_gib,
        accelerators=asked.count if asked else 0,
        schedule=told.schedule,
        timezone=told.timezone,
        labels=kit.labels,
        statements=around.statements,
        environment=around.environment,
    )
    return AwsBatchJob(f"{model.name}-batch", args, kit.opts)


def _queue(contract: PlatformContract, queue: str) -> str:
    return present(contract.batch.queues.get(queue) if contract.batch else None, f"job queue {queue}", contract)
