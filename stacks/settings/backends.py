"""Where the state of one stack lives and what seals its secrets, as Pulumi takes both."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from stacks.settings.environment import AccountHome, Environment, JurisdictionSettings, unknown_stack
from stacks.settings.errors import SettingsError
from stacks.settings.homes import PASSPHRASE, file_backend
from stacks.settings.names import StackKind, parse_stack
from stacks.settings.yaml_files import read_yaml


def backend_url(environment: Environment, stack: str, root: Path) -> str:
    """The backend of a stack.

    A region that left the environment still has state to destroy: its stack file then says the jurisdiction. Raises
    SettingsError for a stack whose home is not known.
    """
    home = _home(environment, stack, root)
    if home.state is not None:
        return home.state.url
    name = home.name if isinstance(home, JurisdictionSettings) else f"account-{home.cloud}"
    return file_backend(root, environment.name, name)


def secrets_provider(environment: Environment, stack: str) -> str:
    """`passphrase` offline, else the key of the stack's home; raises SettingsError for a stack of no environment."""
    key = _home(environment, stack, None).secrets
    return PASSPHRASE if key is None else key.url


def _home(environment: Environment, stack: str, root: Path | None) -> JurisdictionSettings | AccountHome:
    name = parse_stack(stack)
    known = next((item for item in environment.stacks() if item.text == stack), name)
    home: JurisdictionSettings | AccountHome | None
    if known.kind is StackKind.ACCOUNT:
        home = None if known.cloud is None else environment.accounts.get(known.cloud)
    else:
        home = environment.jurisdictions.get(known.jurisdiction or _jurisdiction_in_file(root, name.file))
    if home is None or name.environment != environment.name:
        raise SettingsError([unknown_stack(name, environment)])
    return home


def _jurisdiction_in_file(root: Path | None, file: str) -> str:
    config = None if root is None else (read_yaml(root, file, []) or {}).get("config")
    return str(cast("dict[str, object]", config).get("homeport:jurisdiction", "")) if isinstance(config, dict) else ""
