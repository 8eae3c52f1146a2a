"""The quick check of a whole matrix allows nothing that the check of single columns refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_images.model_file import Input
from model_images.serve.arrays import NUMBERS, checked_column
from model_images.serve.matrix import MatrixLimits
from model_images.serve.messages import Refused

LIMITS = st.one_of(st.none(), st.integers(-3, 3).map(float), st.sampled_from([0.1, -0.1, 0.5, 1e300, -1e300, 1e39]))


def column_holds(one: Input, matrix: np.ndarray) -> bool:
    try:
        checked_column(one, matrix[:, 0])
    except Refused:
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(["float32", "float64", "int64"]), low=LIMITS, high=LIMITS, data=st.data())
def test_what_it_allows_the_single_column_allows(
    kind: str, low: float | None, high: float | None, data: st.DataObject
) -> None:
    one = Input(name="a", type=kind, min=low, max=high)  # type: ignore[arg-type]
    odd = [0.1, -0.1, 0.5, float("nan"), float("inf"), -float("inf"), 3e38]
    values = st.one_of(st.integers(-4, 4), st.sampled_from([2**63 - 1, -(2**63)] if kind == "int64" else odd))
    matrix = np.array(data.draw(st.lists(st.tuples(values), min_size=1, max_size=4)), NUMBERS[kind])
    assert MatrixLimits([one], NUMBERS[kind]).hold(matrix) == column_holds(one, matrix)


@pytest.mark.parametrize("matrix", [np.ones((2, 2)), np.ones((2, 3), np.float32), np.ones(2, np.float32)])
def test_another_type_or_shape_is_left_to_the_columns(matrix: np.ndarray) -> None:
    inputs = [Input(name="a", type="float32"), Input(name="b", type="float32")]
    assert not MatrixLimits(inputs, NUMBERS["float32"]).hold(matrix)


def test_sets_of_values_are_left_to_the_columns() -> None:
    inputs = [Input(name="a", type="float32", values=(1.0,))]
    assert not MatrixLimits(inputs, NUMBERS["float32"]).hold(np.ones((1, 1), np.float32))


@pytest.mark.parametrize(("low", "high"), [(0.5, 9.5), (-9.5, -0.5)])
def test_limits_between_two_whole_numbers_allow_only_what_lies_inside(low: float, high: float) -> None:
    limits = MatrixLimits([Input(name="a", type="int64", min=low, max=high)], NUMBERS["int64"])
    held = [number for number in range(-12, 13) if limits.hold(np.array([[number]]))]
    assert held == [number for number in range(-12, 13) if low <= number <= high]
