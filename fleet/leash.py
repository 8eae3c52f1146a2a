"""Runs `python -m WORDS` and ends it when whoever started this is gone: standard input is the leash, its end the sign.

A fleet run that is killed outright can stop nothing any more; without this its server for one question would stay.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

GRACE_S = 2.0


def main(words: list[str]) -> int:
    """The exit code of the command."""
    # A stop is sent to the whole session: the command gets it as well, and its end is awaited here.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    process = subprocess.Popen([sys.executable, "-m", *words], stdin=subprocess.DEVNULL)
    threading.Thread(target=_watch, args=(process,), daemon=True).start()
    return process.wait()


def _watch(process: subprocess.Popen[bytes]) -> None:
    # Not through sys.stdin: its lock would be held when this process ends.
    while os.read(0, 4096):
        pass
    process.terminate()
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
