"""Progress of a run: on a terminal a live line a running stack, elsewhere a plain line now and then.

All of it goes to standard error: standard output is for the answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from fleet.events import Tally
from fleet.result import Outcome, Result

HEARTBEAT_S = 10.0
COLOURS = {
    Outcome.DONE: "green",
    Outcome.GONE: "green",
    Outcome.WAITS: "yellow",
    Outcome.KEPT: "yellow",
    Outcome.FAILED: "red",
    Outcome.NOT_STARTED: "red",
    Outcome.INTERRUPTED: "red",
}


@dataclass
class _Running:
    phase: str
    tally: Tally
    since: float = field(default_factory=time.monotonic)
    spoke: float = field(default_factory=time.monotonic)

    def line(self, name: str, width: int) -> str:
        step = f"step {self.tally.step}" if self.tally.step else "starting"
        seconds = time.monotonic() - self.since
        return f"{name:<{width}}  {seconds:4.0f} s  {self.phase:<10} {step:<10} {self.tally.current}".rstrip()


class Board:
    """What is shown while stacks run and images are built. Safe to call from several threads."""

    def __init__(self, console: Console, names: tuple[str, ...]) -> None:
        self._console = console
        self._width = max((len(name) for name in names), default=0)
        self._running: dict[str, _Running] = {}
        self._guard = threading.Lock()

    @contextmanager
    def shown(self) -> Generator[None]:
        """The display runs while the block does."""
        if self._console.is_terminal:
            with Live(get_renderable=self._lines, console=self._console, refresh_per_second=4, transient=True):
                yield
            return
        ended = threading.Event()
        heart = threading.Thread(target=self._beat, args=(ended,), daemon=True)
        heart.start()
        try:
            yield
        finally:
            ended.set()
            heart.join()

    def begin(self, name: str, phase: str, tally: Tally) -> None:
        """A stack, or an image, starts a phase, such as `preview`; `tally` is read while the phase runs."""
        with self._guard:
            known = self._running.get(name)
            self._running[name] = _Running(phase=phase, tally=tally)
            if known is not None:
                self._running[name].since = known.since
        if known is None and not self._console.is_terminal:
            self.say(f"{name:<{self._width}}  starts ({phase})")

    def end(self, result: Result) -> None:
        """A stack has ended; its line leaves the display and its outcome is printed; the table tells who waits."""
        if result.outcome is Outcome.WAITS:
            with self._guard:
                self._running.pop(result.stack.name, None)
            return
        self.leave(result.stack.name, result.seconds, summary(result), COLOURS[result.outcome])

    def leave(self, name: str, seconds: float, told: str, colour: str) -> None:
        """The same for anything that was begun: its line leaves the display and what became of it is printed."""
        with self._guard:
            self._running.pop(name, None)
        self.say(f"{name:<{self._width}}  {seconds:4.0f} s  {told}", colour)

    def say(self, line: str, colour: str = "") -> None:
        self._console.print(Text(line, style=colour), soft_wrap=True)

    def _lines(self) -> RenderableType:
        with self._guard:
            lines = [running.line(name, self._width) for name, running in self._running.items()]
        return Group(*(Text(line, style="cyan", no_wrap=True, overflow="ellipsis") for line in lines))

    def _beat(self, ended: threading.Event) -> None:
        while not ended.wait(1):
            now = time.monotonic()
            with self._guard:
                due = [(name, running) for name, running in self._running.items() if now - running.spoke >= HEARTBEAT_S]
                for _, running in due:
                    running.spoke = now
                lines = [running.line(name, self._width) for name, running in due]
            for line in lines:
                self.say(line)


def summary(result: Result) -> str:
    """The outcome in a few words: `done: 40 created, 3 same`."""
    parts = [result.note] if result.note else []
    if result.counts is not None:
        told = [(getattr(result.counts, word), word) for word in ("created", "changed", "replaced", "deleted", "same")]
        parts.append(", ".join(f"{number} {word}" for number, word in told if number))
    told_parts = "; ".join(part for part in parts if part)
    separator = " " if result.outcome is Outcome.WAITS else ": "
    return f"{result.outcome}{separator}{told_parts}" if told_parts else str(result.outcome)
