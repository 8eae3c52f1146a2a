"""Content-Type and Accept headers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_images.contracts.content_types import CSV, JSON, JSON_LINES, chosen, content_type

OFFERS = (JSON, CSV, JSON_LINES)


def test_case_and_blanks_do_not_matter() -> None:
    assert content_type(b" Text/CSV ; Label_Size=1 ;charset=UTF-8") == (
        "text/csv",
        {"label_size": "1", "charset": "UTF-8"},
    )


def test_a_quoted_parameter_may_hold_signs() -> None:
    assert content_type(b'text/csv; note="a;b\\"c"').parameters == {"note": 'a;b"c'}


@pytest.mark.parametrize(
    "header", [b"", b"json", b"text/", b"/csv", b"text/csv;=", b'text/csv; a="b', b"a/b c", b"\xff/b"]
)
def test_what_is_no_media_type_has_no_name(header: bytes) -> None:
    assert content_type(header).name == ""


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (b"", JSON),
        (b"*/*", JSON),
        (b"text/csv", CSV),
        (b"TEXT/CSV; charset=utf-8", CSV),
        (b"text/*", CSV),
        (b"application/*", JSON),
        (b"application/json;q=0.5, text/csv;q=0.9", CSV),
        (b"application/jsonlines, */*", JSON_LINES),
        (b"*/*, text/csv", CSV),
        (b"text/csv, application/json", CSV),
        (b"application/json;q=0, */*", CSV),
        (b"application/xml, text/csv;q=0.1", CSV),
        (b"application/*;q=0.2, application/json;q=0.1", JSON_LINES),
        (b"application/json;q=1.000", JSON),
    ],
)
def test_the_best_offer_is_chosen(accept: bytes, form: str) -> None:
    assert chosen(accept, OFFERS) == form


@pytest.mark.parametrize(
    "accept",
    [b"application/xml", b"image/*", b"*/*;q=0", b"text/csv;q=2", b"text/csv;q=nan", b"json", b",,,", b"*/csv"],
)
def test_no_offer_will_do(accept: bytes) -> None:
    assert chosen(accept, OFFERS) is None


def test_a_header_that_is_too_long_to_be_kept_is_read_all_the_same() -> None:
    assert chosen(b"text/csv;a=" + b"b" * 5000, OFFERS) == CSV
    assert content_type(b"text/csv;a=" + b"b" * 5000).name == CSV


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | st.text('a/*;=", q.01\\', max_size=60).map(str.encode))
def test_no_header_breaks_the_readers(header: bytes) -> None:
    assert chosen(header, OFFERS) in {*OFFERS, None}
    content_type(header)


def test_a_long_header_of_one_sign_is_read_in_no_time() -> None:
    for sign in (b'"', b";", b",", b" ", b"\\", b'="', b"; "):
        content_type(b"text/csv" + sign * 60_000)
        chosen(b"text/csv" + sign * 60_000, OFFERS)
