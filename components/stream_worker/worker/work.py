"""One batch from a stream: predict, publish, and tell what must come again. No record is lost, and none overtakes.

- What no model will ever answer (not JSON, refused, broken alone) goes to the queue of dead letters and counts as done.
- Of what must come again the first of each lane is told; all before it is published, some behind it may be published
  twice: readers know by `id`.
- While the target is away or busy the worker waits, as long as there is time, and then gives the batch back.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.stream_worker.worker.outputs import DeadLetters, Output, OutputError
from components.stream_worker.worker.records import Record, as_text, row
from components.stream_worker.worker.targets import (
    BrokenError,
    RefusedError,
    Target,
    TargetError,
    UnavailableError,
    predict,
)

Json = Any
LOG = logging.getLogger("homeport.stream_worker")
_MOST_BYTES = 4 * 1024 * 1024  # of one request: below the least that a target takes
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 20.0


@dataclass(frozen=True)
class Row:
    """A record that was read."""

    record: Record
    values: Json


@dataclass
class Worker:
    """`rows` go to the target at once. `last_good`: a row that it answered, to tell a bad row from a bad target."""

    model: str
    target: Target
    output: Output
    dead_letters: DeadLetters
    rows: int
    last_good: Json = None
    _letters: list[tuple[Record, dict[str, str]]] = field(default_factory=list[tuple[Record, dict[str, str]]])

    def work(self, records: Sequence[Record], seconds_left: Callable[[], float]) -> dict[str, Record]:
        """What must come again: by lane, the first of the records that are not done."""
        again: dict[str, Record] = {}
        for part in _parts(records, self.rows):
            open_part = [record for record in part if record.lane not in again]
            for record in self._part(open_part, seconds_left):
                again.setdefault(record.lane, record)
        return again

    def _part(self, records: list[Record], seconds_left: Callable[[], float]) -> list[Record]:
        """Those of `records` that are not done, in their order."""
        self._letters = []
        rows = list(self._read(records))
        answers, why = self._answers(rows, seconds_left)
        if why:
            LOG.warning("%s of %s rows wait: %s", len(rows) - len(answers), len(rows), why)
        waiting = [one.record for one in rows[len(answers) :]]
        answered = [(one, answer) for one, answer in zip(rows, answers, strict=False) if answer is not _DEAD]
        entries = [(one.record.key, self._message(one.record, answer)) for one, answer in answered]
        missing = self.output.put(entries, seconds_left)
        if missing:
            LOG.warning("%s of %s predictions were not published", len(missing), len(entries))
        late = {record.identity for record in waiting} | {answered[place][0].record.identity for place in missing}
        again = [record for record in records if record.identity in late]
        try:
            self.dead_letters.send(self._letters_before(again, records))
        except OutputError as error:
            LOG.error("dead letters were not sent: %s", error)
            return records  # predictions of this part are published again, letters not lost
        return again

    def _letters_before(self, again: Sequence[Record], records: Sequence[Record]) -> list[dict[str, str]]:
        """What comes again is judged again, so is all behind it in its lane: those letters wait."""
        first: dict[str, int] = {}
        place = {record.identity: number for number, record in enumerate(records)}
        for record in again:
            first.setdefault(record.lane, place[record.identity])
        return [
            letter for record, letter in self._letters if place[record.identity] < first.get(record.lane, len(records))
        ]

    def _read(self, records: Sequence[Record]) -> Iterator[Row]:
        for record in records:
            try:
                yield Row(record, row(record.body))
            except ValueError as error:
                self._bury(record, f"unreadable: {error}")

    def _answers(self, rows: Sequence[Row], seconds_left: Callable[[], float]) -> tuple[list[Json], str]:
        """Answers from the first row on, `_DEAD` for what is buried; fewer than rows, and why, if the time is over."""
        done: list[Json] = []
        todo = [list(rows)] if rows else []
        while todo:
            part = todo.pop(0)
            try:
                done += self._patiently([one.values for one in part], seconds_left)
                self.last_good = part[0].values
            except UnavailableError as error:
                return done, str(error)
            except TargetError as error:
                if len(part) > 1:
                    half = len(part) // 2
                    todo[:0] = [part[:half], part[half:]]
                    continue
                if isinstance(error, BrokenError) and not self._target_answers():
                    return done, str(error)
                self._bury(part[0].record, f"{'refused' if isinstance(error, RefusedError) else 'broken'}: {error}")
                done.append(_DEAD)
        return done, ""

    def _patiently(self, rows: Sequence[Json], seconds_left: Callable[[], float]) -> list[Json]:
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                return predict(self.target, rows)
            except UnavailableError:
                if seconds_left() < wait_s:
                    raise
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    def _target_answers(self) -> bool:
        """Whether the target answers a row that it answered before: then the other row is at fault."""
        if self.last_good is None:
            return False
        try:
            predict(self.target, [self.last_good])
        except TargetError:
            return False
        return True

    def _message(self, record: Record, prediction: Json) -> bytes:
        message = {"id": record.identity, "model": self.model, "prediction": prediction}
        return json.dumps(message, separators=(",", ":"), sort_keys=True).encode()

    def _bury(self, record: Record, why: str) -> None:
        LOG.warning("dead letter %s: %s", record.identity, why)
        letter = {"body": as_text(record.body), "id": record.identity, "key": as_text(record.key), "why": why}
        self._letters.append((record, {**letter, "model": self.model}))


_DEAD = object()


def _parts(records: Sequence[Record], rows: int) -> Iterator[list[Record]]:
    """Runs of records for one request each."""
    part: list[Record] = []
    size = 0
    for record in records:
        if part and (len(part) == rows or size + len(record.body) > _MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(record)
        size += len(record.body)
    if part:
        yield part


def report(again: Mapping[str, Record]) -> list[str]:
    """The identities of what must come again, for the log."""
    return [record.identity for record in again.values()]
