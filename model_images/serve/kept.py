"""A prediction as bytes, the way that the cache keeps it."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from model_images.serve.rows import Array, Outputs

Found = tuple[Outputs, str | None]
"""Outputs, and custom attributes if the model set any."""


class _Output(msgspec.Struct, array_like=True):
    name: str
    type: str
    shape: tuple[int, ...]
    values: bytes | list[Any]


class _Kept(msgspec.Struct, array_like=True):
    outputs: list[_Output]
    custom_attributes: str | None


def written(outputs: Outputs, custom_attributes: str | None) -> bytes:
    """A prediction as bytes, none if a value in it is of a kind that cannot be kept."""
    kept = [
        _Output(
            name,
            array.dtype.str,
            array.shape,
            array.reshape(-1).tolist() if array.dtype.kind == "O" else np.ascontiguousarray(array).tobytes(),
        )
        for name, array in outputs.items()
    ]
    try:
        return msgspec.msgpack.encode(_Kept(kept, custom_attributes))
    except (TypeError, OverflowError, ValueError):
        return b""


def read(value: bytes | None) -> Found | None:
    """What `written` wrote, None for anything else."""
    if not value:
        return None
    try:
        kept = _KEPT.decode(value)
        return {output.name: _array(output) for output in kept.outputs}, kept.custom_attributes
    except (msgspec.MsgspecError, ValueError, TypeError):
        return None


def _array(output: _Output) -> Array:
    if isinstance(output.values, bytes):
        if output.type[1:2] not in "fiub":
            raise ValueError(output.type)
        return np.frombuffer(output.values, np.dtype(output.type)).reshape(output.shape)
    array: Array = np.empty(len(output.values), np.object_)
    array[:] = output.values
    return array.reshape(output.shape)


_KEPT = msgspec.msgpack.Decoder(_Kept)
