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

from fleet.errors import FleetBusy
from fleet.model import Fleet


@contextmanager
def alone(fleet: Fleet, command: str) -> Generator[None]:
    """Holds the environment while the block runs. Raises FleetBusy, naming the holder; a killed one holds nothing."""
    fleet.folder.mkdir(parents=True, exist_ok=True)
    path = fleet.folder / "fleet.lock"
    with path.open("a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            held.seek(0)
            raise FleetBusy(
                f"{fleet.environment} is being changed by {_holder(held.read())}",
                f"wait until it has ended, then run again: python -m fleet {command} --env {fleet.environment}",
            ) from error
        held.truncate(0)
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        json.dump({"process": os.getpid(), "user": getpass.getuser(), "command": command, "since": since}, held)
        held.flush()
        yield


def _holder(text: str) -> str:
    try:
        who = json.loads(text)
    except ValueError:
        return "another fleet command that has just begun"
    return f"`fleet {who['command']}` of {who['user']} (process {who['process']}), since {who['since']}"
