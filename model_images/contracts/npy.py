"""NumPy's file format `.npy` as a body (`application/x-npy`), without pickle.

numpy's own reader is not used: it evaluates the header as Python, and takes memory for whatever shape the header names
before it has looked at how many bytes follow. Format: numpy.lib.format, versions 1.0 to 3.0.
"""

from __future__ import annotations

import math
import re
from io import BytesIO

import numpy as np

from model_images.serve.messages import Refused
from model_images.serve.rows import Array, Outputs

_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 1024
_ADDRESSABLE = 2**63 - 1
_DESCRIPTION = re.compile(rb"""['"]descr['"]\s*:\s*(?:['"]([^'"]*)['"]|(\[))""")
_SHAPE = re.compile(rb"""['"]shape['"]\s*:\s*\(\s*((?:[0-9]{1,18}\s*,\s*){0,32}(?:[0-9]{1,18}\s*)?)\)""")
_FORTRAN = re.compile(rb"""['"]fortran_order['"]\s*:\s*(True|False)""")
_NUMBERS = re.compile(rb"[<>=|]?(?:b1|\?|[iu][1248]|f[248])")


def read(body: bytes) -> Array:
    """The array of numbers in `body`: a read-only view of its bytes where the byte order is the machine's own.

    Raises:
        Refused: 400 if the body is no such file, 415 if its elements are no numbers (objects, text, records).
    """
    header, begin = _header(body)
    description, shape, fortran = _DESCRIPTION.search(header), _SHAPE.search(header), _FORTRAN.search(header)
    if description is None or shape is None or fortran is None:
        raise Refused(400, "the body's .npy header is not readable; send what numpy.save writes")
    if description[1] is None or not _NUMBERS.fullmatch(description[1]):
        got = "a record" if description[1] is None else f"{description[1].decode('ascii', 'replace')!r:.24}"
        raise Refused(415, f"application/x-npy: elements of type {got}; allowed: bool, int, uint, float")
    dtype = np.dtype(description[1].decode("ascii"))
    sides = tuple(int(side) for side in shape[1].replace(b",", b" ").split())
    needed, there = math.prod(sides) * dtype.itemsize, len(body) - begin
    # numpy cannot hold an empty array whose other sides would fill more than the address space either.
    if needed != there or math.prod(side or 1 for side in sides) * dtype.itemsize > _ADDRESSABLE:
        raise Refused(400, f"application/x-npy: {there} bytes of data for shape {sides} of {dtype}; needed: {needed}")
    flat = np.frombuffer(body, dtype, offset=begin)
    array = flat.reshape(sides, order="F" if fortran[1] == b"True" else "C")
    return array.astype(dtype.newbyteorder("="), copy=False)


def _header(body: bytes) -> tuple[bytes, int]:
    """The header's text and where the data begin."""
    if not body.startswith(_MAGIC) or len(body) < len(_MAGIC) + 6:
        raise Refused(400, "the body is no .npy file: it begins otherwise; send what numpy.save writes")
    width = 2 if body[len(_MAGIC)] == 1 else 4
    begin = len(_MAGIC) + 2 + width
    length = int.from_bytes(body[begin - width : begin], "little")
    if length > min(_LONGEST_HEADER, len(body) - begin):
        raise Refused(
            400, f"the body's .npy header has {length} bytes; allowed: up to {_LONGEST_HEADER}, all in the body"
        )
    return body[begin : begin + length], begin + length


def write(outputs: Outputs) -> bytes:
    """One output as it is; several as one matrix of a row each, their columns in the outputs' order.

    The outputs must be numbers; a matrix of several types has the type that holds them all.
    """
    arrays = list(outputs.values())
    whole = arrays[0] if len(arrays) == 1 else np.concatenate([a.reshape(len(a), -1) for a in arrays], axis=1)
    file = BytesIO()
    np.lib.format.write_array(file, np.ascontiguousarray(whole), allow_pickle=False)
    return file.getvalue()
