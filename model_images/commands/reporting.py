"""How commands speak: progress where somebody watches, one JSON document on request, errors as lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def progress() -> Generator[Callable[[str], None]]:
    """A function that says what is being done: a spinner in a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # slow to import, and only a terminal needs it

    with Console(stderr=True).status("reading") as status:
        yield status.update


def size_text(size: int) -> str:
    """A size for people, in KiB or MiB."""
    return f"{size / (1 << 20):.1f} MiB" if size >= 1 << 20 else f"{size / 1024:.1f} KiB"


def printable(text: str) -> str:
    """A line with somebody else's words in it, without signs that move a terminal's cursor."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def told(error: OSError) -> int:
    """Says in one line which file the machine refused, and why; answers the exit status."""
    file = error.filename2 or error.filename  # of a copy: where it goes, for that is where there was no room
    print(f"{file or 'this machine'}: {error.strerror or error}", file=sys.stderr)
    return 1
