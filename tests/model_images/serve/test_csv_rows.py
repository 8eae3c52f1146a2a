"""CSV bodies into rows."""

from __future__ import annotations

import pytest

from model_images.serve.arrays import ROWS_LIMIT
from tests.model_images.serve.schemas import (
    IMAGE,
    MIXED_SCHEMA,
    NUMBERS,
    plain,
    refusal,
)
from tests.model_images.serve.small_models import schema_of


def test_csv_is_read_however_numbers_are_written() -> None:
    assert plain(MIXED_SCHEMA.from_csv(b'1.5,3.0,TRUE,"free"\r\n\n +2 ,0,0,pro\n')) == [
        [1.5, 3, True, "free"],
        [2.0, 0, False, "pro"],
    ]
    assert plain(NUMBERS.from_csv(b"1,2,3\n 4 ,.5,1e2\n")) == [[1, 2, 3], [4, 0.5, 100]]
    assert plain(NUMBERS.from_csv(b"1,2,3\r\n4,5,6")) == [[1, 2, 3], [4, 5, 6]]


def test_labels_before_the_values_are_dropped() -> None:
    assert plain(NUMBERS.from_csv(b"9,1,2,3\n9,4,5,6", label_size=1)) == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1,2,3\n1,nan,3", '422 instances[1].b: got nan; allowed: a number (float32)'),
        (b"1,2,3\n1,inf,3", '422 instances[1].b: got inf; allowed: a number (float32)'),
        (b"1,2,3\n1,1_0,3", '422 instances[1].b: got "1_0"; allowed: a number (float32)'),
        (b"1,2,3\n1,,3", '422 instances[1].b: got ""; allowed: a number (float32)'),
        (b"1,2,3\n1,2", "422 instances[1]: got 2 values; allowed: 3 (a, b, c)"),
        (b"1],[2,3", '422 instances[0].a: got "1]"; allowed: a number (float32)'),
        (b"a,b,c\n1,2,3", "422 instances[0]: got a header row; allowed: lines of values only"),
        (b'1,2,"3', "400 body: not readable as CSV: unexpected end of data"),
        (b"", "400 body: not readable as CSV: it is empty"),
        (b"1,2,\xff", "400 body: not readable as CSV: it is no UTF-8 at byte 4"),
    ],
)  # fmt: skip
def test_bad_csv_is_refused(body: bytes, message: str) -> None:
    assert refusal(NUMBERS.from_csv, body) == message


def test_csv_of_a_model_with_shapes_is_refused() -> None:
    assert (
        refusal(IMAGE.from_csv, b"1,2")
        == "415 CSV cannot hold image, which is no single value; allowed: application/json"
    )


def test_whole_numbers_keep_all_their_digits_however_they_are_written() -> None:
    schema = schema_of({"name": "n", "type": "int64"}, {"name": "text", "type": "string"})
    large = 2**53 + 1
    body = f"{large},a\n +{large},_\n1.2e1,c\n{-(2**63)},d\n"
    assert [row[0] for row in plain(schema.from_csv(body.encode()))] == [large, large, 12, -(2**63)]
    for wrong in ("1.5", str(2**63), "1e19", "1e999", "nan", "1_0", "٣", "", "0x1"):
        message = refusal(schema.from_csv, f"1,a\n{wrong},b".encode())
        assert message.startswith("422 instances[1].n: got ")
        assert message.endswith("; allowed: a whole number (int64)")


def test_a_row_is_named_also_far_down() -> None:
    body = "1,2,3\n" * 2500 + "+1,x,3\n"
    assert refusal(NUMBERS.from_csv, body.encode()) == '422 instances[2500].b: got "x"; allowed: a number (float32)'
    assert plain(NUMBERS.from_csv(("+1,2,3\n" * 2500).encode())) == [[1, 2, 3]] * 2500


def test_a_byte_order_mark_is_no_part_of_the_first_value() -> None:
    assert plain(MIXED_SCHEMA.from_csv(b"\xef\xbb\xbf1.5,3,true,free\n")) == [[1.5, 3, True, "free"]]


def test_more_rows_than_a_request_may_have_are_refused() -> None:
    schema = schema_of({"name": "text", "type": "string"})
    assert refusal(schema.from_csv, b"a\n" * (ROWS_LIMIT + 1)).startswith("422 instances: got ")
