"""Blocks of bytes into records: a line of JSON, or a line of CSV, whose quoted values may hold line breaks."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

# A record that is longer ends its object: memory is bounded, whatever lies there.
MOST_RECORD_BYTES = 16 << 20
_INFLATED_BYTES = 4 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class RecordError(ValueError):
    """An object that cannot be taken apart: one line."""


def inflated(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a gzip file, of one member or several, block by block. Raises RecordError if it is damaged."""
    member = zlib.decompressobj(wbits=31)
    begun = False
    for block in blocks:
        rest = block
        while rest:
            if member.eof:
                member = zlib.decompressobj(wbits=31)
            try:
                content = member.decompress(rest, _INFLATED_BYTES)
            except zlib.error as error:
                raise RecordError(f"no gzip that can be read: {error}") from error
            begun = True
            if content:
                yield content
            rest = member.unused_data if member.eof else member.unconsumed_tail
    if begun and not member.eof:
        raise RecordError("no whole gzip: it ends in the middle")


def records(blocks: Iterable[bytes], *, quoted: bool) -> Iterator[bytes]:
    """Records without their line ends, in order; those without content are left out.

    With `quoted`, a line break inside of quotes is part of the record. Raises RecordError for one that is too long.
    """
    first = True
    for record in _joined(_lines(blocks)) if quoted else _lines(blocks):
        content = record.removeprefix(_BYTE_ORDER_MARK) if first else record
        first = False
        if content.strip():
            yield content


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = bytearray()
    for block in blocks:
        *ended, last = block.split(b"\n")
        for line in ended:
            yield (bytes(rest) + line if rest else line).removesuffix(b"\r")
            rest.clear()
        rest += last
        if len(rest) > MOST_RECORD_BYTES:
            raise RecordError(f"a line of more than {MOST_RECORD_BYTES} bytes")
    if rest:
        yield bytes(rest).removesuffix(b"\r")


def _joined(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines put together as long as a quote is open."""
    parts: list[bytes] = []
    length = 0
    for line in lines:
        if not parts and b'"' not in line:
            yield line
            continue
        is_open = _leaves_open(line, is_open=bool(parts))
        parts.append(line)
        length += len(line) + 1
        if length > MOST_RECORD_BYTES:
            raise RecordError(f"a quote that is not closed within {MOST_RECORD_BYTES} bytes")
        if not is_open:
            yield b"\n".join(parts)
            parts, length = [], 0
    if parts:
        yield b"\n".join(parts)


def _leaves_open(line: bytes, *, is_open: bool) -> bool:
    """Whether a quote is open at a line's end. It opens where a value begins; doubled it is a character."""
    place = 0
    while place <= len(line):
        if is_open or line[place : place + 1] == b'"':
            place += 0 if is_open else 1
            is_open = False
            place = _closing(line, place)
            if place < 0:
                return True
        comma = line.find(b",", place)
        if comma < 0:
            return False
        place = comma + 1
    return False


def _closing(line: bytes, place: int) -> int:
    """The place after the quote that ends a quoted value, -1 if the line holds none."""
    while (quote := line.find(b'"', place)) >= 0:
        if line[quote + 1 : quote + 2] != b'"':
            return quote + 1
        place = quote + 2
    return -1
