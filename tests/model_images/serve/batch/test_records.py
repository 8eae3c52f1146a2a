"""Records of blocks that are cut anywhere."""

from __future__ import annotations

import csv
import gzip
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_images.serve.batch import records as module
from model_images.serve.batch.records import RecordError, inflated, records


def cut(content: bytes, places: list[int]) -> list[bytes]:
    ends = [0, *sorted(place % (len(content) + 1) for place in places), len(content)]
    return [content[begin:end] for begin, end in pairwise(ends)]


places = st.lists(st.integers(0, 10_000), max_size=5)


@given(st.lists(st.text("ab{}\"', \t", max_size=8)), st.sampled_from(["\n", "\r\n"]), st.booleans(), places)
def test_lines_are_the_same_wherever_blocks_end(lines: list[str], end: str, ended: bool, at: list[int]) -> None:
    content = (end.join(lines) + (end if ended else "")).encode()
    found = list(records(cut(content, at), quoted=False))
    assert found == [line.encode() for line in lines if line.strip()]


@given(st.lists(st.lists(st.text("ab\",\n'", max_size=6), min_size=1, max_size=3), max_size=6), places)
def test_records_of_csv_are_those_of_a_csv_reader(rows: list[list[str]], at: list[int]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    content = text.getvalue().encode()
    found = [next(csv.reader(io.StringIO(one.decode(), newline=""))) for one in records(cut(content, at), quoted=True)]
    assert found == rows


def test_a_quote_inside_a_value_opens_nothing() -> None:
    assert list(records([b'5" pipe,1\n6" pipe,2\n'], quoted=True)) == [b'5" pipe,1', b'6" pipe,2']


def test_a_byte_order_mark_is_no_part_of_the_first_record() -> None:
    assert list(records([b"\xef\xbb\xbf1\n", b"\xef\xbb\xbf2\n"], quoted=False)) == [b"1", b"\xef\xbb\xbf2"]


@pytest.mark.parametrize(("content", "quoted"), [(b"x" * 100, False), (b'"' + b"x\n" * 50, True)])
def test_a_record_without_an_end_is_refused(content: bytes, quoted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RECORD_BYTES", 50)
    with pytest.raises(RecordError, match="50 bytes"):
        list(records([content], quoted=quoted))


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=3), places)
def test_gzip_of_several_members_is_read_wherever_blocks_end(members: list[bytes], at: list[int]) -> None:
    packed = b"".join(gzip.compress(member) for member in members)
    assert b"".join(inflated(cut(packed, at))) == b"".join(members)


def test_a_small_file_that_unpacks_to_a_large_one_is_unpacked_bit_by_bit() -> None:
    packed = gzip.compress(bytes(50_000_000))
    blocks = [len(block) for block in inflated([packed])]
    assert (sum(blocks), max(blocks) <= 4 << 20) == (50_000_000, True)


@pytest.mark.parametrize("damage", [lambda packed: packed[:-5], lambda packed: b"no gzip at all"])
def test_gzip_that_is_damaged_is_told(damage: object) -> None:
    with pytest.raises(RecordError, match="gzip"):
        list(inflated([damage(gzip.compress(b"x" * 100))]))  # type: ignore[operator]
