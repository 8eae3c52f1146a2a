"""PULUMI_HOME of one environment, and in it the stand-in providers of an offline one.

Laid out as `pulumi plugin install resource PACKAGE VERSION --file FILE` of CLI 3.259 does: a folder
`plugins/resource-PACKAGE-vVERSION` with the executable, and an empty lock file beside it. Not left to the CLI, since
that takes 0.6 s a package each time.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

from tools.offline.errors import OfflineError
from tools.offline.files import make_folder, write_whole
from tools.offline.launchers import launcher

# A row a package. The official language host asks for the plugin of every installed SDK, used by a program or not.
STAND_INS = ("aws", "gcp", "kubernetes")


def install_stand_ins(home: Path) -> None:
    """Makes `home` hold one stand-in for each package, of exactly the installed SDK's version.

    Older ones stay: a state written before an upgrade names them, and every launcher starts the same program.
    """
    plugins = home / "plugins"
    make_folder(plugins)
    for package in STAND_INS:
        folder = plugins / f"resource-{package}-v{sdk_version(package)}"
        make_folder(folder)
        write_whole(folder.with_name(f"{folder.name}.lock"), "")
        write_whole(folder / f"pulumi-resource-{package}", launcher("tools.offline.standin", package), mode=0o700)


def sdk_version(package: str) -> str:
    """Version of the installed Pulumi SDK of `package`, such as `7.51.1`; the engine wants a plugin equal to it."""
    try:
        return importlib.metadata.version(f"pulumi-{package}")
    except importlib.metadata.PackageNotFoundError as error:
        raise OfflineError(
            f"pulumi-{package}: not installed in this Python; run tools/make_venv.sh, and use .venv/bin/python"
        ) from error
