"""Reads the engine's event log while the engine writes it.

A file and not the Automation API's gRPC server: it survives this process, stays beside the log of the run for whoever
looks for a cause, and shows every kind of event.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LOOK_EVERY_S = 0.1


@contextmanager
def follow(path: Path, on_event: Callable[[Mapping[str, Any]], None]) -> Generator[None]:
    """Calls `on_event` for each event written to `path` while the block runs, from another thread; misses none."""
    ended = threading.Event()
    reader = threading.Thread(target=_read, args=(path, on_event, ended), daemon=True)
    reader.start()
    try:
        yield
    finally:
        ended.set()
        reader.join()


def _read(path: Path, on_event: Callable[[Mapping[str, Any]], None], ended: threading.Event) -> None:
    rest = ""
    with path.open(encoding="utf-8") as source:
        while True:
            last_look = ended.is_set()
            lines = (rest + source.read()).split("\n")
            rest = lines.pop()  # not yet ended by a newline: half an event, or nothing
            for line in lines:
                _tell(line, on_event)
            if last_look:
                return
            ended.wait(LOOK_EVERY_S)


def _tell(line: str, on_event: Callable[[Mapping[str, Any]], None]) -> None:
    if not line or '"severity":"debug"' in line:
        return
    try:
        event = json.loads(line)
    except ValueError:
        return  # cut short by a full disk; the engine's exit code and output still tell what happened
    on_event(event)
