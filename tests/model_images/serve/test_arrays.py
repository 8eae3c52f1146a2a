"""Arrays and tensors into rows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from model_images.serve.messages import Refused
from tests.model_images.serve.schemas import (
    IMAGE,
    NUMBERS,
    from_instances,
    outcome,
    plain,
    refusal,
)
from tests.model_images.serve.small_models import schema_of

SHAPES = "a [rows, 1], b [rows, 1], c [rows, 1], or one array [rows, 3]"


@pytest.mark.parametrize("kind", ["float16", "float32", ">f8", "int8", "uint64"])
def test_arrays_of_any_number_type_become_the_models(kind: str) -> None:
    rows = NUMBERS.from_matrix(np.array([[1, 2, 3]], kind))
    assert rows.matrix is not None
    assert rows.matrix.dtype == np.float32
    assert rows.matrix.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([[1, 2, 3], [1, np.nan, 3]]), "422 instances[1].b: got nan; allowed: a number (float32)"),
        (np.array([[1, 2, 3], [1, 2, -np.inf]]), "422 instances[1].c: got -inf; allowed: a number (float32)"),
        (np.array([[1, 1e39, 3]]), "422 instances[0].b: got 1e+39; allowed: a number (float32)"),
        (np.ones((2, 3), bool), "422 a: got values of type bool; allowed: float32"),
        (np.ones((1, 3), complex), "422 a: got values of type complex128; allowed: float32"),
        (np.ones((1, 3), "datetime64[s]"), "422 a: got values of type datetime64[s]; allowed: float32"),
        (np.ones((0, 3)), "422 instances: got 0 rows; allowed: 1 to 100000"),
        (np.ones(3), f"422 instances: got an array of shape [3]; allowed: {SHAPES}"),
        (np.ones((2, 2)), f"422 instances: got an array of shape [2, 2]; allowed: {SHAPES}"),
    ],
)  # fmt: skip
def test_bad_arrays_are_refused(array: np.ndarray[Any, Any], message: str) -> None:
    assert refusal(NUMBERS.from_matrix, array) == message


def test_no_fraction_is_cut_off_to_make_a_whole_number() -> None:
    schema = schema_of({"name": "n", "type": "int64"}, {"name": "m", "type": "int64", "max": 5})
    assert plain(schema.from_matrix(np.array([[3.0, 5.0]]))) == [[3, 5]]
    assert refusal(schema.from_matrix, np.array([[3.5, 5.0]])).startswith("422 instances[0].n: got 3.5; ")
    assert refusal(schema.from_matrix, np.array([[2.0**63, 5.0]])).startswith("422 instances[0].n: got 9.2")
    assert refusal(schema.from_matrix, np.array([[2**63, 5]], np.uint64)).startswith("422 instances[0].n: got 9223")
    assert refusal(schema.from_matrix, np.array([[3, 6]])) == "422 instances[0].m: got 6; allowed: 5 or less"


def test_tensors_come_by_name_or_stacked() -> None:
    columns = {"a": np.ones((2, 1)), "b": np.ones(2, np.int32), "c": np.zeros((2, 1), ">f4")}
    assert plain(NUMBERS.from_tensors(columns)) == [[1, 1, 0]] * 2
    assert plain(NUMBERS.from_tensors({"X": np.array([[1, 2, 3]])})) == [[1, 2, 3]]
    texts = np.array([["a", "é".encode()]], np.object_)
    rows = IMAGE.from_tensors({"image": np.ones((1, 2, 3)), "words": texts})
    assert rows.columns["words"].tolist() == [["a", "é"]]


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"a": np.ones((2, 1))}, "422 inputs: b, c missing; allowed: "),
        ({"a": np.ones((2, 1)), "x": np.ones((2, 1))}, "422 inputs: got 'x'; allowed: "),
        ({"a": np.ones((2, 1)), "b": np.ones(2), "c": np.ones(3)}, "422 inputs: got a 2, b 2, c 3 rows; allowed: "),
        ({"a": np.ones((2, 1)), "b": np.ones(2), "c": np.ones((2, 2))}, "422 c: got shape [2, 2]; allowed: [rows, 1]"),
        ({"a": np.ones((2, 1)), "b": np.ones(2), "c": np.array(1.0)}, "422 c: got shape []; allowed: [rows, 1]"),
    ],
)  # fmt: skip
def test_tensors_that_do_not_fit_are_refused(tensors: dict[str, Any], message: str) -> None:
    assert refusal(NUMBERS.from_tensors, tensors).startswith(message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (np.array([["a", b"\xff"]], np.object_), "422 instances[0].words: got bytes that are no UTF-8; allowed: text"),
        (np.array([["a", 5]], np.object_), "422 words: got values of type object; allowed: string"),
        (np.array([[1, 2]]), "422 words: got values of type int64; allowed: string"),
    ],
)
def test_texts_that_are_none_are_refused(words: np.ndarray[Any, Any], message: str) -> None:
    assert refusal(IMAGE.from_tensors, {"image": np.ones((1, 2, 3)), "words": words}) == message


@given(
    rows=some.lists(
        some.lists(some.floats(width=32) | some.integers(-(2**64), 2**64), min_size=3, max_size=3),
        min_size=1,
        max_size=4,
    ),
    kind=some.sampled_from(["float32", "float64", "object", "U5"]),
)
@settings(max_examples=60, deadline=None)
def test_an_array_is_accepted_as_its_json_is(rows: list[list[float]], kind: str) -> None:
    with np.errstate(over="ignore"):
        array = np.array(rows, kind)
    read = outcome(NUMBERS.from_matrix, array)
    if isinstance(read, Refused):
        assert read.status == 422
    else:
        assert plain(read) == plain(from_instances(NUMBERS, json.dumps(array.tolist())[1:-1]))
