"""Programs that outlive the command which starts them, and are stopped later by exactly what was started.

A process is known by its id and the moment it started, so a recycled id is never hit. Linux only: /proc tells both.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.offline.files import make_folder, write_whole


@dataclass(frozen=True, kw_only=True)
class Processes:
    """Those whose ids and logs lie below a folder."""

    folder: Path

    def start(self, name: str, words: Sequence[str]) -> None:
        """Starts a program detached; what it writes goes to its log."""
        make_folder(self.folder / "log")
        make_folder(self.folder / "pids")
        log = str(self.log(name))
        # Not `subprocess`, which minds that nobody waits for what it started.
        process = os.posix_spawnp(
            words[0],
            list(words),
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
        write_whole(self.folder / "pids" / name, f"{process} {_started(process)}")

    def log(self, name: str) -> Path:
        return self.folder / "log" / f"{name}.log"

    def names(self) -> list[str]:
        """Of all that were started, in no order."""
        folder = self.folder / "pids"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def alive(self, name: str) -> bool:
        return self._process(name) is not None

    def stop(self, *, patience_s: float = 10.0) -> None:
        """Asks all to end, and ends those that do not within the patience."""
        self._signal(signal.SIGTERM)
        until = time.monotonic() + patience_s
        while any(self.alive(name) for name in self.names()):
            if time.monotonic() > until:
                self._signal(signal.SIGKILL)
                until += patience_s
            time.sleep(0.1)

    def _signal(self, number: signal.Signals) -> None:
        for name in self.names():
            process = self._process(name)
            if process is not None:
                os.kill(process, number)

    def _process(self, name: str) -> int | None:
        """The id of a process that runs still."""
        try:
            words = (self.folder / "pids" / name).read_text(encoding="utf-8").split()
        except FileNotFoundError:
            return None
        return int(words[0]) if len(words) == 2 and _started(int(words[0])) == words[1] else None


def _started(process: int) -> str:
    """Its start in ticks since the machine's, empty for one that has ended, whether or not its parent looked."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in {"Z", "X"} else fields[19]
