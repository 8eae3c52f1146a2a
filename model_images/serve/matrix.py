"""Limits of all inputs checked at once, where they make one matrix: a few microseconds, not a few for each input."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from model_images.model_file import Input
from model_images.serve.fields import INT64_LIMIT
from model_images.serve.rows import Array


class MatrixLimits:
    """The limits of scalar inputs of one number type, as vectors: one lower and one upper limit an input."""

    def __init__(self, inputs: Sequence[Input], dtype: np.dtype[Any]) -> None:
        self._dtype = dtype
        self._inputs = len(inputs)
        whole = dtype.kind == "i"
        least: float = -INT64_LIMIT - 1 if whole else float(np.finfo(dtype).min)
        most: float = INT64_LIMIT if whole else float(np.finfo(dtype).max)
        lows: list[float] = []
        highs: list[float] = []
        for given in inputs:
            low = least if given.min is None else given.min
            high = most if given.max is None else given.max
            lows.append(max(least, math.ceil(low) if whole else low))
            highs.append(min(most, math.floor(high) if whole else high))
        nothing_fits = any(low > most for low in lows) or any(high < least for high in highs)
        self._one_by_one = nothing_fits or any(given.values for given in inputs)
        if not self._one_by_one:
            # In the matrix' own type, as a single column is compared: 0.1 in float32 is not more than a limit of 0.1.
            self._low: Array = np.array(lows, dtype)
            self._high: Array = np.array(highs, dtype)

    def hold(self, matrix: Array) -> bool:
        """Whether every value of a (rows, inputs) matrix is allowed for certain.

        If not, the columns have to be looked at one by one, for whichever value it is, and for what takes longer: other
        types, sets of values. NaN and infinities are not allowed.
        """
        if self._one_by_one or matrix.dtype != self._dtype or matrix.ndim != 2 or matrix.shape[1] != self._inputs:
            return False
        return bool(((matrix >= self._low) & (matrix <= self._high)).all())
