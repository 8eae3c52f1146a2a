"""Files that are written whole or not at all: a kill at any moment leaves the old content or the new."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".unfinished-"


def replace(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Writes or replaces the file at `path`; its folder is made if it is not there. Raises OSError."""
    with beside(path, mode) as work:
        work.write_bytes(content)


@contextmanager
def beside(path: Path, mode: int = 0o644) -> Generator[Path]:
    """A new file in the folder of `path`, to be filled; it becomes `path` at the end, or is removed if that failed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    os.close(handle)
    work = Path(name)
    try:
        yield work
        work.chmod(mode)
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)
