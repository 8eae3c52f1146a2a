"""Which Pulumi CLI this project uses: the official one when it is new enough, else one built here.

The official CLI counts only together with its Python language host. The built CLI gets launchers of our own beside it
(tools/offline/launchers.py), in a folder of the project, because a launcher names the project's own Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.offline.build import built_cli, cache_folder
from tools.offline.errors import OfflineError
from tools.offline.files import locked, write_whole
from tools.offline.launchers import write_engine_launchers

OLDEST_OFFICIAL = (3, 259, 0)  # the version that the engine tests run with; older ones lack flags that `fleet` uses


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A Pulumi CLI that can be run, and the folder that must come first on PATH (none for an official one)."""

    pulumi: Path
    path_folder: Path | None
    official: bool


def find_engine(root: Path) -> Engine:
    """The engine of the project at `root`; builds it when there is none yet, which takes minutes and says so.

    Raises OfflineError when there is neither a recent official CLI nor a way to build one.
    """
    folder = root / ".homeport" / "engine"
    official = official_cli(os.environ.get("PATH", ""), apart_from=folder)
    if official is not None:
        return Engine(pulumi=official, path_folder=None, official=True)
    _place(built_cli(), folder)
    return Engine(pulumi=folder / "pulumi", path_folder=folder, official=False)


def official_cli(search_path: str, *, apart_from: Path) -> Path | None:
    """The first `pulumi` of `search_path` outside `apart_from`, if it is recent and has its Python language host."""
    folders = [folder for folder in search_path.split(os.pathsep) if folder and Path(folder) != apart_from]
    others = os.pathsep.join(folders)
    found = shutil.which("pulumi", path=others)
    if found is None:
        return None
    beside = Path(found).resolve().parent / "pulumi-language-python"
    if not beside.exists() and shutil.which("pulumi-language-python", path=others) is None:
        return None
    version = _version(Path(found))
    return Path(found) if version is not None and version >= OLDEST_OFFICIAL else None


def parse_version(text: str) -> tuple[int, int, int] | None:
    """Major, minor and patch of what `pulumi version` prints; None for anything else (a development build)."""
    match = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?", text.strip())
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _version(pulumi: Path) -> tuple[int, int, int] | None:
    """Asked once for each executable and remembered, since starting the CLI costs a quarter of a second."""
    status = pulumi.resolve().stat()
    key = f"{pulumi.resolve()} {status.st_size} {status.st_mtime_ns}"
    memory = cache_folder() / "official.json"
    try:
        known: dict[str, str] = json.loads(memory.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        known = {}
    if key not in known:
        environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
        answer = subprocess.run([pulumi, "version"], capture_output=True, text=True, check=False, env=environment)
        known = {key: answer.stdout.strip()}
        write_whole(memory, json.dumps(known))
    return parse_version(known[key])


def _place(cli: Path, folder: Path) -> None:
    """Puts the built CLI into `folder` as a hard link (a copy where links are impossible), launchers beside it.

    A symbolic link would not do: the CLI looks for its language host beside the file that really runs.
    """
    target = folder / "pulumi"
    if not (target.exists() and _same(target, cli)):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / ".lock"):
            partial = folder / "pulumi.partial"
            partial.unlink(missing_ok=True)
            try:
                partial.hardlink_to(cli)
            except OSError:
                _copy(cli, partial)
            partial.replace(target)
    write_engine_launchers(folder)


def _same(target: Path, cli: Path) -> bool:
    here, there = target.stat(), cli.stat()
    copied = here.st_size == there.st_size and here.st_mtime_ns == there.st_mtime_ns
    return here.st_ino == there.st_ino or copied


def _copy(cli: Path, target: Path) -> None:
    try:
        shutil.copy2(cli, target)
    except OSError as error:
        raise OfflineError(
            f"{target}: cannot copy the Pulumi CLI here ({error.strerror}); free some disk space or make the folder "
            "writable, then run the command again"
        ) from error
