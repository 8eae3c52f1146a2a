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
from tools.offline.files import locked, make_folder, not_writable, write_whole
from tools.offline.launchers import write_engine_launchers

OWN_FOLDER = (".homeport", "engine")  # below the project's root: the built CLI and its launchers
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
    folder = root.joinpath(*OWN_FOLDER)
    official = official_cli(os.environ.get("PATH", ""))
    if official is not None:
        return Engine(pulumi=official, path_folder=None, official=True)
    _place(built_cli(), folder)
    return Engine(pulumi=folder / "pulumi", path_folder=folder, official=False)


def official_cli(search_path: str) -> Path | None:
    """The first `pulumi` of `search_path` that is not built here, if it is recent and has its Python language host."""
    others = without_own_folders(search_path)
    found = shutil.which("pulumi", path=others)
    if found is None:
        return None
    beside = Path(found).resolve().parent / "pulumi-language-python"
    if not beside.exists() and shutil.which("pulumi-language-python", path=others) is None:
        return None
    version = _version(Path(found))
    return Path(found) if version is not None and version >= OLDEST_OFFICIAL else None


def without_own_folders(search_path: str) -> str:
    """A PATH without engine folders of ours, this checkout's or another's that the shell was made ready for."""
    folders = [folder for folder in search_path.split(os.pathsep) if Path(folder).parts[-2:] != OWN_FOLDER]
    return os.pathsep.join(folders)


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
        try:
            answer = subprocess.run(
                [pulumi, "version"], capture_output=True, text=True, check=False, timeout=30, env=environment
            )
        except (OSError, subprocess.TimeoutExpired):
            return None  # not a program for this machine, or one that asks questions
        known = {key: answer.stdout.strip()}
        write_whole(memory, json.dumps(known))
    return parse_version(known[key])


def _place(cli: Path, folder: Path) -> None:
    """Puts the built CLI into `folder` as a hard link (a copy where links are impossible), launchers beside it.

    A symbolic link would not do: the CLI looks for its language host beside the file that really runs.
    """
    target = folder / "pulumi"
    make_folder(folder)
    try:
        if not (target.exists() and _same(target, cli)):
            with locked(folder / ".lock"):
                _link(cli, folder / "pulumi.partial").replace(target)
    except OSError as error:
        raise not_writable(target, error) from error
    write_engine_launchers(folder)


def _same(target: Path, cli: Path) -> bool:
    here, there = target.stat(), cli.stat()
    copied = here.st_size == there.st_size and here.st_mtime_ns == there.st_mtime_ns
    return here.st_ino == there.st_ino or copied


def _link(cli: Path, target: Path) -> Path:
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(cli)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(cli, target)
    return target
