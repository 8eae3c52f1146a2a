"""CRC-32C (Castagnoli), the checksum that Cloud Storage keeps of every object; Python's library has none.

numpy sums up many pieces of a block at once and then joins the sums two by two: the sum is linear, so that of a whole
is its first half's, moved on by the second half's length, xor its second half's.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
_POLYNOMIAL = 0x82F63B78
_PIECE = 1024
# Below this many bytes a loop is quicker.
_FEW = 4096


class Crc32c:
    """Takes bytes block by block; quick for blocks of a MiB and more: some 130 MB/s with 8 MiB."""

    def __init__(self) -> None:
        self._state = 0xFFFFFFFF

    def update(self, data: bytes) -> None:
        """Goes on with `data`."""
        if len(data) < _FEW:
            for byte in data:
                self._state = _BYTES[(self._state ^ byte) & 0xFF] ^ (self._state >> 8)
        else:
            self._state = _moved(self._state, len(data)) ^ _sum(data)

    def digest(self) -> bytes:
        """The sum of all bytes so far, 4 bytes with the highest first, as Cloud Storage writes it."""
        return (self._state ^ 0xFFFFFFFF).to_bytes(4, "big")


def _sum(data: bytes) -> int:
    """The state after `data` if it was 0 before; zeros in front change nothing then, and fill up the pieces."""
    pieces = 1 << (-(-len(data) // _PIECE) - 1).bit_length()
    block = np.zeros(pieces * _PIECE, np.uint8)
    block[len(block) - len(data) :] = np.frombuffer(data, np.uint8)
    table, states = np.array(_BYTES, np.uint32), np.zeros(pieces, np.uint32)
    for column in np.ascontiguousarray(block.reshape(pieces, _PIECE).T):
        states = table[(states ^ column) & 0xFF] ^ (states >> np.uint32(8))
    power = _PIECE.bit_length() - 1
    while len(states) > 1:
        states = _applied(_zeros(power), states[0::2]) ^ states[1::2]
        power += 1
    return int(states[0])


def _moved(state: int, count: int) -> int:
    """The state after `count` bytes of 0."""
    states = np.array([state], np.uint32)
    for power in range(count.bit_length()):
        if count >> power & 1:
            states = _applied(_zeros(power), states)
    return int(states[0])


@lru_cache(maxsize=64)
def _zeros(power: int) -> Words:
    """What 2**power bytes of 0 do to each of a state's 32 bits."""
    if power:
        half = _zeros(power - 1)
        return _applied(half, half)
    bits = [1 << bit for bit in range(32)]
    return np.array([_BYTES[bit & 0xFF] ^ (bit >> 8) for bit in bits], np.uint32)


def _applied(operator: Words, states: Words) -> Words:
    result = np.zeros_like(states)
    for bit in range(32):
        result ^= (states >> np.uint32(bit) & np.uint32(1)) * operator[bit]
    return result


def _byte(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
    return value


_BYTES = tuple(_byte(value) for value in range(256))
