"""Rows are sliced, picked and joined alike, as one matrix or as columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from model_images.serve.rows import Rows, join


def matrix(*rows: tuple[float, float]) -> Rows:
    return Rows(len(rows), None, np.array(rows), ("a", "b"))


def columns(*rows: tuple[float, float]) -> Rows:
    return Rows(len(rows), {"a": np.array([row[0] for row in rows]), "b": np.array([row[1] for row in rows])})


@pytest.mark.parametrize("made", [matrix, columns])
def test_rows_are_taken_from_where_they_stand_as_often_as_asked(made: Callable[..., Rows]) -> None:
    rows = made((1.0, 2.0), (3.0, 4.0))
    taken = rows.take(np.array([1, 0, 1]))
    assert taken.count == 3
    assert taken.objects() == [{"a": 3, "b": 4}, {"a": 1, "b": 2}, {"a": 3, "b": 4}]


@pytest.mark.parametrize("made", [matrix, columns])
def test_a_slice_holds_the_rows_from_its_begin_to_before_its_end(made: Callable[..., Rows]) -> None:
    part = made((1.0, 2.0), (3.0, 4.0), (5.0, 6.0)).slice(1, 3)
    assert (part.count, part.objects()) == (2, [{"a": 3, "b": 4}, {"a": 5, "b": 6}])


@pytest.mark.parametrize("parts", [(matrix, matrix), (columns, columns), (matrix, columns), (columns, matrix)])
def test_parts_are_joined_in_their_order(parts: tuple[Callable[..., Rows], Callable[..., Rows]]) -> None:
    joined = join([parts[0]((1.0, 2.0)), parts[1]((3.0, 4.0), (5.0, 6.0))])
    assert joined.count == 3
    assert joined.objects() == [{"a": 1, "b": 2}, {"a": 3, "b": 4}, {"a": 5, "b": 6}]
