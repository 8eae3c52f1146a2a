"""APIs of models on AWS and what stands before them, from settings and from what the platform published."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi

from components.api.aws import AwsApi, AwsApiArgs
from components.api.aws_authorizer import Tokens, authorizer_log_group
from components.api.aws_callers import Rate
from components.api.aws_private_target import AwsPrivateTarget, AwsPrivateTargetArgs, Version
from components.api.targets import EndpointTarget, FunctionTarget, LinkTarget, Target
from components.api.types import ApiOutputs
from components.cluster.aws import SYSTEM_POOL
from components.cluster.types import ClusterOutputs
from components.endpoint.aws_args import endpoint_name
from components.gateway.aws import AwsGateway, AwsGatewayArgs, gateway_log_groups
from components.gateway.aws_private_link import PrivateWay
from components.gateway.types import GatewayOutputs
from components.keys.types import KeysOutputs
from components.naming import model_host
from components.network.types import NetworkOutputs
from components.serverless.aws import ALIAS
from components.serverless.types import FunctionOutputs
from components.serving.types import ServingOutputs
from stacks.kits.aws import AwsKit
from stacks.kits.aws_contract import Platform, gateway_of, key_of, link_of
from stacks.settings import ModelSettings, ModelsSettings, PlatformSettings, Release


def api_log_groups(stack: str, models_stack: str, *, by_api: Iterable[str]) -> tuple[str, ...]:
    """The log groups of the gateway and of whoever judges tokens of these models, which the logs key must name."""
    judges = tuple(authorizer_log_group(models_stack, model) for model in by_api)
    return (*gateway_log_groups(stack), *judges) if judges else ()


def region_gateway(
    kit: AwsKit, settings: PlatformSettings, keys: KeysOutputs, network: NetworkOutputs, cluster: ClusterOutputs
) -> GatewayOutputs | None:
    """What stands before the APIs of the region; None if no model has one. The link only for models in the cluster.

    Who reads the stream of a model in the cluster reaches it by the link's balancer too.
    """
    needs = settings.needs
    if not needs.by_api and not needs.linked:
        return None
    way = PrivateWay(
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        node_security_group_id=cluster.security_group_id,
    )
    args = AwsGatewayArgs(
        stack=kit.stack,
        account=kit.account,
        region=kit.region,
        logs_key_arn=keys.logs_key_arn,
        permissions_boundary_arn=kit.boundary(settings.jurisdiction),
        requests_per_5_minutes=settings.region.gateway.requests_per_5_minutes,
        way=way if needs.linked else None,
        protect_logs=settings.protect_data,
    )
    return AwsGateway("gateway", args, kit.opts).outputs


def linked(
    kit: AwsKit, model: ModelSettings, release: Release, serving: ServingOutputs, platform: Platform
) -> LinkTarget:
    """How an API reaches a model in the cluster: by the nodes of the system pool, of which two always stand, and which
    hand every call on to a pod, wherever it runs.
    """
    if serving.link_port is None:
        raise ValueError(f"{model.name}: got no port of the nodes; allowed: a model that is served behind an API")
    stable = _private(kit, model, "stable", serving.link_port, platform)
    candidate = None
    if serving.candidate_link_port is not None:
        candidate = _private(kit, model, "candidate", serving.candidate_link_port, platform)
    return LinkTarget(
        link_id=platform.apply(lambda contract: link_of(contract).id),
        host=platform.apply(lambda contract: link_of(contract).host),
        stable_port=stable,
        candidate_port=candidate,
        candidate_weight=(release.candidate_weight or 0) if candidate is not None else 0,
    )


def managed(kit: AwsKit, model: ModelSettings) -> EndpointTarget:
    """A model's managed endpoint, by the name that it has or will have."""
    return EndpointTarget(name=endpoint_name(kit.stack, model.name), asynchronous=model.mode == "async")


def by_function(function: FunctionOutputs) -> FunctionTarget:
    """A model's function, by the alias that callers name."""
    return FunctionTarget(alias_arn=function.target, alias_name=ALIAS, function_name=function.name)


def model_api(
    kit: AwsKit, settings: ModelsSettings, model: ModelSettings, platform: Platform, target: Target
) -> ApiOutputs:
    """The API of a model in front of its target."""
    access, files = model.access, settings.attachments[model.name]
    args = AwsApiArgs(
        stack=kit.stack,
        model=model.name,
        account=kit.account,
        region=kit.region,
        host=model_host(model.name, settings.jurisdiction, settings.domain),
        target=target,
        certificate_arn=platform.apply(lambda contract: contract.certificate),
        web_acl_arn=platform.apply(lambda contract: gateway_of(contract).web_acl),
        access_logs_arn=platform.apply(lambda contract: gateway_of(contract).access_logs),
        logs_key_arn=key_of(platform, "logs"),
        permissions_boundary_arn=kit.boundary(settings.jurisdiction),
        labels=kit.labels,
        networks=access.networks,
        keys=dict(settings.callers.get(model.name, {})) if access.api_keys else {},
        tokens=Tokens(issuer=access.jwt.issuer, audience=access.jwt.audience) if access.jwt else None,
        authorities=files.authorities,
        rate=Rate(per_second=access.rate.per_second, burst=access.rate.burst) if access.rate else None,
        quota_per_day=access.quota_per_day,
        request_schema=files.request_schema,
        protect_logs=settings.protect_data,
    )
    return AwsApi(f"{model.name}-api", args, kit.opts).outputs


def _private(
    kit: AwsKit, model: ModelSettings, version: Version, port: pulumi.Output[int], platform: Platform
) -> pulumi.Output[int]:
    args = AwsPrivateTargetArgs(
        stack=kit.stack,
        model=model.name,
        vpc_id=platform.apply(lambda contract: contract.network.vpc),
        balancer_arn=platform.apply(lambda contract: link_of(contract).balancer),
        port=port,
        groups={SYSTEM_POOL: platform.apply(lambda contract: contract.node_groups[SYSTEM_POOL][0])},
        tags=kit.labels.model_tags(model.name),
    )
    return AwsPrivateTarget(f"{model.name}-{version}-way", args, kit.opts).port
