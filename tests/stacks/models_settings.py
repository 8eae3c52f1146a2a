"""Settings of a models stack with one model, as the loader would hand them over."""

from __future__ import annotations

from components.places import Cloud, Place
from stacks.settings import ModelSettings, ModelsSettings, Release, StackKind, StackName


def models_settings(model: ModelSettings, release: Release, *, platform: str, account: str) -> ModelsSettings:
    return ModelsSettings(
        stack=StackName(environment="demo", kind=StackKind.MODELS, cloud=Cloud.AWS, place="eu-west-1"),
        domain="example.com",
        protect_data=False,
        jurisdiction="eu",
        place=Place(cloud=Cloud.AWS, name="eu-west-1", country="IE", jurisdictions=frozenset({"eu"})),
        account=account,
        platform=platform,
        models=((model, release),),
        attachments={},
        callers={},
        streams="kinesis",
    )
