"""Ends a process of ours when the engine that started it is gone, also when the engine was killed outright."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

INTERVAL_SECONDS = 0.5


def end_with_parent(before: Callable[[], None] | None = None) -> None:
    """Watches from a daemon thread: within a second of the parent's death calls `before`, then leaves with code 1.

    The parent must be the engine itself (launchers `exec`, so it is). Portable, unlike a death signal of the kernel.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(INTERVAL_SECONDS)
        if before is not None:
            before()
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
