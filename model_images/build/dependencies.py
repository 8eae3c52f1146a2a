"""The dependencies layer: the wheels of a lock, installed by uv for another machine than this one.

Dropped from what is installed: programs in `bin/` (they name the builder's interpreter), test suites inside packages,
and what says who installed it. The lines about dropped files leave the RECORD files too.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from model_images.build.cache import cached_folder, key_of
from model_images.build.errors import LockError
from model_images.build.lock import check_platform, run_uv
from model_images.build.platforms import PYTHON, Platform

PLACE = "opt/homeport/dependencies"
DROPPED_FILES = ("INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")


def install(lock: str, platform: Platform, what: str) -> Path:
    """A folder with the packages of the lock's text for `platform`.

    Raises:
        LockError: if a package has no wheel for it; `what` names the lock.
    """
    check_platform(lock, platform, what)
    key = key_of(lock, str(platform))
    return cached_folder("dependencies", key, lambda folder: _fill(folder, lock, platform, what))


def _fill(folder: Path, lock: str, platform: Platform, what: str) -> None:
    names = folder.with_name(f"{folder.name}.txt")
    names.write_text(lock, encoding="utf-8")
    words = ["pip", "install", "--target", str(folder), "--python", sys.executable, "--python-version", PYTHON]
    words += ["--python-platform", platform.wheels, "--only-binary", ":all:", "--require-hashes", "--no-deps"]
    try:
        run_uv([*words, "--link-mode", "copy", "-r", str(names)], folder.parent)
    except LockError as error:
        next_step = (
            f"build again when the index answers, or lock anew: `python -m model_images lock {Path(what).parent}`"
        )
        raise LockError(f"{what}: {platform}: {error}; {next_step}") from error
    finally:
        names.unlink()
    _drop(folder)


def _drop(folder: Path) -> None:
    for path in (folder / "bin", *folder.rglob("__pycache__"), *_test_suites(folder)):
        shutil.rmtree(path, ignore_errors=True)
    for path in folder.rglob("*"):
        if path.parent.name.endswith(".dist-info") and path.name in DROPPED_FILES:
            path.unlink()
    (folder / ".lock").unlink(missing_ok=True)
    for record in folder.glob("*.dist-info/RECORD"):
        lines = record.read_text(encoding="utf-8").splitlines()
        kept = sorted(line for line in lines if (folder / _recorded(line)).is_file())
        record.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")


def _recorded(line: str) -> str:
    """The path in a RECORD line, `path,sha256=...,size`; a path with a comma in it is in quotes."""
    return line[1:].partition('"')[0] if line.startswith('"') else line.partition(",")[0]


def _test_suites(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("tests") if path.is_dir() and path.parent != folder]
