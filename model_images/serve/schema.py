"""Bodies into rows that a model may see: every value checked against the model's inputs before anything runs.

All readers raise `Refused`: 400 for a body that cannot be read, 422 for a row that is not allowed, naming the row (from
0), the field, what it got and what is allowed. Of a name that an object holds twice, the last value counts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar, Union

import msgspec
import numpy as np
import orjson

from model_images.model_file import Input, ModelFile
from model_images.serve.arrays import NUMBERS, check_set, checked_column, counted, plain_column, tensor_column
from model_images.serve.csv_rows import csv_columns
from model_images.serve.fields import field_type, needs_set_check
from model_images.serve.matrix import MatrixLimits
from model_images.serve.messages import Refused
from model_images.serve.row_refusals import row_refusal, unwrapped
from model_images.serve.rows import Array, Rows

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
FORM = '{"instances": [...], "parameters": {...}}'
T = TypeVar("T")


class _RawBody(msgspec.Struct):
    instances: list[msgspec.Raw]
    parameters: dict[str, Any] | None = None


class Schema:
    """The readers of one model's rows."""

    def __init__(self, model: ModelFile) -> None:
        self.inputs = model.inputs
        self.names = tuple(given.name for given in model.inputs)
        row = _row_type(self.inputs)
        fields = [("instances", list[row]), ("parameters", dict[str, Any] | None, None)]
        self._body: msgspec.json.Decoder[Any] = msgspec.json.Decoder(msgspec.defstruct("Body", fields))
        self._line: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        self._list: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[row])
        kinds = {given.type for given in self.inputs if not given.shape}
        alike = len(kinds) == 1 and not any(given.shape for given in self.inputs)
        self._matrix_type = NUMBERS.get(kinds.pop()) if alike else None
        self._limits = None if self._matrix_type is None else MatrixLimits(self.inputs, self._matrix_type)
        self._sets = any(needs_set_check(given) for given in self.inputs)

    def from_json(self, body: bytes) -> tuple[Rows, dict[str, Any]]:
        """The rows and parameters of `{"instances": [...], "parameters": {...}}`; other keys are dropped."""
        try:
            read = self._body.decode(body)
        except msgspec.ValidationError as error:
            instances, parameters = raw_json(body)
            rows = unwrapped(instances, self.names)
            if rows is None:
                raise row_refusal(self.inputs, instances, error) from None
            return self.from_raw(rows), parameters
        except UNREADABLE as error:
            raise _unreadable("JSON", body, error) from None
        return self._rows(read.instances), read.parameters or {}

    def from_json_lines(self, body: bytes) -> Rows:
        """One instance a line; empty lines are passed over."""
        lines = _filled(body)
        decode = self._line.decode
        try:
            return self._rows([decode(line) for line in lines])
        except (msgspec.ValidationError, *UNREADABLE):
            raw = raw_json_lines(body)
            return self.from_raw(unwrapped(raw, self.names) or raw)

    def from_csv(self, body: bytes, label_size: int = 0) -> Rows:
        """Lines of values in the inputs' order, no header row; the first `label_size` values of each are dropped."""
        if self._matrix_type is not None and not label_size:
            table = body.strip().replace(b"\r\n", b"\n")
            counted(table.count(b"\n") + 1)
            # Without these signs a line of numbers is the inside of a JSON list, and cannot become more than one.
            if table and not any(sign in table for sign in (b"[", b"]", b'"', b"{", b"}")):
                # What is not read like this is read the long way, which says what is wrong.
                with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
                    return self._rows(self._list.decode(b"[[%b]]" % table.replace(b"\n", b"],[")))
        return self._from_columns(csv_columns(body, self.inputs, label_size))

    def from_raw(self, raw: Sequence[bytes | msgspec.Raw]) -> Rows:
        """Instances that are JSON each."""
        try:
            return self._rows(self._list.decode(b"[%b]" % b",".join(raw)))
        except msgspec.ValidationError as error:
            raise row_refusal(self.inputs, raw, error) from None
        except UNREADABLE as error:
            raise _unreadable("values", b"", error) from None

    def from_matrix(self, array: Array) -> Rows:
        """An array of shape (rows, inputs), or (rows, *shape) for a model of one input."""
        first = self.inputs[0]
        if len(self.inputs) == 1 and (first.shape or array.ndim == 1):
            return self._from_columns([tensor_column(first, array)])
        if array.ndim != 2 or array.shape[1] != len(self.inputs) or any(given.shape for given in self.inputs):
            raise Refused(422, f"instances: got an array of shape {list(array.shape)}; allowed: {self._shapes()}")
        return self._of_matrix(array) or self._from_columns([array[:, place] for place in range(len(self.inputs))])

    def from_tensors(self, tensors: Mapping[str, Array]) -> Rows:
        """Arrays by input name: (rows, 1) or (rows,) for a scalar, (rows, *shape) for others.

        One array of shape (rows, inputs) whose name is not an input's may stand for scalar inputs of one type.
        """
        if (
            len(tensors) == 1
            and not set(tensors) <= set(self.names)
            and len({given.type for given in self.inputs}) == 1
        ):
            return self.from_matrix(next(iter(tensors.values())))
        for name in tensors:
            if name not in self.names:
                raise Refused(422, f"inputs: got {name!r:.80}; allowed: {self._shapes()}")
        missing = [name for name in self.names if name not in tensors]
        if missing:
            raise Refused(422, f"inputs: {', '.join(missing):.300} missing; allowed: {self._shapes()}")
        return self._from_columns([tensor_column(given, tensors[given.name]) for given in self.inputs])

    def _from_columns(self, columns: Sequence[Array]) -> Rows:
        sizes = [f"{name} {len(column)}" for name, column in zip(self.names, columns, strict=True)]
        if len({len(column) for column in columns}) != 1:
            raise Refused(422, f"inputs: got {', '.join(sizes):.300} rows; allowed: the same number of rows for each")
        count = counted(len(columns[0]))
        if all(column.dtype == self._matrix_type for column in columns):
            rows = self._of_matrix(np.stack(columns, axis=1))
            if rows is not None:
                return rows
        checked = [checked_column(given, column) for given, column in zip(self.inputs, columns, strict=True)]
        if self._matrix_type is not None:
            stacked: Array = np.stack(checked, axis=1)
            return Rows(count, None, stacked, self.names)
        return Rows(count, dict(zip(self.names, checked, strict=True)))

    def _of_matrix(self, matrix: Array) -> Rows | None:
        """The rows of a matrix that is allowed as it stands; None if its columns have to be looked at one by one."""
        if self._limits is None or not self._limits.hold(matrix):
            return None
        # A view of the body may be neither aligned nor writable; frameworks want both.
        own = np.require(matrix, requirements=["C", "A", "W"])
        return Rows(counted(len(matrix)), None, own, self.names)

    def _rows(self, read: list[Any]) -> Rows:
        """`read` holds a tuple or an object a row, checked but for sets of floats and bools."""
        count = counted(len(read))
        values: list[Any] = [row if type(row) is tuple else msgspec.structs.astuple(row) for row in read]
        if self._matrix_type is not None:
            numbers = np.fromiter(chain.from_iterable(values), self._matrix_type, count * len(self.names))
            rows = Rows(count, None, numbers.reshape(count, -1), self.names)
        else:
            columns = zip(self.inputs, zip(*values, strict=True), strict=True)
            rows = Rows(count, {given.name: plain_column(given, column) for given, column in columns})
        if self._sets:
            for given in self.inputs:
                check_set(given, rows.columns[given.name])
        return rows

    def _shapes(self) -> str:
        """What the model's inputs are, for a person."""
        shapes = [f"{given.name} [rows, {', '.join(map(str, given.shape or (1,)))}]" for given in self.inputs]
        stacked = f", or one array [rows, {len(shapes)}]" if not any(given.shape for given in self.inputs) else ""
        return f"{', '.join(shapes):.600}{stacked}"


_RAW_BODY = msgspec.json.Decoder(_RawBody)
_RAW = msgspec.json.Decoder(msgspec.Raw)


def raw_json(body: bytes) -> tuple[list[msgspec.Raw], dict[str, Any]]:
    """Instances and parameters of a body, the instances as they were sent."""
    raw = _readable(_RAW_BODY.decode, body, "JSON")
    return raw.instances, raw.parameters or {}


def raw_json_lines(body: bytes) -> list[msgspec.Raw]:
    """The instances of JSON lines: each is JSON by itself, so that they may be joined."""
    return [_readable(_RAW.decode, line, f"JSON in line {place + 1}") for place, line in enumerate(_filled(body))]


def _filled(body: bytes) -> list[bytes]:
    lines = [line for line in body.splitlines() if line.strip()]
    if not lines:
        raise Refused(400, "body: not readable as JSON lines: it is empty")
    counted(len(lines))
    return lines


def _row_type(inputs: Sequence[Input]) -> Any:
    """A list in the inputs' order, or an object by name."""
    types = [field_type(given) for given in inputs]
    # Names of inputs are no Python names: they may hold a hyphen or be a keyword.
    fields = [(f"input_{place}", wanted) for place, wanted in enumerate(types)]
    names = {f"input_{place}": given.name for place, given in enumerate(inputs)}
    by_name = msgspec.defstruct("Row", fields, forbid_unknown_fields=True, rename=names)
    return Union[tuple.__class_getitem__(tuple(types)), by_name]  # noqa: UP007


def _readable(read: Callable[[bytes], T], body: bytes, what: str) -> T:
    """What is read of a body whose rows are not looked at."""
    try:
        body.decode()  # what stays raw is looked at later, where no text is expected to be broken
        return read(body)
    except msgspec.ValidationError as error:
        told, _, place = str(error).partition(" - at ")
        got = told.rpartition("got ")[2].strip("`") if "got " in told else "no instances"
        got = "a number out of range" if "out of range" in told else got
        raise Refused(400, f"{place.strip('`$.') or 'body'}: got {got}; allowed: {FORM}") from None
    except UNREADABLE as error:
        raise _unreadable(what, body, error) from None


def _unreadable(what: str, body: bytes, error: Exception) -> Refused:
    if isinstance(error, RecursionError):
        return Refused(400, f"body: nested too deeply; allowed: {FORM}")
    told = str(error)
    if body.strip():
        with contextlib.suppress(RecursionError):
            try:
                orjson.loads(body)
            except orjson.JSONDecodeError as better:  # it tells a lone surrogate and a line's number
                told = str(better)
    else:
        told = "it is empty"
    return Refused(400, f"body: not readable as {what}: {told:.200}")
