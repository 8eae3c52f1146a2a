"""Runs the program that the stack's name asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import assert_never

import pulumi
from pulumi.runtime.config import CONFIG

from stacks.programs import account, front_door, models, platform
from stacks.settings import (
    AccountSettings,
    FrontDoorSettings,
    ModelsSettings,
    PlatformSettings,
    SettingsError,
    load_stack,
)

ROOT = Path(__file__).parent.parent
PREFIX = "homeport:"
# Object keys that Pulumi.yaml gives an empty default, so that no stack must name those of the other kinds.
EMPTY: tuple[object, ...] = ({}, "")


def main(root: Path = ROOT) -> None:
    """Declares every resource of the current stack.

    Raises:
        pulumi.RunError: with all problems of the stack's settings, ready to be read; nothing has been declared then.
    """
    try:
        settings = load_stack(root, pulumi.get_stack(), read_config())
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from error
    match settings:
        case AccountSettings():
            account.declare(settings)
        case PlatformSettings():
            platform.declare(settings)
        case ModelsSettings():
            models.declare(settings)
        case FrontDoorSettings():
            front_door.declare(settings)
        case _:
            assert_never(settings)


def read_config() -> dict[str, object]:
    """The stack's own config as Pulumi hands it over, keys without their prefix, objects decoded.

    The whole bag is read rather than key by key through `pulumi.Config`: a misspelt key would not be seen otherwise.
    """
    found = {key.removeprefix(PREFIX): value for key, value in CONFIG.get().items() if key.startswith(PREFIX)}
    decoded = {key: _decode(value) for key, value in found.items()}
    return {key: value for key, value in decoded.items() if value not in EMPTY}


def _decode(value: str) -> object:
    return json.loads(value) if value[:1] in "{[" and value else value
