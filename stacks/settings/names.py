"""The names of stacks: what a name says, and how it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from components.places import Cloud
from stacks.settings.errors import Problem, SettingsError, near

ENVIRONMENT_FORM = r"[a-z][a-z0-9]{0,15}"

_CLOUDS = "|".join(Cloud)
_FORMS = (
    re.compile(rf"(?P<environment>{ENVIRONMENT_FORM})-(?P<cloud>{_CLOUDS})-account"),
    re.compile(rf"(?P<environment>{ENVIRONMENT_FORM})-(?P<jurisdiction>[a-z][a-z0-9]{{0,11}})-front-door"),
    re.compile(rf"(?P<environment>{ENVIRONMENT_FORM})-(?P<cloud>{_CLOUDS})-(?P<place>[a-z][a-z0-9-]*[a-z0-9])-models"),
    re.compile(rf"(?P<environment>{ENVIRONMENT_FORM})-(?P<cloud>{_CLOUDS})-(?P<place>[a-z][a-z0-9-]*[a-z0-9])"),
)


class StackKind(StrEnum):
    """The four kinds of stack, the lowest first."""

    ACCOUNT = "account"
    PLATFORM = "platform"
    MODELS = "models"
    FRONT_DOOR = "front-door"


@dataclass(frozen=True, kw_only=True)
class StackName:
    """A stack's name, taken apart.

    `jurisdiction` is None where the name alone does not say it (platform and models stacks) and for account stacks;
    `Environment.stacks()` fills it in, and `needs`: the stacks that must stand before this one.
    """

    environment: str
    kind: StackKind
    cloud: Cloud | None = None
    place: str | None = None
    jurisdiction: str | None = field(default=None, compare=False)
    needs: tuple[str, ...] = field(default=(), compare=False)

    @property
    def text(self) -> str:
        match self.kind:
            case StackKind.ACCOUNT:
                return f"{self.environment}-{self.cloud}-account"
            case StackKind.PLATFORM:
                return f"{self.environment}-{self.cloud}-{self.place}"
            case StackKind.MODELS:
                return f"{self.environment}-{self.cloud}-{self.place}-models"
            case StackKind.FRONT_DOOR:
                return f"{self.environment}-{self.jurisdiction}-front-door"

    @property
    def file(self) -> str:
        """The stack's config file, relative to the project's root."""
        return f"stacks/config/Pulumi.{self.text}.yaml"

    def __str__(self) -> str:
        return self.text


def parse_stack(name: str) -> StackName:
    """The parts of a stack's name; raises SettingsError when it is none of the four forms."""
    for kind, form in zip(
        (StackKind.ACCOUNT, StackKind.FRONT_DOOR, StackKind.MODELS, StackKind.PLATFORM), _FORMS, strict=True
    ):
        found = form.fullmatch(name)
        if found:
            parts = found.groupdict()
            cloud = parts.get("cloud")
            return StackName(
                environment=parts["environment"],
                kind=kind,
                cloud=Cloud(cloud) if cloud else None,
                place=parts.get("place"),
                jurisdiction=parts.get("jurisdiction"),
            )
    allowed = "ENV-CLOUD-account, ENV-CLOUD-PLACE, ENV-CLOUD-PLACE-models or ENV-JURISDICTION-front-door"
    cloud = name.split("-")[1] if name.count("-") > 1 else ""
    step = near(cloud, Cloud) or f"name a stack of an environment in stacks/environments, clouds {', '.join(Cloud)}"
    raise SettingsError([Problem("stack name", "", name, allowed, step)])
