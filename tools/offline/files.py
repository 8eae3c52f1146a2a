"""Files that several processes may make at once: written whole or not at all, by one process at a time."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from tools.offline.errors import OfflineError


def write_whole(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Puts `text` into `path` in one step, so that no reader ever sees half of it; does nothing when it is there.

    Raises OfflineError for a folder that cannot be written.
    """
    try:
        if path.exists() and path.stat().st_mode & 0o777 == mode and path.read_text(encoding="utf-8") == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).chmod(mode)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise not_writable(path, error) from error


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] | None = None) -> Generator[None]:
    """Holds the lock file `path`; the lock goes with the process, so a killed holder leaves nothing stale.

    `on_wait` is called once if another process holds the lock. Raises OfflineError when the file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise not_writable(path, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if on_wait is not None:
                on_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_folder(path: Path) -> None:
    """Makes a folder and those above it, readable by the owner only where it is new."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(path, error) from error


def not_writable(path: Path, error: OSError) -> OfflineError:
    """The refusal for a full disk or a folder without write permission."""
    return OfflineError(
        f"{path}: cannot be written ({error.strerror}); allowed: a folder of yours with free space; "
        "make room or mend its permissions, then run the command again"
    )
