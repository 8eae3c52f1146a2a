"""The labels that every resource carries, in each cloud's spelling (components/labels.py writes them)."""

from __future__ import annotations

from collections.abc import Iterator

from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Unknown, Value

AWS_TAGS = ("homeport:environment", "homeport:stack", "homeport:jurisdiction")
LABELS = ("homeport-environment", "homeport-stack", "homeport-jurisdiction")


def missing(path: str, given: Value, required: tuple[str, ...], fix: str) -> Iterator[Finding]:
    """One finding for all required labels that are absent or empty, one for each that is not known yet."""
    allowed = f"texts under {', '.join(required)}"
    if isinstance(given, Unknown):
        yield Finding(path=path, got=NOT_KNOWN_YET, allowed=allowed, fix=fix, undecided=True)
        return
    labels = given if isinstance(given, dict) else {}
    absent = [key for key in required if not isinstance(labels.get(key), Unknown) and not labels.get(key)]
    if absent:
        yield Finding(path=path, got=f"no {', '.join(absent)}", allowed=allowed, fix=fix)
    for key in required:
        if isinstance(labels.get(key), Unknown):
            yield Finding(path=f"{path}.{key}", got=NOT_KNOWN_YET, allowed=allowed, fix=fix, undecided=True)
