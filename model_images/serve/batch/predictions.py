"""Records into lines of predictions, in their order, a line each: what cannot be predicted gets a line that says why.

Records are read and predicted together, as many as take about half a second; where that fails, by halves, down to the
one that is bad, so that it harms no neighbour. A number has the digits that it has in an answer of the server.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from model_images.serve import answers
from model_images.serve.feature_rows import FeatureRows
from model_images.serve.inference import Inference
from model_images.serve.messages import Refused, Request
from model_images.serve.rows import MODEL_ERRORS, Outputs, Rows
from model_images.serve.schema import Schema

JSON_LINES, CSV = "application/jsonlines", "text/csv"
FIRST_TOGETHER, MOST_TOGETHER, MOST_TOGETHER_BYTES = 64, 8192, 4 << 20
# Whoever ends the job waits for no longer than about this.
LONG_S = 0.5
# What is answered with these may be answered otherwise a moment later: features cannot be read, too many rows wait.
PASSING = frozenset({429, 503})
TRIES, PAUSE_S = 6, 0.5


class Lines(NamedTuple):
    """Lines of some records, and how many of these were refused."""

    content: bytes
    records: int
    refused: int


class Unavailable(OSError):
    """What rows need cannot be had, and not because of the rows: one line."""


class Predictor:
    """Predicts records of one kind and writes lines of one kind."""

    def __init__(self, inference: Inference, schema: Schema, loop: asyncio.AbstractEventLoop) -> None:
        self._inference = inference
        self._schema = schema
        self._loop = loop
        self._together = FIRST_TOGETHER
        self._completing = FeatureRows(schema, inference.features) if inference.features is not None else None

    def lines(self, records: Iterable[bytes], read_as: str, write_as: str) -> Iterator[Lines]:
        """The lines of all records, some at a time. Raises Unavailable."""
        number = 0
        for some in self._some(records):
            if not number and read_as == CSV and self._is_header(some[0]):
                del some[0]
                if not some:
                    continue
            began = time.monotonic()
            yield self._written(some, number, read_as, write_as)
            number += len(some)
            took = time.monotonic() - began
            if took < LONG_S / 2:
                self._together = min(2 * self._together, MOST_TOGETHER)
            elif took > LONG_S:
                self._together = max(self._together // 2, 1)

    def _some(self, records: Iterable[bytes]) -> Iterator[list[bytes]]:
        some: list[bytes] = []
        size = 0
        for record in records:
            some.append(record)
            size += len(record)
            if len(some) >= self._together or size >= MOST_TOGETHER_BYTES:
                yield some
                some, size = [], 0
        if some:
            yield some

    def _is_header(self, record: bytes) -> bool:
        """Whether a CSV's first line names the inputs, in their order."""
        cells = [cell.strip().strip('"').strip() for cell in record.decode("utf-8", "replace").split(",")]
        return cells == list(self._schema.names)

    def _written(self, records: Sequence[bytes], number: int, read_as: str, write_as: str) -> Lines:
        try:
            return Lines(self._predicted(records, read_as, write_as), len(records), 0)
        except (Refused, *MODEL_ERRORS) as error:
            if isinstance(error, Unavailable):
                raise
            if len(records) == 1:
                return Lines(_told(error, number, write_as), 1, 1)
        half = len(records) // 2
        first = self._written(records[:half], number, read_as, write_as)
        second = self._written(records[half:], number + half, read_as, write_as)
        return Lines(first.content + second.content, len(records), first.refused + second.refused)

    def _predicted(self, records: Sequence[bytes], read_as: str, write_as: str) -> bytes:
        write = answers.as_csv if write_as == CSV else answers.as_json_lines
        for left in reversed(range(TRIES)):
            try:
                outputs = self._loop.run_until_complete(self._outputs(records, read_as))
            except Refused as refused:
                if refused.status not in PASSING:
                    raise
                if not left:
                    raise Unavailable(refused.message) from refused
                time.sleep(PAUSE_S * (TRIES - left))
            else:
                return write(outputs)
        raise Unavailable("not tried")

    async def _outputs(self, records: Sequence[bytes], read_as: str) -> Outputs:
        body = b"\n".join(records)
        rows = await self._rows(body, read_as)
        if rows.count != len(records):  # a carriage return alone ends a line as well
            raise Refused(400, f"got {rows.count} rows in {len(records)} lines; allowed: a row a line")
        request = Request("POST", "/batch", {}, body, "batch", deadline=0.0)
        return (await self._inference.predict(rows, request)).outputs

    async def _rows(self, body: bytes, read_as: str) -> Rows:
        if read_as == CSV:
            return self._schema.from_csv(body)
        if self._completing is not None:
            return await self._completing.from_json_lines(body, 0.0)
        return self._schema.from_json_lines(body)


def _told(error: Exception, number: int, write_as: str) -> bytes:
    """The line of a record that was refused: in JSON an object with `error`, in CSV one cell that begins with it."""
    if isinstance(error, Refused):
        text = error.message.removeprefix("body: ").replace(" in line 1", "")
        inside = text.removeprefix("instances[0]")
        text = f"instances[{number}]{inside}" if inside != text else f"instances[{number}]: {text}"
    else:
        text = f"instances[{number}]: the model failed: {type(error).__name__}: {' '.join(str(error).split()):.300}"
    if write_as == CSV:
        return b'"error: %b"\n' % text.replace('"', '""').encode()
    return msgspec.json.encode({"error": text}) + b"\n"
