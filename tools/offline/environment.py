"""The variables that make plain `pulumi` commands work on one stack: engine, home, backend, policies, secrets.

An environment is offline when its file says `state: file`. Only there do stand-ins, the public passphrase and the
offline variables exist; any other environment gets a home without stand-ins, and its own backend and credentials.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from stacks.settings import Environment, backend_url, load_environment, parse_stack
from tools.offline.engine import find_engine, without_own_folders
from tools.offline.files import make_folder
from tools.offline.home import install_stand_ins

DEMO_PASSPHRASE = "homeport-demo"  # noqa: S105  public on purpose: it guards invented values in ignored local files

# Set in an offline environment only. Another environment in the same shell must not inherit them.
OFFLINE_ONLY = (
    "HOMEPORT_OFFLINE",
    "HOMEPORT_CLOUD",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_IGNORE_AMBIENT_PLUGINS",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
)


def stack_variables(root: Path, stack: str) -> dict[str, str]:
    """Every variable for one stack; makes engine, home and local backend where they are missing.

    Raises SettingsError for a wrong name or environment file, OfflineError for what the machine lacks.
    """
    environment = load_environment(root, parse_stack(stack).environment)
    backend = backend_url(environment, stack, root)
    address = urlsplit(backend)
    if address.scheme == "file":
        make_folder(Path(address.path))
    return _shared(root, environment) | {"PULUMI_BACKEND_URL": backend}


def environment_variables(root: Path, name: str) -> dict[str, str]:
    """As `stack_variables`, but for the backend, which is a stack's."""
    return _shared(root, load_environment(root, name))


def home_folder(root: Path, environment: Environment) -> Path:
    """PULUMI_HOME. Two names, so that a demo turned into a real environment never meets a stand-in."""
    name = "pulumi-home" if environment.offline else "pulumi-home-online"
    return root / ".homeport" / environment.name / name


def shell_text(variables: Mapping[str, str]) -> str:
    """Lines for `eval` in a POSIX shell; an empty value means that the variable must not be set."""
    lines = [f"export {name}={shlex.quote(value)}" if value else f"unset {name}" for name, value in variables.items()]
    return "".join(f"{line};\n" for line in lines)


def _shared(root: Path, environment: Environment) -> dict[str, str]:
    engine = find_engine(root)
    home = home_folder(root, environment)
    make_folder(home)
    variables = {
        "PATH": _search_path(os.environ.get("PATH", os.defpath), engine.path_folder),
        "PULUMI_HOME": str(home),
        "PULUMI_OPTION_POLICY_PACK": str(root / "policies"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    if environment.offline:
        install_stand_ins(home)
        return variables | _offline_variables(root, environment.name)
    return variables | _cleared(os.environ)


def _offline_variables(root: Path, name: str) -> dict[str, str]:
    return {
        "HOMEPORT_OFFLINE": "1",
        "HOMEPORT_CLOUD": str(root / ".homeport" / name / "cloud.sqlite"),
        "PULUMI_CONFIG_PASSPHRASE": DEMO_PASSPHRASE,
        # A real provider on PATH would win over a stand-in, and a missing one would be downloaded.
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def _cleared(present: Mapping[str, str]) -> dict[str, str]:
    """Empty values for what an offline environment left in this shell; a user's own values are left alone."""
    if present.get("HOMEPORT_OFFLINE") != "1":
        return {}
    own_passphrase = present.get("PULUMI_CONFIG_PASSPHRASE") != DEMO_PASSPHRASE
    kept = {"PULUMI_CONFIG_PASSPHRASE"} if own_passphrase else set[str]()
    return {name: "" for name in OFFLINE_ONLY if name in present and name not in kept}


def _search_path(present: str, first: Path | None) -> str:
    others = without_own_folders(present)
    return os.pathsep.join([str(first), others]) if first else others
