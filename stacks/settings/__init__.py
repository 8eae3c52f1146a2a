"""Typed settings: reads the files of `stacks/` once, checks them all at once, and hands out frozen values.

`load_stack` for a program, `load_environment` for tools over many stacks, `check_environment` for all files together.
"""

from __future__ import annotations

from stacks.settings.account import GitHub
from stacks.settings.attachments import Attachments
from stacks.settings.backends import backend_url, secrets_provider
from stacks.settings.environment import AccountHome, Environment, JurisdictionSettings, load_environment
from stacks.settings.errors import Problem, SettingsError, near
from stacks.settings.fleet_check import check_environment
from stacks.settings.homes import SecretsKey, StateBucket, file_backend
from stacks.settings.model import BuiltImage, ModelSettings
from stacks.settings.names import StackKind, StackName, parse_stack
from stacks.settings.needs import Needs
from stacks.settings.pools import Pool
from stacks.settings.region import ExistingNetwork, NewNetwork, RegionSection
from stacks.settings.release import Artifact, Release
from stacks.settings.stack import (
    AccountSettings,
    FrontDoorRegion,
    FrontDoorSettings,
    ModelsSettings,
    PlatformSettings,
    StackSettings,
    load_stack,
)

__all__ = [
    "AccountHome",
    "AccountSettings",
    "Artifact",
    "Attachments",
    "BuiltImage",
    "Environment",
    "ExistingNetwork",
    "FrontDoorRegion",
    "FrontDoorSettings",
    "GitHub",
    "JurisdictionSettings",
    "ModelSettings",
    "ModelsSettings",
    "Needs",
    "NewNetwork",
    "PlatformSettings",
    "Pool",
    "Problem",
    "RegionSection",
    "Release",
    "SecretsKey",
    "SettingsError",
    "StackKind",
    "StackName",
    "StackSettings",
    "StateBucket",
    "backend_url",
    "check_environment",
    "file_backend",
    "load_environment",
    "load_stack",
    "near",
    "parse_stack",
    "secrets_provider",
]
