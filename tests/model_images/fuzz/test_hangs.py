"""Inputs for which a regular expression with two ways to read them would take seconds to hours."""

from __future__ import annotations

import threading

import pytest

from model_images.contracts import npy
from model_images.contracts.content_types import chosen, content_type
from model_images.serve.messages import Refused
from tests.model_images.fuzz.campaign import HANG_S, Hang, no_longer_than
from tests.model_images.fuzz.inputs import LONG


@pytest.mark.parametrize("header", LONG, ids=range(len(LONG)))
def test_a_long_header_is_read_at_once(header: str) -> None:
    with no_longer_than(HANG_S):
        content_type(header.encode())
        chosen(header.encode(), ("application/json", "text/csv"))


def test_a_shape_of_many_digits_is_refused_at_once() -> None:
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, " + b"9" * 200 + b"x)}"
    with no_longer_than(HANG_S), pytest.raises(Refused):
        npy.read(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)


def test_a_hang_is_noticed() -> None:
    with pytest.raises(Hang), no_longer_than(0.01):
        threading.Event().wait(HANG_S)
