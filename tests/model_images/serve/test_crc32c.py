"""The checksum of Cloud Storage."""

from __future__ import annotations

import random

import pytest

from model_images.serve.crc32c import Crc32c


def checksum(*parts: bytes) -> str:
    taken = Crc32c()
    for part in parts:
        taken.update(part)
    return taken.digest().hex()


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "00000000"),
        (b"123456789", "e3069283"),
        (bytes(32), "8a9136aa"),  # RFC 3720, B.4, as are the next three
        (b"\xff" * 32, "62a8ab43"),
        (bytes(range(32)), "46dd794e"),
        (bytes(range(31, -1, -1)), "113fdb5c"),
    ],
)
def test_known_sums_come_out(data: bytes, digest: str) -> None:
    assert checksum(data) == digest


@pytest.mark.parametrize("length", [4095, 4096, 4097, 65_536, 123_457])
def test_blocks_of_any_length_give_the_same_sum(length: int) -> None:
    data = random.Random(length).randbytes(length)
    singly = checksum(*(data[place : place + 997] for place in range(0, length, 997)))
    assert checksum(data) == checksum(data[: length // 3], data[length // 3 :]) == singly
