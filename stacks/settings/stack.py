"""The settings of one stack, whole and checked: what a program of `stacks/programs` is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from components.labels import Labels
from components.places import Cloud, Place, PlaceTable
from stacks.settings.account import GitHub
from stacks.settings.attachments import Attachments, read_attachments
from stacks.settings.environment import Environment, read_environment, unknown_stack
from stacks.settings.errors import Problem, SettingsError
from stacks.settings.homes import SecretsKey, StateBucket
from stacks.settings.model import ModelSettings
from stacks.settings.names import StackKind, StackName, parse_stack
from stacks.settings.needs import Needs
from stacks.settings.region import RegionSection
from stacks.settings.release import CallerKeys, Release
from stacks.settings.stack_file import StackFile, read_stack_file
from stacks.settings.stack_rules import (
    check_account,
    check_platform,
    check_releases,
    is_delivered,
    needs_within,
    region_below,
    releases_of,
)


@dataclass(frozen=True, kw_only=True)
class _Common:
    stack: StackName
    domain: str
    protect_data: bool
    jurisdiction: str

    @property
    def labels(self) -> Labels:
        """The labels of everything in this stack."""
        return Labels(environment=self.stack.environment, stack=self.stack.text, jurisdiction=self.jurisdiction)


@dataclass(frozen=True, kw_only=True)
class AccountSettings(_Common):
    """One account. `jurisdictions` are those of the environment, each with its regions in this account's cloud.

    `state`: where their stacks keep state and what seals it, by jurisdiction; empty offline.
    """

    cloud: Cloud
    id: str
    home: Place
    cost_tags: bool
    github: GitHub | None
    jurisdictions: Mapping[str, tuple[str, ...]]
    state: Mapping[str, tuple[StateBucket, SecretsKey]]


@dataclass(frozen=True, kw_only=True)
class PlatformSettings(_Common):
    """One region. `delivered`: the account has roles for GitHub, to which the cluster opens its API.

    `needs`: what the models that may be there ask for, released or not: an image is pushed before its release.
    """

    place: Place
    region: RegionSection
    delivered: bool
    needs: Needs


@dataclass(frozen=True, kw_only=True)
class ModelsSettings(_Common):
    """One region's models: each that may be there, with its release or None while it has none here.

    `attachments`: of each model, the files beside its own. `callers`: secrets, the key of each caller by model.
    `streams`: what the streams of the region are.
    """

    place: Place
    account: str
    platform: str  # the stack below
    models: tuple[tuple[ModelSettings, Release | None], ...]
    attachments: Mapping[str, Attachments]
    callers: CallerKeys
    streams: Literal["kinesis", "msk"]


@dataclass(frozen=True, kw_only=True)
class FrontDoorRegion:
    """One region behind a front door. `models` are the names of those released there."""

    cloud: Cloud
    place: str
    models_stack: str
    models: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FrontDoorSettings(_Common):
    """One jurisdiction's front door. `models` are those released in at least one of its regions.

    `account` is that of the first region's cloud, where the domain's zone is.
    """

    account: str
    places: PlaceTable
    regions: tuple[FrontDoorRegion, ...]
    models: tuple[ModelSettings, ...]


StackSettings = AccountSettings | PlatformSettings | ModelsSettings | FrontDoorSettings


def load_stack(root: Path, stack: str, config: Mapping[str, object] | None = None) -> StackSettings:
    """The settings of one stack; a pure function of the files below `root` and of `config`.

    `config` None reads the stack's file; else it is what Pulumi holds for the stack, keys without `homeport:`, objects
    decoded. Raises SettingsError with every problem found in the files that this stack depends on: a broken model file
    is no concern of a platform.
    """
    problems: list[Problem] = []
    settings = read_stack(root, stack, config, problems)
    if settings is None or problems:
        raise SettingsError(problems)
    return settings


def read_stack(
    root: Path, stack: str, config: Mapping[str, object] | None, problems: list[Problem]
) -> StackSettings | None:
    """As `load_stack`, collecting."""
    name = parse_stack(stack)
    with_models = name.kind in (StackKind.MODELS, StackKind.FRONT_DOOR)
    environment = read_environment(root, name.environment, problems, with_models=with_models)
    if environment is None:
        return None
    known = next((item for item in environment.stacks() if item.text == stack), None)
    if known is None:
        problems.append(unknown_stack(name, environment))
        return None
    sound = not problems
    file = read_stack_file(root, known, config, problems)
    return None if file is None or not sound else _build(root, environment, known, file, problems)


def _build(
    root: Path, environment: Environment, stack: StackName, file: StackFile, problems: list[Problem]
) -> StackSettings | None:
    match stack.kind:
        case StackKind.ACCOUNT:
            return _account(environment, stack, file, problems)
        case StackKind.PLATFORM:
            return _platform(root, environment, stack, file, problems)
        case StackKind.MODELS:
            return _models(root, environment, stack, file, problems)
        case StackKind.FRONT_DOOR:
            return _front_door(root, environment, stack, problems)


def _account(
    environment: Environment, stack: StackName, file: StackFile, problems: list[Problem]
) -> AccountSettings | None:
    section = file.account
    if section is None or not check_account(environment, stack, section, problems):
        return None
    return AccountSettings(
        stack=stack,
        domain=environment.domain,
        protect_data=environment.protect_data,
        jurisdiction=file.jurisdiction,
        cloud=section.cloud,
        id=section.id,
        home=environment.places.get(section.cloud, section.home),
        cost_tags=section.cost_tags,
        github=section.github,
        jurisdictions=_regions_by_jurisdiction(environment, section.cloud),
        state={
            name: (home.state, home.secrets)
            for name, home in environment.jurisdictions.items()
            if home.state is not None and home.secrets is not None
        },
    )


def _platform(
    root: Path, environment: Environment, stack: StackName, file: StackFile, problems: list[Problem]
) -> PlatformSettings | None:
    section = file.region
    if section is None or not check_platform(root, environment, stack, section, problems):
        return None
    return PlatformSettings(
        stack=stack,
        domain=environment.domain,
        protect_data=environment.protect_data,
        jurisdiction=file.jurisdiction,
        place=environment.places.get(section.cloud, section.place),
        region=section,
        delivered=is_delivered(root, environment, stack, section, problems),
        needs=needs_within(root, environment, file.jurisdiction, problems),
    )


def _models(
    root: Path, environment: Environment, stack: StackName, file: StackFile, problems: list[Problem]
) -> ModelsSettings | None:
    releases = file.releases or {}
    cloud, place, jurisdiction = stack.cloud, stack.place, stack.jurisdiction
    if cloud is None or place is None or jurisdiction is None:
        return None
    found = check_releases(root, environment, stack, file)
    here = [model for model in environment.models if model.may_be_in(jurisdiction)]
    attachments = {model.name: read_attachments(root, model, found) for model in here}
    problems.extend(found)
    if found:
        return None
    region = region_below(root, environment, stack)
    return ModelsSettings(
        stack=stack,
        domain=environment.domain,
        protect_data=environment.protect_data,
        jurisdiction=jurisdiction,
        place=environment.places.get(cloud, place),
        account=environment.accounts[cloud].id,
        platform=stack.needs[0],
        models=tuple((model, releases.get(model.name)) for model in here),
        attachments=attachments,
        callers=file.callers,
        streams=region.streams.kind if region else "kinesis",
    )


def _front_door(root: Path, environment: Environment, stack: StackName, problems: list[Problem]) -> FrontDoorSettings:
    """Reads which models are released in each region from the files of the models stacks."""
    below = [item for item in environment.stacks() if item.text in stack.needs]
    regions = tuple(
        FrontDoorRegion(
            cloud=item.cloud,
            place=item.place,
            models_stack=item.text,
            models=releases_of(root, environment, item, problems),
        )
        for item in below
        if item.cloud is not None and item.place is not None
    )
    released = {name for region in regions for name in region.models}
    return FrontDoorSettings(
        stack=stack,
        domain=environment.domain,
        protect_data=environment.protect_data,
        jurisdiction=str(stack.jurisdiction),
        account=environment.accounts[regions[0].cloud].id,
        places=environment.places,
        regions=regions,
        models=tuple(model for model in environment.models if model.name in released),
    )


def _regions_by_jurisdiction(environment: Environment, cloud: Cloud) -> dict[str, tuple[str, ...]]:
    """The environment's regions in one cloud, without jurisdictions that have none there."""
    regions = {
        name: tuple(region.name for region in jurisdiction.regions if region.cloud is cloud)
        for name, jurisdiction in environment.jurisdictions.items()
    }
    return {name: found for name, found in regions.items() if found}
