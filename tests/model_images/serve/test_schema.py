"""Bodies into rows: what is accepted, and how a refusal reads."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from model_images.serve.messages import Refused
from model_images.serve.schema import Schema
from tests.model_images.serve.schemas import (
    IMAGE,
    LEVELS,
    MIXED_SCHEMA,
    NUMBERS,
    from_instances,
    outcome,
    plain,
    refusal,
)
from tests.model_images.serve.small_models import MIXED, schema_of

GOOD = '[1.5, 3, true, "free"]'
FORM = '{"instances": [...], "parameters": {...}}'


def refused(text: str, schema: Schema = MIXED_SCHEMA) -> str:
    return refusal(lambda instances: from_instances(schema, instances), text)


def test_rows_come_in_order_or_as_objects_by_name_in_one_request() -> None:
    by_name = '{"plan": "pro", "hour": 0, "foreign-card": false, "amount": 2}'
    rows = from_instances(MIXED_SCHEMA, f"{GOOD}, {by_name}")
    assert plain(rows) == [[1.5, 3, True, "free"], [2.0, 0, False, "pro"]]
    assert [column.dtype.name for column in rows.columns.values()] == ["float64", "int64", "bool", "object"]
    assert rows.matrix is None


def test_numbers_of_one_type_come_as_a_matrix_whose_views_are_the_columns() -> None:
    rows = from_instances(NUMBERS, "[1, 2, 3], [4, 5, 6]")
    assert rows.matrix is not None
    assert rows.matrix.dtype == np.float32
    assert all(np.shares_memory(column, rows.matrix) for column in rows.columns.values())
    assert rows.columns["b"].tolist() == [2, 5]


@pytest.mark.parametrize("form", ['{"features": %s}', '{"key": 7, "data": {"features": {"values": %s}}}'])
def test_rows_wrapped_as_sagemaker_writes_them_are_read(form: str) -> None:
    assert plain(from_instances(MIXED_SCHEMA, form % GOOD)) == [[1.5, 3, True, "free"]]
    assert plain(MIXED_SCHEMA.from_json_lines((form % GOOD).encode() * 1)) == [[1.5, 3, True, "free"]]
    bad = f"{form % GOOD}, {form % GOOD.replace('3', '24')}"
    assert refused(bad) == "422 instances[1].hour: got 24; allowed: 0 to 23"


def test_an_input_named_features_is_no_wrapping() -> None:
    schema = schema_of({"name": "features", "type": "float64"})
    assert plain(from_instances(schema, '{"features": 2}')) == [[2.0]]
    assert refused('{"features": [2]}', schema) == "422 instances[0].features: got [2]; allowed: a number (float64)"


def test_parameters_are_told_and_other_keys_dropped() -> None:
    body = b'{"x": [[[1]]], "instances": [%b], "parameters": {"top": 3}}' % GOOD.encode()
    assert MIXED_SCHEMA.from_json(body)[1] == {"top": 3}
    assert MIXED_SCHEMA.from_json(b'{"parameters": null, "instances": [%b]}' % GOOD.encode())[1] == {}


def test_of_a_name_given_twice_the_last_value_counts() -> None:
    twice = '{"amount": 1, "amount": 2, "hour": 0, "foreign-card": false, "plan": "pro"}'
    assert plain(from_instances(MIXED_SCHEMA, twice))[0][0] == 2.0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('[1, 24, true, "free"]', "instances[1].hour: got 24; allowed: 0 to 23"),
        ('[1, 2.5, true, "free"]', "instances[1].hour: got 2.5; allowed: a whole number (int64), 0 to 23"),
        ('[1, true, true, "free"]', "instances[1].hour: got true; allowed: a whole number (int64), 0 to 23"),
        ('[-1, 2, true, "free"]', "instances[1].amount: got -1; allowed: 0 or more"),
        ('["1.5", 2, true, "free"]', 'instances[1].amount: got "1.5"; allowed: a number (float64), 0 or more'),
        ('[null, 2, true, "free"]', "instances[1].amount: got null; allowed: a number (float64), 0 or more"),
        ('[1e400, 2, true, "free"]', "instances[1].amount: got 1e400; allowed: a number (float64), 0 or more"),
        ('[1, 2, 1, "free"]', "instances[1].foreign-card: got 1; allowed: true or false"),
        ('[1, 2, true, "gold"]', 'instances[1].plan: got "gold"; allowed: "free", "pro"'),
        ('[1, 2, true]', "instances[1]: got 3 values; allowed: 4 (amount, hour, foreign-card, plan)"),
        ('[1, 2, true, "free", 5]', "instances[1]: got 5 values; allowed: 4 (amount, hour, foreign-card, plan)"),
        ("7", "instances[1]: got 7; allowed: a list of 4 values, or an object (amount, hour, foreign-card, plan)"),
        ('{"amount": 1}', "instances[1].hour: missing; allowed: amount, hour, foreign-card, plan, each once"),
        ('{"amount": 1, "x": 2}', "instances[1].x: not an input; allowed: amount, hour, foreign-card, plan"),
        (
            '{"plan": "pro", "hour": 24, "foreign-card": false, "amount": 2}',
            "instances[1].hour: got 24; allowed: 0 to 23",
        ),
    ],
)  # fmt: skip
def test_a_bad_row_is_refused_by_row_and_field(row: str, message: str) -> None:
    assert refused(f"{GOOD}, {row}") == f"422 {message}"


def test_a_refusal_is_one_line_whatever_was_sent() -> None:
    assert refused("[[1,\n\t2], 1, 1, 1]").splitlines() == [
        "422 instances[0].amount: got [1, 2]; allowed: a number (float64), 0 or more"
    ]


def test_a_huge_number_is_refused_and_not_told_in_full() -> None:
    message = refused(f'[1, {"9" * 5000}, true, "free"]')
    assert message.startswith("422 instances[0].hour: got 9999")
    assert message.endswith("9...; allowed: a whole number (int64), 0 to 23")
    assert len(message) < 200


def test_a_float32_that_overflows_and_an_int64_out_of_bounds_are_refused() -> None:
    assert refused("[1, 2, 3.5e38]", NUMBERS) == "422 instances[0].c: got 3.5e38; allowed: a number (float32)"
    whole = schema_of({"name": "n", "type": "int64"})
    assert plain(from_instances(whole, f"[{2**63 - 1}], [{-(2**63)}]")) == [[2**63 - 1], [-(2**63)]]
    assert refused(f"[{2**63}]", whole) == f"422 instances[0].n: got {2**63}; allowed: a whole number (int64)"


def test_limits_between_whole_numbers_hold_for_whole_numbers() -> None:
    schema = schema_of({"name": "n", "type": "int64", "min": 0.5, "max": 2.5})
    assert plain(from_instances(schema, "[1], [2]")) == [[1], [2]]
    assert refused("[0]", schema) == "422 instances[0].n: got 0; allowed: 0.5 to 2.5"


def test_sets_of_floats_and_inputs_with_a_shape_name_the_place() -> None:
    assert plain(from_instances(LEVELS, "[1, true], [0.5, false]")) == [[1.0, True], [0.5, False]]
    assert refused("[1, true], [0.7, true]", LEVELS) == "422 instances[1].level: got 0.7; allowed: 0.5, 1"
    assert plain(from_instances(IMAGE, '[[[1, 2, 3], [4, 5, 6]], ["a", "b"]]')) == [
        [[[1, 2, 3], [4, 5, 6]], ["a", "b"]]
    ]
    wrong = refused('[[[1, 2, 3], [4, 5, "x"]], ["a", "b"]]', IMAGE)
    assert wrong == '422 instances[0].image[1][2]: got "x"; allowed: 2 x 3 values, each a number (float32)'
    ragged = refused('[[[1, 2, 3], [4, 5]], ["a", "b"]]', IMAGE)
    assert ragged == "422 instances[0].image[1]: got [4, 5]; allowed: 2 x 3 values, each a number (float32)"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "400 body: not readable as JSON: it is empty"),
        (b"[[1]]", f"400 body: got array; allowed: {FORM}"),
        (b"{}", f"400 body: got no instances; allowed: {FORM}"),
        (b'{"instances": 5}', f"400 instances: got int; allowed: {FORM}"),
        (b'{"instances": []}', "422 instances: got 0 rows; allowed: 1 to 100000"),
        (b'{"instances": [], "parameters": 5}', f"400 parameters: got int; allowed: {FORM}"),
        (b'{"instances": ' + b"[" * 100_000, f"400 body: nested too deeply; allowed: {FORM}"),
        (b'{"instances": [], "x": ' + b'{"a":' * 100_000, f"400 body: nested too deeply; allowed: {FORM}"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_request_is_refused(body: bytes, message: str) -> None:
    assert refusal(MIXED_SCHEMA.from_json, body) == message


@pytest.mark.parametrize(
    "text",
    ["[NaN, 2, true, 1]", "[Infinity, 2, true, 1]", r'[1, 2, true, "\ud800"]', '[1, 2, true, "\ud800"]', "[1,,2]"],
)
def test_what_is_no_json_is_refused_with_the_place(text: str) -> None:
    message = refused(text)
    assert message.startswith("400 body: not readable as JSON: ")
    assert "line 1 column" in message


def test_too_many_rows_are_refused() -> None:
    schema = schema_of({"name": "x", "type": "bool"})
    body = b'{"instances": [%b]}' % b",".join([b"[true]"] * 100_001)
    assert refusal(schema.from_json, body) == "422 instances: got 100001 rows; allowed: 1 to 100000"


def test_json_lines_hold_an_instance_a_line() -> None:
    assert plain(MIXED_SCHEMA.from_json_lines(f"{GOOD}\r\n\n{GOOD}\n".encode())) == [[1.5, 3, True, "free"]] * 2
    assert refusal(MIXED_SCHEMA.from_json_lines, f"{GOOD}\n[1]".encode()).startswith("422 instances[1]: got 1 values")


@pytest.mark.parametrize("body", [b"[1, 2\n3]", b"[1, 2, 3] [1, 2, 3]", b"[1,2,3],[1,2,3\n4]", b"\n", b"NaN"])
def test_lines_that_are_no_json_by_themselves_are_refused(body: bytes) -> None:
    assert refusal(NUMBERS.from_json_lines, body).startswith("400 body: not readable as JSON ")


WHOLE = some.integers(-(2**64), 2**64)
ANYTHING = some.recursive(
    some.none() | some.booleans() | some.floats() | WHOLE | some.text(some.characters()),
    lambda inner: some.lists(inner, max_size=5) | some.dictionaries(some.sampled_from(["amount", "hour", "x"]), inner),
    max_leaves=20,
)
ROW = some.tuples(
    some.floats(0, allow_infinity=False),
    some.integers(0, 23),
    some.booleans(),
    some.sampled_from(["free", "pro"]),
)


@given(rows=some.lists(ROW, min_size=1, max_size=8), named=some.booleans())
@settings(max_examples=60, deadline=None)
def test_every_allowed_row_comes_out_as_it_went_in(rows: list[tuple[Any, ...]], named: bool) -> None:
    names = [entry["name"] for entry in MIXED]
    sent = [dict(zip(names, row, strict=True)) for row in rows] if named else rows
    read, _ = MIXED_SCHEMA.from_json(json.dumps({"instances": sent}).encode())
    assert plain(read) == [list(row) for row in rows]
    lines = "\n".join(json.dumps(row) for row in sent)
    assert plain(MIXED_SCHEMA.from_json_lines(lines.encode())) == [list(row) for row in rows]
    table = "\n".join(",".join(json.dumps(value).strip('"') for value in row) for row in rows)
    assert plain(MIXED_SCHEMA.from_csv(table.encode())) == [list(row) for row in rows]


@given(body=some.binary(max_size=40) | some.builds(lambda x: json.dumps({"instances": x}).encode(), ANYTHING))
@settings(max_examples=150, deadline=None)
def test_whatever_is_not_accepted_is_refused(body: bytes) -> None:
    for schema in (MIXED_SCHEMA, NUMBERS, IMAGE, LEVELS):
        for read in (schema.from_json, schema.from_json_lines, schema.from_csv):
            found = outcome(read, body)
            if isinstance(found, Refused):
                assert found.status in {400, 415, 422}
                assert len(found.message.splitlines()) == 1
                assert len(found.message) < 2000
