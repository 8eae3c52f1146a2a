"""What a platform of AWS has only where a model asks for it: its keys, its log groups, its part of the contract.

The parts themselves stand in `aws_api`, `aws_functions` and `aws_data`; a part more is a line more in each function.
"""

from __future__ import annotations

from components.cluster.types import ClusterOutputs
from components.endpoint.aws_args import endpoint_log_group
from components.keys.types import KeyPurpose, KeysOutputs
from components.network.types import NetworkOutputs
from stacks.kits.aws import AwsKit
from stacks.kits.aws_api import api_log_groups, region_gateway
from stacks.kits.aws_data import (
    data_contract,
    data_log_groups,
    data_purposes,
    region_batch,
    region_cache,
    region_features,
    region_predictions,
)
from stacks.kits.aws_functions import function_log_groups, function_purposes, region_streams
from stacks.settings import Needs, PlatformSettings


def optional_purposes(needs: Needs) -> frozenset[KeyPurpose]:
    """The keys beyond those that every region has."""
    return data_purposes(needs) | function_purposes(functions=bool(needs.functions), streams=bool(needs.streams))


def optional_log_groups(kit: AwsKit, settings: PlatformSettings) -> tuple[str, ...]:
    """The log groups that this region and its models stack will have; the logs key must name them."""
    needs, models_stack = settings.needs, f"{kit.stack}-models"
    return (
        *api_log_groups(kit.stack, models_stack, by_api=needs.by_api),
        *(endpoint_log_group(models_stack, model) for model in needs.endpoints),
        *function_log_groups(
            kit.stack,
            models_stack,
            functions=needs.functions,
            streaming=needs.streaming,
            kafka=settings.region.streams.kind == "msk" and bool(needs.streams),
        ),
        *data_log_groups(kit.stack, needs),
    )


def optional_parts(
    kit: AwsKit, settings: PlatformSettings, keys: KeysOutputs, network: NetworkOutputs, cluster: ClusterOutputs
) -> dict[str, object]:
    """Declares what the region's models ask for; gives the members of the platform's contract that it brings."""
    found = data_contract(
        cache=region_cache(kit, settings, keys, network, cluster),
        features=region_features(kit, settings, keys),
        predictions=region_predictions(kit, settings, keys),
        batch=region_batch(kit, settings, keys, network),
    )
    gateway = region_gateway(kit, settings, keys, network, cluster)
    streams = region_streams(kit, settings, keys, network)
    if gateway is not None:
        found["gateway"] = {key: value for key, value in vars(gateway).items() if value is not None}
    if streams is not None:
        found["streams"] = dict(streams.streams)
        if streams.brokers is not None:
            found["kafka"] = {"brokers": streams.brokers, "security_group": streams.security_group}
    return found


def published_keys(keys: KeysOutputs) -> dict[str, object]:
    """ARNs of the keys that a models stack uses, by purpose."""
    optional = {purpose.value: getattr(keys, f"{purpose.value}_key_arn") for purpose in KeyPurpose}
    return {"logs": keys.logs_key_arn, **{name: arn for name, arn in optional.items() if arn is not None}}
