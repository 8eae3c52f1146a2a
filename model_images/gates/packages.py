"""Gate: the model answers its warm-up example with the packages of its `requirements.lock` alone, as in its image.

A process of its own loads the model; whatever else is installed in this environment cannot be imported there.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from types import ModuleType
from typing import ClassVar

from model_images.gates.result import GateResult, judged, nothing_declared
from model_images.gates.subject import Subject

LIMIT_S = 300
PROJECT = Path(__file__).resolve().parents[2]
LOCK = "requirements.lock"
SHOWN = 3
NAME = re.compile(r"^[A-Za-z0-9._-]+")


def packages(subject: Subject) -> GateResult:
    """Raises OSError if the lock cannot be read."""
    path = subject.folder / LOCK
    if not path.is_file():
        return nothing_declared(f"no {LOCK}; `python -m model_images lock FOLDER` writes one")
    words = [sys.executable, "-m", "model_images.gates.packages", str(subject.folder.resolve())]
    try:
        done = subprocess.run(
            words, cwd=PROJECT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return judged([f"the model did not answer its warm-up example within {LIMIT_S} s"])
    problems = [f"with the packages of {LOCK} alone: {line}" for line in done.stderr.strip().splitlines()[-SHOWN:]]
    return judged(problems if done.returncode else [], packages=len(locked(path.read_text(encoding="utf-8"))))


def locked(lock: str) -> set[str]:
    """The names of all packages that a lock pins, as package indexes compare them."""
    return {_canonical(name) for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", lock)}


def foreign(names: set[str]) -> set[str]:
    """The modules of this environment that come with none of these packages, nor with what their versions here need."""
    kept = _with_needs(names)
    return {
        module
        for module, owners in packages_distributions().items()
        if not any(_canonical(owner) in kept for owner in owners)
    }


def _with_needs(names: set[str]) -> set[str]:
    found, left = set[str](), sorted(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            with contextlib.suppress(PackageNotFoundError):  # locked for the image alone
                left += [_canonical(NAME.findall(one)[0]) for one in requires(name) or () if "extra ==" not in one]
    return found


class _WithoutForeign(PathFinder):
    """Finds what Python finds, but for the modules that are hidden: those are not there."""

    hidden: ClassVar[set[str]] = set()

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return None if fullname in cls.hidden else super().find_spec(fullname, path, target)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _check(folder: Path) -> int:
    _WithoutForeign.hidden = foreign(locked((folder / LOCK).read_text(encoding="utf-8")))
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, _WithoutForeign]
    from model_images.__main__ import main  # what it imports is looked for from here on

    return main(["check", str(folder)])


if __name__ == "__main__":
    sys.exit(_check(Path(sys.argv[1])))
