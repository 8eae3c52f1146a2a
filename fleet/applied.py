"""Remembers what was last deployed to a stack from this machine, so that an `up` without any change can end early.

A preview that shows no change is not enough to know that an update would do nothing: it shows neither dependencies nor
options of resources, which the engine keeps in the state and needs to delete in the right order. They come from the
program's files alone. So an update is left out only if these are what they were, and the state is still the one that
was left behind then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# All that a program reads: its code, its settings, and the versions of what it imports.
FILES = ("__main__.py", "Pulumi.yaml", "requirements.lock")
FOLDERS = ("stacks", "components")
KINDS = frozenset({".py", ".yaml"})
CONFIG = Path("stacks", "config")


@dataclass(frozen=True)
class Program:
    """What the stacks of one project are made of: `shared` by all of them, and a file a stack."""

    root: Path
    shared: str

    def digest(self, stacks: Iterable[str]) -> str:
        """A digest of the shared files and of the stack files of `stacks`: a stack and those below it."""
        files = [self.root / CONFIG / f"Pulumi.{stack}.yaml" for stack in stacks]
        return _digest(self.root, files, self.shared)


@dataclass(frozen=True)
class Applied:
    """The records of one environment, a small file a stack in `folder`. Without a record every update is made."""

    folder: Path

    def is_current(self, stack: str, program: str, state_written: str) -> bool:
        """True if this very program was deployed to `stack` last, and nobody has written its state since."""
        path = self.folder / stack
        return path.is_file() and path.read_text(encoding="utf-8") == f"{program}\n{state_written}\n"

    def record(self, stack: str, program: str, state_written: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / stack).write_text(f"{program}\n{state_written}\n", encoding="utf-8")


def read_program(root: Path) -> Program:
    """Reads every file that the programs below `root` share: 10 ms."""
    files = [root / name for name in FILES]
    for folder in FOLDERS:
        files += [path for path in (root / folder).rglob("*") if path.suffix in KINDS]
    shared = [path for path in files if path.relative_to(root).parent != CONFIG]
    return Program(root=root, shared=_digest(root, shared, ""))


def _digest(root: Path, files: Iterable[Path], start: str) -> str:
    digest = hashlib.sha256(start.encode())
    for path in sorted(path for path in files if path.is_file()):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
