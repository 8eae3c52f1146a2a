"""The front door stack: one jurisdiction's public names over its own regions only. Holds no data."""

from __future__ import annotations

from functools import partial

import pulumi

from stacks.contracts import ModelsContract, read_models
from stacks.kits.aws import AwsKit
from stacks.settings import FrontDoorSettings


def declare(settings: FrontDoorSettings) -> None:
    """Declares the jurisdiction's names and exports each model's URL."""
    home = settings.regions[0]
    kit = AwsKit(settings.stack.text, region=home.place, account=settings.account, labels=settings.labels)
    front_door = kit.front_door(settings, _targets(settings))
    pulumi.export("urls", dict(front_door.urls))


def _targets(settings: FrontDoorSettings) -> dict[str, dict[str, pulumi.Output[str]]]:
    """By model, by region, the host name of the load balancer there."""
    contracts = {region.models_stack: read_models(region.models_stack) for region in settings.regions}
    public = {model.name for model in settings.models if model.access.networks}
    targets: dict[str, dict[str, pulumi.Output[str]]] = {name: {} for name in sorted(public)}
    for region in settings.regions:
        contract = contracts[region.models_stack]
        for name in sorted(public.intersection(region.models)):
            targets[name][region.place] = contract.apply(partial(_hostname, region.models_stack, name))
    return targets


def _hostname(stack: str, model: str, contract: ModelsContract) -> str:
    served = contract.models.get(model)
    if served is None or served.hostname is None:
        raise pulumi.RunError(
            f"stack {stack} has no address for {model} yet; bring it up to date first: pulumi up -s {stack}"
        )
    return served.hostname
