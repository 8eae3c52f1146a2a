"""Example rows in the form of each contract, and answers read back into arrays: written anew here, from the contracts'
own documents, so that a mistake of the server's writers and readers is not made twice.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from model_images.gates.subject import Row
from model_images.model_file import ElementType, Input, ModelFile, Tensor

Array = NDArray[Any]
Answers = Mapping[str, Array]
DTYPES: dict[ElementType, str] = {"float32": "<f4", "float64": "<f8", "int64": "<i8", "bool": "?", "string": "O"}
DATATYPES: dict[ElementType, str] = {
    "float32": "FP32",
    "float64": "FP64",
    "int64": "INT64",
    "bool": "BOOL",
    "string": "BYTES",
}


def by_name(rows: Sequence[Row]) -> bytes:
    return json.dumps({"instances": list(rows)}).encode()


def in_order(rows: Sequence[Row], model: ModelFile) -> bytes:
    return json.dumps({"instances": _lists(rows, model)}).encode()


def as_lines(rows: Sequence[Row], model: ModelFile) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in _lists(rows, model)).encode()


def as_csv(rows: Sequence[Row], model: ModelFile) -> bytes | None:
    """None where an input has a shape: one cell holds one value."""
    if any(given.shape for given in model.inputs):
        return None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in _lists(rows, model):
        writer.writerow([json.dumps(value) if not isinstance(value, str) else value for value in row])
    return text.getvalue().encode()


def as_npy(rows: Sequence[Row], model: ModelFile) -> bytes | None:
    """None where the inputs are no scalars of one number type."""
    first = model.inputs[0].type
    if first in ("string", "bool") or any(given.shape or given.type != first for given in model.inputs):
        return None
    written = io.BytesIO()
    np.save(written, np.array(_lists(rows, model), DTYPES[first]))
    return written.getvalue()


def as_tensors(rows: Sequence[Row], model: ModelFile) -> bytes:
    """An Open Inference request, all of it JSON."""
    inputs = [_tensor(given, len(rows)) | {"data": _column(given, rows).reshape(-1).tolist()} for given in model.inputs]
    return json.dumps({"id": "gate", "inputs": inputs}).encode()


def as_binary_tensors(rows: Sequence[Row], model: ModelFile) -> tuple[bytes, int]:
    """An Open Inference request with binary tensors, answered so too; and the length of its JSON."""
    parts = [_packed(_column(given, rows)) for given in model.inputs]
    inputs = [
        _tensor(given, len(rows)) | {"parameters": {"binary_data_size": len(part)}}
        for given, part in zip(model.inputs, parts, strict=True)
    ]
    head = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}}).encode()
    return head + b"".join(parts), len(head)


def from_predictions(predictions: Sequence[Any], model: ModelFile) -> Answers:
    """The value of `predictions`, or the lines of a JSON-lines answer."""
    if len(model.outputs) == 1:
        return {model.outputs[0].name: _array(model.outputs[0], predictions)}
    return {output.name: _array(output, [row[output.name] for row in predictions]) for output in model.outputs}


def from_csv(body: bytes, model: ModelFile) -> Answers:
    lines = list(csv.reader(io.StringIO(body.decode(), newline="")))
    begin, found = 0, dict[str, Array]()
    for output in model.outputs:
        end = begin + int(np.prod(output.shape, dtype=int))
        cells = [[_cell(output, text) for text in line[begin:end]] for line in lines]
        found[output.name] = _array(output, cells)
        begin = end
    return found


def from_npy(body: bytes, model: ModelFile) -> Answers:
    array = np.load(io.BytesIO(body), allow_pickle=False)
    if len(model.outputs) == 1:
        return {model.outputs[0].name: _array(model.outputs[0], array)}
    flat, begin, found = array.reshape(len(array), -1), 0, dict[str, Array]()
    for output in model.outputs:
        end = begin + int(np.prod(output.shape, dtype=int))
        found[output.name] = _array(output, flat[:, begin:end])
        begin = end
    return found


def from_tensors(body: bytes, model: ModelFile) -> Answers:
    told = {tensor["name"]: tensor for tensor in json.loads(body)["outputs"]}
    return {output.name: _array(output, told[output.name]["data"]) for output in model.outputs}


def from_binary_tensors(body: bytes, length: int, model: ModelFile) -> Answers:
    told, begin, found = json.loads(body[:length])["outputs"], length, dict[str, Array]()
    outputs = {output.name: output for output in model.outputs}
    for tensor in told:
        end = begin + int(tensor["parameters"]["binary_data_size"])
        output = outputs[tensor["name"]]
        values = (
            _texts(body[begin:end]) if output.type == "string" else np.frombuffer(body[begin:end], DTYPES[output.type])
        )
        found[output.name] = _array(output, values)
        begin = end
    return found


def same(one: Answers, other: Answers) -> bool:
    """Equal to the last bit; what is not finite has no digits in text, so there it is one thing."""
    if one.keys() != other.keys():
        return False
    return all(_same_array(one[name], other[name]) for name in one)


def _same_array(one: Array, other: Array) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if one.dtype.kind != "f":
        return bool((one == other).all())
    finite = np.isfinite(one)
    return bool((finite == np.isfinite(other)).all()) and one[finite].tobytes() == other[finite].tobytes()


def _lists(rows: Sequence[Row], model: ModelFile) -> list[list[Any]]:
    return [[row[given.name] for given in model.inputs] for row in rows]


def _tensor(given: Input, count: int) -> dict[str, Any]:
    return {"name": given.name, "datatype": DATATYPES[given.type], "shape": [count, *(given.shape or (1,))]}


def _column(given: Input, rows: Sequence[Row]) -> Array:
    return np.array([row[given.name] for row in rows], DTYPES[given.type])


def _packed(column: Array) -> bytes:
    if column.dtype.kind != "O":
        return column.tobytes()
    texts = [str(text).encode() for text in column.reshape(-1).tolist()]
    return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def _texts(packed: bytes) -> list[str]:
    found: list[str] = []
    while packed:
        length = int.from_bytes(packed[:4], "little")
        found.append(packed[4 : 4 + length].decode())
        packed = packed[4 + length :]
    return found


def _cell(output: Tensor, text: str) -> Any:
    return text if output.type == "string" else json.loads(text or "null")


def _array(output: Tensor, values: Any) -> Array:
    """One output, a row each, flat, in its own type; null is not a number."""
    array = np.array(values, DTYPES[output.type])
    count = int(np.prod(output.shape, dtype=int))
    return cast("Array", array.reshape(-1, count))
