"""Rows that passed the model's schema, in the form that models take, and what models answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Outputs = Mapping[str, Array]
"""Arrays by output name, each of shape (rows, *shape of one row); strings as arrays of dtype object."""


MODEL_ERRORS = (
    ArithmeticError,
    AttributeError,
    AssertionError,
    BufferError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What a model's own code may raise: everything but what ends the process."""


class own_errors:  # noqa: N801  reads as a block
    """Turns errors of a model's own kind, which nobody else could name, into RuntimeError."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if kind is not None and issubclass(kind, Exception) and not issubclass(kind, MODEL_ERRORS):
            raise RuntimeError(f"{kind.__name__}: {error}") from error


class Rows:
    """`count` validated rows.

    `columns` holds an array of shape (count, *input shape) for each input, in the inputs' order, with the input's own
    type (strings: dtype object). `matrix`, of shape (count, inputs), is there if all inputs are scalars of one number
    type (never for strings); the columns are then views of it, made when they are first asked for.
    """

    __slots__ = ("_columns", "_names", "count", "matrix")

    def __init__(
        self, count: int, columns: dict[str, Array] | None, matrix: Array | None = None, names: Sequence[str] = ()
    ) -> None:
        """Columns may be left out if `matrix` and the inputs' `names` are given."""
        self.count = count
        self.matrix = matrix
        self._columns = columns
        self._names = names

    @property
    def columns(self) -> dict[str, Array]:
        if self._columns is None:
            matrix = self.matrix if self.matrix is not None else np.empty((self.count, 0))
            self._columns = {name: matrix[:, place] for place, name in enumerate(self._names)}
        return self._columns

    @property
    def names(self) -> Sequence[str]:
        """The inputs' names, in their order."""
        return self._names or tuple(self.columns)

    def slice(self, begin: int, end: int) -> Rows:
        """Rows `begin` to `end`, as views."""
        if self.matrix is not None:
            return Rows(end - begin, None, self.matrix[begin:end], self.names)
        return Rows(end - begin, {name: column[begin:end] for name, column in self.columns.items()})

    def take(self, places: NDArray[np.intp]) -> Rows:
        """The rows at these places, in that order."""
        if self.matrix is not None:
            return Rows(len(places), None, self.matrix[places], self.names)
        return Rows(len(places), {name: column[places] for name, column in self.columns.items()})

    def objects(self) -> list[dict[str, Any]]:
        """A dictionary a row, of plain Python values (lists where an input has a shape)."""
        names, columns = list(self.columns), [column.tolist() for column in self.columns.values()]
        return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def join(parts: Sequence[Rows]) -> Rows:
    """The rows of all parts, one after another."""
    if len(parts) == 1:
        return parts[0]
    count = sum(part.count for part in parts)
    if all(part.matrix is not None for part in parts):
        matrix = np.concatenate([part.matrix for part in parts if part.matrix is not None])
        return Rows(count, None, matrix, parts[0].names)
    return Rows(count, {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns})


class RowRefused(ValueError):
    """The model itself refuses a row: its number from 0 within the rows that it got, and why."""

    def __init__(self, row: int, message: str) -> None:
        super().__init__(message)
        self.row = row


class Runtime(Protocol):
    """A loaded model."""

    def predict(self, rows: Rows) -> Outputs:
        """The model's outputs for `rows`, every declared output by its name. Raises RowRefused."""
        ...

    def custom_attributes(self, rows: Rows, outputs: Outputs) -> str | None:  # noqa: ARG002  for those that tell some
        """What the model wants to be told beside its outputs (SageMaker's custom attributes), mostly nothing."""
        return None
