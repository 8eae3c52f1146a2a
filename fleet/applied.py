"""Remembers what was last deployed to a stack from this machine, so that an `up` without any change can end early.

A preview that shows no change is not enough to know that an update would do nothing: it shows neither dependencies nor
options of resources, which the engine keeps in the state and needs to delete in the right order. They come from the
program's files alone. So an update is left out only if these are what they were, and the state is still the one that
was left behind then.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

# All that a program reads: its code, its settings, and the versions of what it imports.
FILES = ("__main__.py", "Pulumi.yaml", "requirements.lock")
FOLDERS = ("stacks", "components")
KINDS = frozenset({".py", ".yaml"})


@dataclass(frozen=True)
class Applied:
    """The records of one environment, a small file a stack in `folder`. Without a record every update is made."""

    folder: Path
    program: str

    def is_current(self, stack: str, state_written: str) -> bool:
        """True if this very program was deployed to `stack` last, and nobody has written its state since."""
        path = self.folder / stack
        return path.is_file() and path.read_text(encoding="utf-8") == self._record(state_written)

    def record(self, stack: str, state_written: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / stack).write_text(self._record(state_written), encoding="utf-8")

    def _record(self, state_written: str) -> str:
        return f"{self.program}\n{state_written}\n"


def fingerprint(root: Path) -> str:
    """A digest of everything the programs below `root` are made of."""
    paths = [root / name for name in FILES if (root / name).is_file()]
    for folder in FOLDERS:
        paths += [path for path in (root / folder).rglob("*") if path.suffix in KINDS and path.is_file()]
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
