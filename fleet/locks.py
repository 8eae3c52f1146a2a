"""Who holds a stack's lock, and whether that process still lives.

A local backend keeps a lock as a small JSON file: process, user, host, time (pulumi/pulumi, pkg/backend/diy/lock.go).
Other backends are not read here: there the engine itself names the holder when it refuses.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

PROJECT = "homeport"
HALF_WRITTEN_S = 10.0


class Holder(Enum):
    """What is known of the process that took a lock."""

    ALIVE = "is still at work"
    GONE = "is gone"
    ELSEWHERE = "runs on another machine"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """One lock file. `since` is the time as written in it."""

    stack: str
    process: int
    user: str
    host: str
    since: str

    def __str__(self) -> str:
        return f"process {self.process} of {self.user}@{self.host}, since {self.since[:19].replace('T', ' ')}"


def read_locks(backend: str, stack: str) -> tuple[Lock, ...]:
    """The locks on `stack`; empty for a backend that is not local. A half-written file counts as no lock yet."""
    folder = _folder(backend, stack)
    if folder is None:
        return ()
    found: list[Lock] = []
    for path in sorted(folder.glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found.append(
                Lock(
                    stack=stack,
                    process=int(content["pid"]),
                    user=str(content["username"]),
                    host=str(content["hostname"]),
                    since=str(content["timestamp"]),
                )
            )
        except (OSError, ValueError, KeyError):
            continue
    return tuple(found)


def half_written(backend: str, stack: str, now: float | None = None) -> tuple[Path, ...]:
    """What a full disk left in the place of a lock of `stack`: no JSON, over which the engine stumbles for good.

    What was written less than HALF_WRITTEN_S before `now` (seconds since 1970) is left out: it may be under way.
    """
    folder = _folder(backend, stack)
    if folder is None or not folder.is_dir():
        return ()
    latest = (time.time() if now is None else now) - HALF_WRITTEN_S
    return tuple(path for path in sorted(folder.iterdir()) if path.stat().st_mtime < latest and not _is_json(path))


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


def _folder(backend: str, stack: str) -> Path | None:
    address = urlsplit(backend)
    if address.scheme != "file":
        return None
    return Path(address.path) / ".pulumi" / "locks" / "organization" / PROJECT / stack


def holder(lock: Lock, host: str | None = None, is_engine: Callable[[int], bool] | None = None) -> Holder:
    """Whether the process of `lock` lives; `host` and `is_engine` stand for this machine."""
    if lock.host != (host or socket.gethostname()):
        return Holder.ELSEWHERE
    return Holder.ALIVE if (is_engine or engine_lives)(lock.process) else Holder.GONE


def engine_lives(process: int) -> bool:
    """True if `process` is a Pulumi engine that runs. A number that another program has by now does not count."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    about = Path(f"/proc/{process}/stat")
    try:
        # "PID (NAME) STATE ...": the name may hold spaces and brackets.
        text = about.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return not Path("/proc/self/stat").exists()  # no /proc on this system: a live process is all that can be told
    name, _, rest = text.partition("(")[2].rpartition(")")
    return name.startswith("pulumi") and not rest.strip().startswith("Z")
