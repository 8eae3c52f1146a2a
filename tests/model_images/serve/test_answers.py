"""Outputs as JSON, JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from model_images.serve.answers import as_csv, as_json, as_json_lines, as_objects

SEVERAL = {
    "label": np.array(["a,b", 'the "b"'], np.object_),
    "probability": np.array([0.1, np.nan], np.float32),
    "parts": np.array([[1.5, 2.0], [3.0, -np.inf]]),
    "50%": np.array([True, False]),
}


def test_one_output_is_answered_as_plain_values() -> None:
    outputs = {"score": np.array([0.5, 2.0])}
    assert as_json(outputs) == b"[0.5,2.0]"
    assert as_json_lines(outputs) == b"0.5\n2.0\n"
    assert as_csv(outputs) == b"0.5\n2.0\n"


def test_several_outputs_are_objects_by_name_and_in_csv_in_their_order() -> None:
    rows = [
        b'{"label":"a,b","probability":0.1,"parts":[1.5,2.0],"50%":true}',
        b'{"label":"the \\"b\\"","probability":null,"parts":[3.0,null],"50%":false}',
    ]
    assert as_json(SEVERAL) == b"[%b]" % b",".join(rows)
    assert as_json_lines(SEVERAL) == b"%b\n%b\n" % tuple(rows)
    assert as_csv(SEVERAL) == b'"a,b",0.1,1.5,2.0,true\n"the ""b""",,3.0,,false\n'


def test_a_single_output_is_an_object_by_name_where_objects_are_asked_for() -> None:
    assert as_objects({"score": np.array([1, 2])}) == b'[{"score":1},{"score":2}]'


def test_what_is_not_finite_is_null_and_in_csv_empty() -> None:
    outputs = {"score": np.array([np.nan, np.inf, 1.0], np.float32)}
    assert as_json(outputs) == b"[null,null,1.0]"
    assert as_csv(outputs) == b"\n\n1.0\n"


def test_texts_come_back_from_csv_as_they_were() -> None:
    texts = ["plain", "a,b", '"', "two\nlines", "", "é"]
    answered = as_csv({"text": np.array(texts, np.object_), "n": np.arange(len(texts))}).decode()
    assert [row[0] for row in csv.reader(io.StringIO(answered, newline=""))] == texts


def test_arrays_in_any_layout_are_answered() -> None:
    table = np.arange(6, dtype=">f4").reshape(2, 3)
    assert as_json({"table": table.T[:, ::-1]}) == b"[[3.0,0.0],[4.0,1.0],[5.0,2.0]]"
    assert as_json({"text": np.array(["a", "b"])}) == b'["a","b"]'
    assert as_json({"any": np.array([np.float32(0.5), None, 3], np.object_)}) == b"[0.5,null,3]"


def test_no_rows_are_answered_as_none() -> None:
    nothing = {"x": np.zeros((0, 2))}
    assert (as_json(nothing), as_csv(nothing), as_json_lines(nothing)) == (b"[]", b"", b"")


FLOATS = some.lists(some.floats(width=32) | some.integers(-5, 5), min_size=1, max_size=5)


@given(values=FLOATS, kind=some.sampled_from("fd"))
@settings(max_examples=80, deadline=None)
def test_every_form_has_the_same_digits_and_they_give_the_number_back(values: list[float], kind: str) -> None:
    array = np.array(values, kind)
    lines = as_json_lines({"x": array}).decode().splitlines()
    assert as_json({"x": array}).decode() == f"[{','.join(lines)}]"
    assert as_csv({"x": array}).decode().splitlines() == [line.replace("null", "") for line in lines]
    assert as_objects({"x": array}).decode() == "[{}]".format(",".join(f'{{"x":{line}}}' for line in lines))
    back = np.array([np.nan if value is None else value for value in json.loads(f"[{','.join(lines)}]")], kind)
    assert np.array_equal(back, np.where(np.isfinite(array), array, np.nan), equal_nan=True)
