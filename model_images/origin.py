"""Where a model came from: digests of its data, and the commit of its folder. Kept with its gates and its image."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

GIT_S = 10
# What follows a commit that the folder's files differ from.
CHANGED = "-dirty"


def folder_digest(folder: Path) -> str | None:
    """`sha256:` over names and contents of a folder's files; None if there are none. Caches do not count."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    if not files:
        return None
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{content}  {path.relative_to(folder).as_posix()}\n".encode())
    return f"sha256:{whole.hexdigest()}"


def source_commit(folder: Path) -> str | None:
    """The commit that the folder stands at, with CHANGED if files in it differ; None outside a git repository."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return None
    return f"{commit}{CHANGED}" if _git(folder, "status", "--porcelain", "--", ".") else commit


def _git(folder: Path, *words: str) -> str:
    """What git says, empty if it fails or is not there."""
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, timeout=GIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
