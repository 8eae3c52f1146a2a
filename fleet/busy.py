"""One fleet command at a time changes an environment from one machine; the second says who is at work.

The engine's own locks are per stack: two runs at once would each take some stacks and fail at the others.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from io import FileIO

from fleet.errors import FleetBusy, FolderUnusable
from fleet.model import Fleet


@contextmanager
def alone(fleet: Fleet, command: str) -> Generator[None]:
    """Holds the environment while the block runs; a killed run holds nothing.

    Raises FleetBusy, naming the holder, or FolderUnusable, before anything is done.
    """
    with _opened(fleet) as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            held.seek(0)
            raise FleetBusy(
                f"{fleet.environment} is being changed by {_holder(held.read().decode(errors='replace'))}",
                f"wait until it has ended, then run again: python -m fleet {command} --env {fleet.environment}",
            ) from error
        _sign(held, command, fleet)
        yield


def _opened(fleet: Fleet) -> FileIO:
    """Unbuffered: nothing is left to be written when it is closed, on a full disk in vain."""
    try:
        fleet.folder.mkdir(parents=True, exist_ok=True)
        return (fleet.folder / "fleet.lock").open("a+b", buffering=0)
    except OSError as error:
        raise _unusable(fleet, error) from error


def _sign(held: FileIO, command: str, fleet: Fleet) -> None:
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    who = {"process": os.getpid(), "user": getpass.getuser(), "command": command, "since": since}
    try:
        held.truncate(0)
        held.write(json.dumps(who).encode())
    except OSError as error:
        raise _unusable(fleet, error) from error


def _unusable(fleet: Fleet, error: OSError) -> FolderUnusable:
    return FolderUnusable(
        f"{fleet.folder}: cannot be written ({error.strerror}); nothing was done",
        "make room or mend its permissions, then run the command again",
    )


def _holder(text: str) -> str:
    try:
        who = json.loads(text)
    except ValueError:
        return "another fleet command that has just begun"
    return f"`fleet {who['command']}` of {who['user']} (process {who['process']}), since {who['since']}"
