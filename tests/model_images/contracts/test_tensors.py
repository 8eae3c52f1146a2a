"""Tensors as JSON and as binary data: every type there and back, and how data can contradict its shape."""

from __future__ import annotations

import struct

import msgspec
import numpy as np
import pytest

from model_images.contracts import tensors
from model_images.contracts.tensors import Datatype, from_binary, from_json
from model_images.model_file import ElementType
from model_images.serve.arrays import TYPES
from model_images.serve.messages import Refused

FIXED = [name for name in tensors.WIRE if name not in {"BOOL", "BF16"}]
IN_JSON = [name for name in tensors.WIRE if name not in {"BOOL", "FP16", "BF16"}]


def json_refusal(data: str, datatype: Datatype, shape: tuple[int, ...]) -> str:
    with pytest.raises(Refused) as refused:
        from_json(msgspec.Raw(data.encode()), datatype, shape, "inputs[0]")
    assert refused.value.status == 400
    return refused.value.message


def binary_refusal(data: bytes, datatype: Datatype, shape: tuple[int, ...]) -> str:
    with pytest.raises(Refused) as refused:
        from_binary(data, datatype, shape, "inputs[0]")
    assert refused.value.status == 400
    return refused.value.message


@pytest.mark.parametrize("datatype", IN_JSON)
def test_numbers_are_read_from_json_flat_or_nested(datatype: Datatype) -> None:
    flat = from_json(msgspec.Raw(b"[1, 2,3,4 ]"), datatype, (2, 2), "inputs[0]")
    nested = from_json(msgspec.Raw(b"[ [1,2],\n[3,4]]"), datatype, (2, 2), "inputs[0]")
    assert flat.tolist() == nested.tolist() == [[1, 2], [3, 4]]
    assert flat.dtype == tensors.WIRE[datatype]


@pytest.mark.parametrize("datatype", FIXED)
def test_numbers_are_read_from_binary_data_row_by_row_and_little_endian(datatype: Datatype) -> None:
    wire = np.array([[1, 2, 3], [4, 5, 6]], tensors.WIRE[datatype].newbyteorder("<"))
    assert from_binary(wire.tobytes(), datatype, (2, 3), "inputs[0]").tolist() == [[1, 2, 3], [4, 5, 6]]


def test_bools_are_words_in_json_and_bytes_in_binary_data() -> None:
    assert from_json(msgspec.Raw(b"[true,false]"), "BOOL", (2, 1), "inputs[0]").tolist() == [[True], [False]]
    assert from_binary(b"\x01\x00", "BOOL", (2, 1), "inputs[0]").tolist() == [[True], [False]]


def test_texts_are_strings_in_json_and_have_their_length_in_binary_data() -> None:
    assert from_json(msgspec.Raw(b'["","\\u00e9"]'), "BYTES", (2,), "inputs[0]").tolist() == ["", "é"]
    assert from_binary(b"\0\0\0\0\2\0\0\0\xc3\xa9", "BYTES", (2,), "inputs[0]").tolist() == ["", "é"]


def test_a_bfloat16_is_the_upper_half_of_a_float32() -> None:
    upper = struct.pack("<f", -1.5)[2:]
    assert from_binary(upper, "BF16", (1,), "inputs[0]").tolist() == [-1.5]


@pytest.mark.parametrize("datatype", ["FP16", "BF16"])
def test_half_precision_has_no_form_in_json(datatype: Datatype) -> None:
    assert "no form in JSON; send it as binary data" in json_refusal("[1]", datatype, (1,))


@pytest.mark.parametrize(
    ("data", "shape", "got"),
    [
        ("[true]", (3,), "got 1 values; allowed: 3 values for shape [3]"),
        ("[]", (1,), "got 0 values"),
        ("[[true,true]]", (2, 1), "got shape [1, 2]"),
        ("[[true],[true,true]]", (2, 1), "not of shape [2, 1]"),
        ("[[[true]]]", (1, 1), "data[0][0]: expected `bool`, got `array`"),
    ],
)
def test_the_number_of_values_must_be_the_product_of_the_shape(data: str, shape: tuple[int, ...], got: str) -> None:
    assert got in json_refusal(data, "BOOL", shape)


@pytest.mark.parametrize(
    ("data", "datatype", "got"),
    [
        ("[1]", "BOOL", "data[0]: expected `bool`, got `int`; allowed: BOOL values"),
        ("[true]", "FP32", "expected `float`, got `bool`"),
        ('["1"]', "FP32", "expected `float`, got `str`"),
        ("[1.5]", "INT64", "expected `int`, got `float`"),
        ("[null]", "INT8", "expected `int`, got `null`"),
        ("[1]", "BYTES", "expected `str`, got `int`"),
        ("[-1]", "UINT8", "beyond UINT8"),
        ("[128]", "INT8", "beyond INT8"),
        ("[18446744073709551616]", "UINT64", "beyond UINT64"),
        ("[1e999]", "FP64", "number out of range"),
        ("[NaN]", "FP64", "not readable as JSON"),
        ("7", "FP64", "expected `array`, got `int`"),
        ("", "FP64", "not readable as JSON"),
    ],
)
def test_values_that_are_not_of_the_type_are_refused_with_their_place(data: str, datatype: Datatype, got: str) -> None:
    assert got in json_refusal(data, datatype, (1,))


def test_a_number_beyond_float32_is_left_to_the_schema_as_an_infinity() -> None:
    with np.errstate(over="ignore"):
        assert np.isposinf(from_json(msgspec.Raw(b"[1e39]"), "FP32", (1,), "inputs[0]")).all()


def test_text_in_json_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(Refused, match="not readable as JSON"):
        from_json(msgspec.Raw(b'["\xff"]'), "BYTES", (1,), "inputs[0]")


@pytest.mark.parametrize(
    ("data", "datatype", "shape", "got"),
    [
        (b"\0\0\0", "FP32", (1,), "got 3 bytes of binary data; allowed: 4 bytes for FP32 of shape [1]"),
        (b"\0" * 8, "FP32", (1, 1), "got 8 bytes"),
        (b"", "INT8", (1,), "got 0 bytes"),
        (b"\2", "BOOL", (1,), "got a BOOL byte of 2; allowed: 0 and 1"),
        (b"\5\0\0\0abc", "BYTES", (1,), "do not add up to 1 elements in 7 bytes"),
        (b"\3\0\0\0abc", "BYTES", (2,), "do not add up to 2 elements"),
        (b"\3\0\0\0abcd", "BYTES", (1,), "do not add up"),
        (b"\3\0\0", "BYTES", (1,), "do not add up"),
        (b"\xff\xff\xff\xffabc", "BYTES", (1,), "do not add up"),
        (b"\1\0\0\0\xff", "BYTES", (1,), "element 0: got bytes that are not UTF-8"),
        (b"", "FP64", (2**62, 2**62), "got 0 bytes"),
    ],
)
def test_binary_data_that_does_not_add_up_is_refused(
    data: bytes, datatype: Datatype, shape: tuple[int, ...], got: str
) -> None:
    assert got in binary_refusal(data, datatype, shape)


@pytest.mark.parametrize("element", list(tensors.OWN))
def test_an_output_written_as_binary_data_is_read_back_the_same(element: ElementType) -> None:
    texts = np.array([["a", ""], ["é", "\0"]], object)
    array = texts if element == "string" else np.array([[1, 0], [0, 1]], TYPES[element])
    back = from_binary(tensors.to_binary(array, element), tensors.OWN[element], (2, 2), "outputs[0]")
    assert back.tolist() == array.tolist()


@pytest.mark.parametrize("element", [name for name in tensors.OWN if name not in {"bool", "string"}])
def test_a_type_that_is_widened_loses_nothing(element: ElementType) -> None:
    for datatype in tensors.allowed(element, in_json=False):
        wire = np.dtype(np.float32) if datatype == "BF16" else tensors.WIRE[datatype]
        limits = np.finfo(wire) if wire.kind == "f" else np.iinfo(wire)
        largest = np.array([limits.min, limits.max], wire)
        fitted = tensors.fitted(largest, element)
        assert fitted.dtype == TYPES[element]
        assert [int(value) for value in fitted] == [int(value) for value in largest]


def test_fp64_stands_for_float32_in_json_only() -> None:
    assert "FP64" in tensors.allowed("float32", in_json=True)
    assert "FP64" not in tensors.allowed("float32", in_json=False)
    assert not {"UINT64", "INT64"} & set(tensors.allowed("float64", in_json=False))


def test_what_the_model_gets_is_aligned_and_its_own() -> None:
    body = b"x" + np.arange(4, dtype="<f4").tobytes()
    array = tensors.fitted(from_binary(memoryview(body)[1:], "FP32", (4, 1), "inputs[0]"), "float32")
    assert array.flags.aligned
    assert array.flags.writeable


def test_the_rows_of_a_raw_body_follow_from_its_size() -> None:
    body = np.arange(6, dtype="<f4").tobytes()
    assert tensors.raw_array(body, "float32", (2,), "x").tolist() == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(Refused, match=r"x: got a raw body of 24 bytes; allowed: a multiple of 16 \(one row\)"):
        tensors.raw_array(body, "float64", (2,), "x")


def test_a_raw_text_is_the_body_itself() -> None:
    assert tensors.raw_array("é".encode(), "string", (1,), "x").tolist() == [["é"]]
    with pytest.raises(Refused, match="not UTF-8"):
        tensors.raw_array(b"\xff", "string", (1,), "x")
