"""Commands of this project as child processes that a fleet run can stop: builds of images, a server for one question.

Each is a session of its own, as the engines are (`fleet/process.py`), so that a stop reaches whatever it started too;
and each is on a leash (`fleet/leash.py`), so that it does not outlive a fleet run that is killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

GRACE_S = 2.0
LEASH = Path(__file__).with_name("leash.py")
KEPT_LINES = 5


@dataclass(frozen=True)
class Ended:
    """How a child ended. `errors` are its last lines on standard error."""

    code: int
    output: str
    errors: tuple[str, ...]


@dataclass
class Child:
    """A child that runs; its standard error is read all the time, so that it never blocks on it."""

    process: subprocess.Popen[str]
    on_line: Callable[[str], None]
    errors: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def last_errors(self) -> tuple[str, ...]:
        """What it said last; waits a moment for what was said just before it ended."""
        self._reader.join(GRACE_S)
        return tuple(self.errors[-KEPT_LINES:])

    def stop(self) -> None:
        """Ends the child by its own id: asks, then kills it and all in its session."""
        _signal(self.process, signal.SIGTERM)
        try:
            self.process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            _signal(self.process, signal.SIGKILL)
            self.process.wait()

    def _read(self) -> None:
        for line in self.process.stderr or ():
            if line.strip():
                self.errors.append(line.strip())
                self.on_line(line.strip())


class Children:
    """The children of one run. Safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._running: set[subprocess.Popen[str]] = set()
        self._guard = threading.Lock()
        self._stopped = False

    def run(self, words: Sequence[str], on_line: Callable[[str], None]) -> Ended:
        """Runs `python -m WORDS` in the project's folder to its end; `on_line` gets its lines of standard error."""
        with self.started(words, on_line, output=subprocess.PIPE) as child:
            output = child.process.stdout.read() if child.process.stdout else ""
            code = child.process.wait()
            return Ended(code=code, output=output, errors=child.last_errors())

    @contextmanager
    def started(
        self,
        words: Sequence[str],
        on_line: Callable[[str], None],
        variables: Mapping[str, str] | None = None,
        output: int = subprocess.DEVNULL,
    ) -> Generator[Child]:
        """The same, running while the block does; it is stopped at the block's end."""
        process = subprocess.Popen(
            [sys.executable, "-P", str(LEASH), *words],
            cwd=self._root,
            env={**os.environ, **(variables or {})},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        with process:
            with self._guard:
                self._running.add(process)
                stopped = self._stopped
            child = Child(process, on_line)
            if stopped:
                _signal(process, signal.SIGTERM)
            try:
                yield child
            finally:
                if process.poll() is None:
                    child.stop()
                with self._guard:
                    self._running.discard(process)

    @property
    def stopped(self) -> bool:
        """Whether a stop has been asked for: what ends after it was ended by it."""
        return self._stopped

    def interrupt(self) -> None:
        """Ends all that run, and any that is still to come: what they write is whole at any moment."""
        with self._guard:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _signal(process, signal.SIGTERM)

    def kill(self) -> None:
        """Kills all that run, with whatever they started."""
        with self._guard:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _signal(process, signal.SIGKILL)


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it has just ended
            os.killpg(process.pid, number)
