"""What a platform of AWS keeps around its models, from settings: each part only where a model asks for it."""

from __future__ import annotations

from components.batch.aws import AwsBatch, AwsBatchArgs, batch_log_group
from components.batch.types import BatchOutputs
from components.cache.aws import AwsCache, AwsCacheArgs
from components.cache.types import CacheOutputs
from components.cluster.types import ClusterOutputs
from components.features.aws import AwsFeatures, AwsFeaturesArgs
from components.features.types import FeaturesOutputs
from components.keys.types import KeyPurpose, KeysOutputs
from components.network.types import NetworkOutputs
from components.predictions.aws import AwsPredictions, AwsPredictionsArgs, predictions_bucket
from components.predictions.types import PredictionsOutputs
from stacks.kits.aws import AwsKit
from stacks.settings import Needs, PlatformSettings


def data_purposes(needs: Needs) -> frozenset[KeyPurpose]:
    """The keys that a region needs for what is kept around its models."""
    asked = {
        KeyPurpose.CACHE: bool(needs.cache),
        KeyPurpose.FEATURES: bool(needs.features),
        KeyPurpose.PREDICTIONS: bool(needs.predictions),
        KeyPurpose.QUEUES: bool(needs.batch),  # a schedule's dead letters
    }
    return frozenset(purpose for purpose, is_asked in asked.items() if is_asked)


def bucket_with_key(kit: AwsKit, needs: Needs) -> str | None:
    """The bucket that the predictions key serves, by name; None where there is none."""
    return predictions_bucket(stack=kit.stack, account=kit.account) if needs.predictions else None


def data_log_groups(stack: str, needs: Needs) -> tuple[str, ...]:
    """The log groups of batch jobs, which the logs key must name."""
    return (batch_log_group(stack),) if needs.batch else ()


def region_predictions(kit: AwsKit, settings: PlatformSettings, keys: KeysOutputs) -> PredictionsOutputs | None:
    """The bucket of what models got and answered; None if no model keeps any."""
    if not settings.needs.predictions or keys.predictions_key_arn is None:
        return None
    args = AwsPredictionsArgs(
        stack=kit.stack,
        account=kit.account,
        region=kit.region,
        key_arn=keys.predictions_key_arn,
        kept_days=settings.needs.predictions,
        access_log_days=settings.region.model_store.access_log_days,
        protect=settings.protect_data,
    )
    return AwsPredictions("predictions", args, kit.opts).outputs


def region_cache(
    kit: AwsKit, settings: PlatformSettings, keys: KeysOutputs, network: NetworkOutputs, cluster: ClusterOutputs
) -> CacheOutputs | None:
    """Kept answers, which pods reach at once and functions by a rule of their own; None if no model keeps any."""
    if not settings.needs.cache or keys.cache_key_arn is None:
        return None
    args = AwsCacheArgs(
        stack=kit.stack,
        models=settings.needs.cache,
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        clients={"cluster": cluster.security_group_id},
        key_arn=keys.cache_key_arn,
        node_type=settings.region.cache.node_type,
        replicas=settings.region.cache.replicas,
    )
    return AwsCache("cache", args, kit.opts).outputs


def region_features(kit: AwsKit, settings: PlatformSettings, keys: KeysOutputs) -> FeaturesOutputs | None:
    """Tables that models look up in; None if none does."""
    if not settings.needs.features or keys.features_key_arn is None:
        return None
    args = AwsFeaturesArgs(
        stack=kit.stack,
        keys=settings.needs.features,
        key_arn=keys.features_key_arn,
        protect=settings.protect_data,
    )
    return AwsFeatures("features", args, kit.opts).outputs


def region_batch(
    kit: AwsKit, settings: PlatformSettings, keys: KeysOutputs, network: NetworkOutputs
) -> BatchOutputs | None:
    """Where models run over files; None if none does."""
    if not settings.needs.batch:
        return None
    args = AwsBatchArgs(
        stack=kit.stack,
        region=kit.region,
        needs=frozenset(settings.needs.batch.values()),
        network=network,
        logs_key_arn=keys.logs_key_arn,
        volumes_key_arn=keys.volumes_key_arn,
        permissions_boundary_arn=kit.boundary(settings.jurisdiction),
        labels=kit.labels,
        protect_logs=settings.protect_data,
    )
    return AwsBatch("batch", args, kit.opts).outputs


def data_contract(
    *,
    cache: CacheOutputs | None,
    features: FeaturesOutputs | None,
    predictions: PredictionsOutputs | None,
    batch: BatchOutputs | None,
) -> dict[str, object]:
    """The members of the platform's contract that these parts bring."""
    found: dict[str, object] = {}
    if cache is not None:
        found["cache"] = {
            "name": cache.name,
            "host": cache.host,
            "port": cache.port,
            "security_group": cache.security_group_id,
        }
    if features is not None:
        found["features"] = dict(features.tables)
    if predictions is not None:
        found["predictions"] = {"bucket": predictions.bucket, "key": predictions.key}
    if batch is not None:
        found["batch"] = {"queues": dict(batch.queues)}
    return found
