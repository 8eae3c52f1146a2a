"""One environment, read from its files: domain, accounts, jurisdictions with their regions and state, models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.places import DEFAULT_TABLE, Cloud, InvalidPlaces, Place, PlaceTable
from stacks.settings.environment_file import EnvironmentFile, Home
from stacks.settings.environment_rules import check_environment_file
from stacks.settings.errors import Problem, SettingsError, near
from stacks.settings.homes import FILE_STATE, SecretsKey, StateBucket, secrets_key, state_bucket
from stacks.settings.model import ModelSettings
from stacks.settings.models_folder import read_models
from stacks.settings.names import ENVIRONMENT_FORM, StackKind, StackName, parse_stack
from stacks.settings.translate import parse
from stacks.settings.yaml_files import read_yaml

PLACES_FILE = "stacks/places.yaml"
ENVIRONMENTS_FOLDER = "stacks/environments"


@dataclass(frozen=True, kw_only=True)
class JurisdictionSettings:
    """One jurisdiction of an environment. `state` and `secrets` are None offline: state lies in files here."""

    name: str
    regions: tuple[Place, ...]
    state: StateBucket | None
    secrets: SecretsKey | None


@dataclass(frozen=True, kw_only=True)
class AccountHome:
    """One account of an environment, and where the state of its own stack lives."""

    cloud: Cloud
    id: str
    state: StateBucket | None
    secrets: SecretsKey | None


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Everything that an environment's files say. Regions stand in the order of the file."""

    name: str
    domain: str
    protect_data: bool
    offline: bool
    accounts: Mapping[Cloud, AccountHome]
    jurisdictions: Mapping[str, JurisdictionSettings]
    models: tuple[ModelSettings, ...]
    listed_models: tuple[str, ...] | None  # as the file names them; None: all that have a file
    places: PlaceTable

    def stacks(self) -> tuple[StackName, ...]:
        """Every stack of the environment, each after those that it needs."""
        accounts = [StackName(environment=self.name, kind=StackKind.ACCOUNT, cloud=cloud) for cloud in self.accounts]
        return (
            *accounts,
            *self._regional(StackKind.PLATFORM),
            *self._regional(StackKind.MODELS),
            *(self._front_door(jurisdiction) for jurisdiction in self.jurisdictions.values()),
        )

    def stack(self, text: str) -> StackName:
        """The stack of this name with all that the environment knows of it; raises SettingsError for a foreign one."""
        found = next((stack for stack in self.stacks() if stack.text == text), None)
        if found is None:
            raise SettingsError([unknown_stack(parse_stack(text), self)])
        return found

    def _regional(self, kind: StackKind) -> list[StackName]:
        return [
            StackName(
                environment=self.name,
                kind=kind,
                cloud=region.cloud,
                place=region.name,
                jurisdiction=jurisdiction.name,
                needs=(self._below(kind, region),),
            )
            for jurisdiction in self.jurisdictions.values()
            for region in jurisdiction.regions
        ]

    def _below(self, kind: StackKind, region: Place) -> str:
        if kind is StackKind.MODELS:
            return StackName(environment=self.name, kind=StackKind.PLATFORM, cloud=region.cloud, place=region.name).text
        return StackName(environment=self.name, kind=StackKind.ACCOUNT, cloud=region.cloud).text

    def _front_door(self, jurisdiction: JurisdictionSettings) -> StackName:
        regions = {(region.cloud, region.name) for region in jurisdiction.regions}
        return StackName(
            environment=self.name,
            kind=StackKind.FRONT_DOOR,
            jurisdiction=jurisdiction.name,
            needs=tuple(
                stack.text for stack in self._regional(StackKind.MODELS) if (stack.cloud, stack.place) in regions
            ),
        )


def load_environment(root: Path, name: str) -> Environment:
    """Reads an environment, the places and its models; raises SettingsError with every problem of these files."""
    problems: list[Problem] = []
    environment = read_environment(root, name, problems, with_models=True)
    if environment is None or problems:
        raise SettingsError(problems)
    return environment


def read_environment(root: Path, name: str, problems: list[Problem], *, with_models: bool) -> Environment | None:
    """As `load_environment`, collecting; without models where a broken model file must not stand in the way."""
    places = read_places(root, problems)
    file = environment_file(name)
    data = read_yaml(root, file, problems) if _is_there(root, name, problems) else None
    section = None if data is None else parse(EnvironmentFile, data, file=file, at="", problems=problems)
    if section is None or places is None:
        return None
    check_environment_file(section, places, file, problems)
    if problems:
        return None
    models = read_models(root, section, file, problems) if with_models else ()
    return _assemble(name, section, places, models)


def _is_there(root: Path, name: str, problems: list[Problem]) -> bool:
    """Whether the environment has a file; the name is checked first, since it becomes part of a path."""
    names = sorted(path.stem for path in (root / ENVIRONMENTS_FOLDER).glob("*.yaml"))
    if re.fullmatch(ENVIRONMENT_FORM, name) and name in names:
        return True
    step = near(name, names) or f"choose one, or write {environment_file('NAME')}"
    problems.append(Problem("environment", "", name, ", ".join(names) or "no environment yet", step))
    return False


def environment_file(name: str) -> str:
    return f"{ENVIRONMENTS_FOLDER}/{name}.yaml"


def read_places(root: Path, problems: list[Problem]) -> PlaceTable | None:
    """The table of places after the user's changes; the file may be left out."""
    if not (root / PLACES_FILE).exists():
        return DEFAULT_TABLE
    changes = read_yaml(root, PLACES_FILE, problems)
    if changes is None:
        return None
    try:
        return DEFAULT_TABLE.with_changes(changes)
    except InvalidPlaces as error:
        problems.extend(
            Problem(PLACES_FILE, item.path, item.got, item.allowed, "correct it") for item in error.problems
        )
        return None


def unknown_stack(stack: StackName, environment: Environment) -> Problem:
    """The problem of a stack that is well named but not part of its environment."""
    known = ", ".join(item.text for item in environment.stacks())
    step = f"add its region or jurisdiction to {environment_file(environment.name)}, or correct the name"
    return Problem("stack name", "", stack.text, known, step)


def _assemble(
    name: str, section: EnvironmentFile, places: PlaceTable, models: tuple[ModelSettings, ...]
) -> Environment:
    return Environment(
        name=name,
        domain=section.domain,
        protect_data=section.protect_data,
        offline=all(home.state == FILE_STATE for home in section.accounts.values()),
        accounts={
            cloud: AccountHome(cloud=cloud, id=home.id, state=_state(home), secrets=_secrets(home))
            for cloud, home in section.accounts.items()
        },
        jurisdictions={
            key: JurisdictionSettings(
                name=key,
                regions=tuple(_place(region, places) for region in home.regions),
                state=_state(home),
                secrets=_secrets(home),
            )
            for key, home in section.jurisdictions.items()
        },
        models=models,
        listed_models=section.models,
        places=places,
    )


def _place(region: str, places: PlaceTable) -> Place:
    cloud, name = region.split("-", 1)
    return places.get(Cloud(cloud), name)


def _state(home: Home) -> StateBucket | None:
    return None if home.state == FILE_STATE else state_bucket(home.state)


def _secrets(home: Home) -> SecretsKey | None:
    return None if home.secrets is None else secrets_key(home.secrets)
