"""Arrays over the wire, without pickle."""

from __future__ import annotations

import struct
from contextlib import suppress
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_images.contracts import npy
from model_images.serve.messages import Refused


def saved(array: Any, *, pickle: bool = False) -> bytes:
    file = BytesIO()
    np.save(file, array, allow_pickle=pickle)
    return file.getvalue()


def with_header(header: str, data: bytes = b"", version: int = 1) -> bytes:
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes((version, 0)) + length + header.encode() + data


def refused(body: bytes) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        npy.read(body)
    return caught.value.status, caught.value.message


@pytest.mark.parametrize("kind", ["<f4", "<f8", ">f8", "<i8", "|u1", "|b1", "<f2", ">i2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_what_numpy_saves_is_read(kind: str, order: Any) -> None:
    array = np.arange(6).reshape(2, 3).astype(kind, order=order)
    read = npy.read(saved(array))
    assert np.array_equal(read, array)
    assert read.dtype.isnative


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_all_versions_of_the_format_are_read(version: tuple[int, int]) -> None:
    file = BytesIO()
    np.lib.format.write_array(file, np.ones((2, 3)), version=version)
    assert npy.read(file.getvalue()).shape == (2, 3)


def test_an_array_without_rows_is_read() -> None:
    assert npy.read(saved(np.ones((0, 3)))).shape == (0, 3)


def test_an_array_of_objects_is_refused_and_not_unpickled() -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (pytest.fail, ("unpickled",))

    body = saved(np.array([Evil()], dtype=object), pickle=True)
    assert refused(body) == (415, "application/x-npy: elements of type '|O'; allowed: bool, int, uint, float")


@pytest.mark.parametrize(
    ("array", "got"),
    [
        (np.array(["a"]), "'<U1'"),
        (np.array([b"a"]), "'|S1'"),
        (np.array([1j]), "'<c16'"),
        (np.array(["2020-01-01"], "M8[D]"), "'<M8[D]'"),
        (np.zeros(1, [("a", "<f4")]), "a record"),
    ],
)
def test_elements_that_are_no_numbers_are_refused(array: Any, got: str) -> None:
    assert refused(saved(array)) == (
        415,
        f"application/x-npy: elements of type {got}; allowed: bool, int, uint, float",
    )


def test_a_shape_that_the_data_do_not_fill_is_refused_before_memory_is_taken() -> None:
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999), }"
    status, message = refused(with_header(header, b"12345678"))
    assert status == 400
    assert message == (
        "application/x-npy: 8 bytes of data for shape (99999999999, 99999999) of float64; needed: 79999999199200000008"
    )


def test_data_after_the_array_is_refused() -> None:
    assert refused(saved(np.ones(1)) + b"x")[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        b"x",
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00\xff\xff",
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}",
        with_header("{}"),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }"),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (٣,), }"),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': __import__('os').getpid(), }"),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 99999999999999999, 9999999999999999), }"),
        with_header("(" * 1000),
        with_header(" " * 2000),
        b"PK\x03\x04 an .npz",
    ],
)
def test_a_body_that_is_no_array_is_unreadable(body: bytes) -> None:
    assert refused(body)[0] == 400


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_damage_breaks_the_reader(data: st.DataObject) -> None:
    body = bytearray(saved(np.ones((2, 2))))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Refused):
        npy.read(bytes(body[: data.draw(st.integers(0, len(body)))]))


def test_one_output_is_written_as_it_is() -> None:
    scores = np.ones((2, 3), np.float32)
    read = np.load(BytesIO(npy.write({"scores": scores})), allow_pickle=False)
    assert read.dtype == np.float32
    assert read.shape == (2, 3)


def test_several_outputs_are_the_columns_of_one_matrix() -> None:
    outputs = {"label": np.array([1, 0]), "scores": np.array([[0.5, 0.25], [0.125, 1.0]])}
    read = np.load(BytesIO(npy.write(outputs)), allow_pickle=False)
    assert read.tolist() == [[1.0, 0.5, 0.25], [0.0, 0.125, 1.0]]
