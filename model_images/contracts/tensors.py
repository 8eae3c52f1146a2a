"""Tensors on the wire of the Open Inference Protocol: data types, JSON data and the binary extension.

JSON data is nested or flat, row-major. Binary data is little-endian without padding; BOOL is a byte that is 0 or 1,
BYTES have a 4-byte length before each element. FP16 and BF16 have no form in JSON. What does not fit is refused with
400; an infinity that comes of a number too large for float32 is left for the schema to refuse, with its row, so
numpy's warning of it has to be off around all this (`np.errstate`, which is not cheap enough for each tensor).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from model_images.model_file import ElementType
from model_images.serve.arrays import TYPES
from model_images.serve.messages import Refused
from model_images.serve.rows import Array

Datatype = Literal[
    "BOOL",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "FP16",
    "BF16",
    "FP32",
    "FP64",
    "BYTES",
]
Dimension = Annotated[int, msgspec.Meta(gt=0, le=2**63 - 1)]
Shape = Annotated[tuple[Dimension, ...], msgspec.Meta(min_length=1, max_length=16)]
# How an element lies in binary data; BF16 as the upper half of a float32. BYTES have no fixed size.
WIRE: dict[Datatype, np.dtype[Any]] = {
    "BOOL": np.dtype("u1"),
    "UINT8": np.dtype("u1"),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "INT8": np.dtype("i1"),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "FP16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
}
OWN: dict[ElementType, Datatype] = {
    "float32": "FP32",
    "float64": "FP64",
    "int64": "INT64",
    "bool": "BOOL",
    "string": "BYTES",
}
# A tensor is taken as an input's type if that holds every value of it; anything else is refused, never rounded.
_SMALL_INTEGERS: tuple[Datatype, ...] = ("INT8", "INT16", "UINT8", "UINT16")
WIDENED: dict[ElementType, tuple[Datatype, ...]] = {
    "float32": ("FP32", "FP16", "BF16", *_SMALL_INTEGERS),
    "float64": ("FP64", "FP32", "FP16", "BF16", "INT32", "UINT32", *_SMALL_INTEGERS),
    "int64": ("INT64", "INT32", "UINT32", *_SMALL_INTEGERS),
    "bool": ("BOOL",),
    "string": ("BYTES",),
}


@cache
def allowed(element: ElementType, *, in_json: bool) -> tuple[Datatype, ...]:
    """The data types of tensors that an input of this type takes. Numbers in JSON have no width: FP64 says FP32 too."""
    wide: tuple[Datatype, ...] = ("FP64",) if in_json and element == "float32" else ()
    return tuple(name for name in (*WIDENED[element], *wide) if not (in_json and name in {"FP16", "BF16"}))


def from_json(data: msgspec.Raw, datatype: Datatype, shape: Sequence[int], field: str) -> Array:
    """JSON data as an array of `shape`; `field` names it in a refusal."""
    if datatype in {"FP16", "BF16"}:
        raise Refused(400, f"{field}.datatype: got {datatype}, which has no form in JSON; send it as binary data")
    text = bytes(data)
    nested = text[1:].lstrip(b" \t\r\n")[:1] == b"["
    try:
        values = _decoder(datatype, len(shape) if nested else 1).decode(text)
        array = np.array(values, _held(datatype))
    except msgspec.ValidationError as error:
        raise Refused(400, _unlike(str(error), f"{field}.data", datatype, shape)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Refused(400, f"{field}.data: not readable as JSON: {error}") from error
    except (ValueError, OverflowError) as error:
        raise Refused(400, f"{field}.data: not of shape {list(shape)}, or beyond {datatype}") from error
    if array.shape != tuple(shape) if nested else array.size != math.prod(shape):
        got = f"shape {list(array.shape)}" if nested else f"{array.size} values"
        raise Refused(400, f"{field}.data: got {got}; allowed: {math.prod(shape)} values for shape {list(shape)}")
    return array.reshape(shape)


def from_binary(data: bytes | memoryview, datatype: Datatype, shape: Sequence[int], field: str) -> Array:
    """Binary data as an array of `shape`; `field` names it in a refusal."""
    if datatype == "BYTES":
        return _strings(data, math.prod(shape), field).reshape(shape)
    wire = WIRE[datatype]
    if len(data) != math.prod(shape) * wire.itemsize:
        wanted = f"{math.prod(shape) * wire.itemsize} bytes for {datatype} of shape {list(shape)}"
        raise Refused(400, f"{field}: got {len(data)} bytes of binary data; allowed: {wanted}")
    array = np.frombuffer(data, wire).reshape(shape)
    if datatype == "BOOL":
        if array.max() > 1:
            raise Refused(400, f"{field}: got a BOOL byte of {array.max()}; allowed: 0 and 1")
        return array.astype(np.bool_)
    if datatype == "BF16":
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array


def fitted(array: Array, element: ElementType) -> Array:
    """An allowed tensor in the type of its input. FP64 from JSON is rounded to float32 as any JSON number is.

    What lies in the body at an odd address, or may not be written to, is copied: frameworks want neither.
    """
    if array.dtype == TYPES[element] and array.flags.aligned and array.flags.writeable:
        return array
    return np.require(array, TYPES[element], ["ALIGNED", "WRITEABLE"])


def to_binary(array: Array, element: ElementType) -> bytes:
    """The elements of `array` as binary data of the output's own type."""
    if element == "string":
        words = [str(word).encode() for word in array.ravel()]
        return b"".join(part for word in words for part in (struct.pack("<I", len(word)), word))
    return np.ascontiguousarray(array, WIRE[OWN[element]]).tobytes()


def raw_array(body: bytes, element: ElementType, shape: Sequence[int], field: str) -> Array:
    """A body that is nothing but one tensor: its number of rows follows from its size. A string is the body itself."""
    if element == "string":
        if math.prod(shape) != 1:
            raise Refused(400, f"{field}: got a raw body for {math.prod(shape)} strings a row; allowed: one a row")
        return np.array([text_of(body, field)], object).reshape(1, *shape)
    row_bytes = math.prod(shape) * WIRE[OWN[element]].itemsize
    if not body or len(body) % row_bytes:
        raise Refused(
            400, f"{field}: got a raw body of {len(body)} bytes; allowed: a multiple of {row_bytes} (one row)"
        )
    return from_binary(body, OWN[element], (len(body) // row_bytes, *shape), field)


def text_of(data: bytes, field: str) -> str:
    """A BYTES element as text."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Refused(400, f"{field}: got bytes that are not UTF-8 (at byte {error.start}); allowed: UTF-8") from error


def _strings(data: bytes | memoryview, count: int, field: str) -> Array:
    whole, place, words = bytes(data), 0, list[str]()
    while place < len(whole) and len(words) < count:
        if place + 4 > len(whole):
            break
        length = int.from_bytes(whole[place : place + 4], "little")
        begin, place = place + 4, place + 4 + length
        if place > len(whole):
            break
        words.append(text_of(whole[begin:place], f"{field}, element {len(words)}"))
    if len(words) != count or place != len(whole):
        raise Refused(400, f"{field}: BYTES lengths do not add up to {count} elements in {len(whole)} bytes")
    return np.array(words, object)


def _held(datatype: Datatype) -> np.dtype[Any]:
    return TYPES["bool" if datatype == "BOOL" else "string"] if datatype in {"BOOL", "BYTES"} else WIRE[datatype]


@cache
def _decoder(datatype: Datatype, depth: int) -> msgspec.json.Decoder[Any]:
    """A decoder of lists, `depth` deep, of the type's JSON values."""
    kinds: dict[str, Any] = {"B": str, "F": float, "U": int, "I": int}
    values: Any = bool if datatype == "BOOL" else kinds[datatype[0]]
    for _ in range(depth):
        values = list[values]
    return msgspec.json.Decoder(values)


def _unlike(reason: str, field: str, datatype: Datatype, shape: Sequence[int]) -> str:
    what, _, place = reason.partition(" - at `$")
    return f"{field}{place.rstrip('`')}: {what[:1].lower()}{what[1:]}; allowed: {datatype} values, shape {list(shape)}"
