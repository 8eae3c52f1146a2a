"""The front door stack: one jurisdiction's public names over its own regions only. Holds no data."""

from __future__ import annotations

from functools import partial

import pulumi

from stacks.contracts import ModelsContract, ServedModel, read_models
from stacks.kits.aws import Answering, AwsKit
from stacks.settings import FrontDoorSettings


def declare(settings: FrontDoorSettings) -> None:
    """Declares the jurisdiction's names and exports each model's URL."""
    home = settings.regions[0]
    kit = AwsKit(settings.stack.text, region=home.place, account=settings.account, labels=settings.labels)
    front_door = kit.front_door(settings, _served(settings))
    pulumi.export("urls", dict(front_door.urls))


def _served(settings: FrontDoorSettings) -> Answering:
    """By model that takes calls from outside, by region, where it answers there."""
    contracts = {region.models_stack: read_models(region.models_stack) for region in settings.regions}
    public = {model.name for model in settings.models if model.access.from_outside}
    served: Answering = {name: {} for name in sorted(public)}
    for region in settings.regions:
        contract = contracts[region.models_stack]
        for name in sorted(public.intersection(region.models)):
            served[name][region.place] = contract.apply(partial(_addressed, region.models_stack, name))
    return served


def _addressed(stack: str, model: str, contract: ModelsContract) -> ServedModel:
    served = contract.models.get(model)
    if served is None or served.hostname is None:
        raise pulumi.RunError(
            f"stack {stack} has no address for {model} yet; bring it up to date first: pulumi up -s {stack}"
        )
    return served
