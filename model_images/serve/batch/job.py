"""One batch: which objects are this job's, which are done already, and each of the others from rows to predictions.

An object is done if its output is there and is not older than it: an interrupted job that is started again goes on with
the next object. Objects are shared out among the children of an array job by a hash of their names, so that each child
takes the same ones whatever else is written into the folder meanwhile.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from model_images.serve.batch.folders import Entry, Folder
from model_images.serve.batch.predictions import CSV, JSON_LINES, Predictor
from model_images.serve.batch.records import RecordError, inflated, records

SUFFIX = ".out"
PACKED = ".gz"
KINDS: Mapping[str, str] = {".csv": CSV, ".jsonl": JSON_LINES, ".ndjson": JSON_LINES}
TOLD_S = 15.0
LOG = logging.getLogger("model_images.serve")


class Stopped(SystemExit):
    """The job is to end now: raised where a signal arrives. A SystemExit, which no event loop holds back.

    Its code is the exit status of whatever it ends, so that no moment is taken for success.
    """


@dataclass
class Summary:
    """What became of the objects of this job, and of the rows of those that were done now."""

    objects: int = 0
    skipped: int = 0
    done: int = 0
    failed: list[str] = field(default_factory=list[str])
    rows: int = 0
    refused: int = 0

    def told(self) -> dict[str, object]:
        """As one line of JSON tells it."""
        return {
            "objects": self.objects,
            "skipped": self.skipped,
            "done": self.done,
            "failed": self.failed,
            "rows": self.rows,
            "refused_rows": self.refused,
        }


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be done. `read_as` and `write_as` are empty where each object's name says its kind."""

    source: Folder
    target: Folder
    predictor: Predictor
    read_as: str = ""
    write_as: str = ""
    part: int = 0
    parts: int = 1

    def run(self, summary: Summary) -> None:
        """Works through the objects; `summary` says how far, also if Stopped is raised. Raises OSError."""
        done = {entry.name: entry.modified for entry in self.target.entries()}
        entries = self.source.entries()
        if not entries:
            raise FileNotFoundError("--input: nothing lies below it; allowed: a folder with objects")
        own = [entry for entry in entries if part_of(entry.name, self.parts) == self.part]
        summary.objects = len(own)
        for entry in own:
            written = done.get(f"{entry.name}{SUFFIX}")
            if written is not None and written >= entry.modified:
                summary.skipped += 1
                continue
            began = time.monotonic()
            try:
                rows, refused = self._object(entry)
            except (OSError, RecordError, UnicodeError) as error:
                summary.failed.append(entry.name)
                LOG.error("%s: %s", shown(entry.name), error)
                continue
            summary.done += 1
            summary.rows += rows
            summary.refused += refused
            place = summary.skipped + summary.done + len(summary.failed)
            seconds = time.monotonic() - began
            name = shown(entry.name)
            LOG.info("%d of %d: %s: %d rows, %d refused, %.1f s", place, len(own), name, rows, refused, seconds)

    def _object(self, entry: Entry) -> tuple[int, int]:
        """Predicts one object; how many rows it had, and how many were refused. Raises OSError, RecordError."""
        read_as, packed = kind_of(entry.name, self.read_as)
        write_as = self.write_as or read_as
        blocks = self.source.read(entry)
        found = records(inflated(blocks) if packed else blocks, quoted=read_as == CSV)
        writer = self.target.writer(f"{entry.name}{SUFFIX}", write_as)
        whole = False
        rows = refused = 0
        next_told = time.monotonic() + TOLD_S
        try:
            for lines in self.predictor.lines(found, read_as, write_as):
                writer.write(lines.content)
                rows += lines.records
                refused += lines.refused
                if time.monotonic() > next_told:
                    LOG.info("%s: %d rows, %d refused, so far", shown(entry.name), rows, refused)
                    next_told = time.monotonic() + TOLD_S
            # Else predictions of what is not there any more would be newer than what is, and stay.
            self.source.check(entry)
            writer.finish()
            whole = True
        finally:
            if not whole:
                with suppress(OSError):  # what is told is why it is not whole
                    writer.give_up()
        return rows, refused


def part_of(name: str, parts: int) -> int:
    """Which child of an array job an object belongs to."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:8]) % parts


def shown(name: str) -> str:
    """A name within a line of the log: whoever names objects writes no lines of their own."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in name)


def kind_of(name: str, told: str) -> tuple[str, bool]:
    """An object's content type, and whether it is packed. Raises RecordError if neither name nor `told` says it."""
    packed = name.endswith(PACKED)
    inner = name.removesuffix(PACKED)
    kind = told or next((kind for suffix, kind in KINDS.items() if inner.endswith(suffix)), "")
    if not kind:
        raise RecordError(f"got a name that says no kind; allowed: {', '.join(_names())}, or --content-type")
    return kind, packed


def _names() -> Iterator[str]:
    for suffix in KINDS:
        yield f"NAME{suffix}[{PACKED}]"
