"""What inputs are broken with: values at the edges of every type, and changes to JSON and to bytes."""

from __future__ import annotations

import copy
import json
import random
from typing import Any, cast

# Values that readers get wrong: limits of types, look-alikes of other types, empty and large things.
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -0.0,
    1,
    -1,
    2**31,
    2**53 + 1,
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    10**40,
    1e-320,
    3.5e38,
    1.7e308,
    "",
    "1.5",
    "NaN",
    "DE",
    "\0",
    "\r\n",
    "é\U0001f600",
    "x" * 3000,
    [],
    {},
    [[]],
    [None],
    [1, 2],
    [[1, 2], [3, 4]],
    [[[[[[[[1]]]]]]]],
    {"": 0},
    {"instances": [1]},
    {"name": "x"},
)
# Pieces that are put between a text's bytes: JSON that the standard does not know, breaks, and bytes that are no text.
PIECES = (
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"-0",
    b"0x10",
    b"01",
    b"1_000",
    b'"\\ud800"',
    b"\\u0000",
    b"\xff\xfe",
    b"\xc3",
    b"\0",
    b"[" * 2000,
    b'{"a":' * 600,
    b"]",
    b"}",
    b",",
    b",,",
    b'"',
    b"//",
    b"\r\n",
    b"\n\n",
    b"9" * 400,
    b"\x93NUMPY",
    b"\xff\xff\xff\xff",
)


def chance(draw: random.Random, one_in: int) -> bool:
    """True once in so many times."""
    return draw.randrange(one_in) == 0


def broken_json(draw: random.Random, content: Any) -> Any:
    """A copy of `content` with one to three places changed, taken away, renamed or doubled."""
    whole = copy.deepcopy(content)
    for _ in range(draw.randint(1, 3)):
        parents = list(_parents(whole))
        if not parents:
            return copy.deepcopy(draw.choice(VALUES))
        parent = draw.choice(parents)
        if isinstance(parent, dict):
            _break_object(draw, parent)
        else:
            _break_list(draw, parent)
    return whole


def broken_bytes(draw: random.Random, text: bytes) -> bytes:
    """`text` with one to four changes at random places."""
    whole = bytearray(text)
    for _ in range(draw.randint(1, 4)):
        place = draw.randint(0, len(whole))
        end = min(len(whole), place + draw.choice((1, 1, 2, 8, 40)))
        match draw.randrange(6):
            case 0:
                del whole[place:end]
            case 1:
                whole[place:place] = draw.choice(PIECES)
            case 2:
                whole[place:place] = whole[place:end]
            case 3:
                del whole[place:]
            case 4:
                whole[place:end] = draw.randbytes(end - place)
            case _:
                whole[place : place + 1] = bytes([draw.randrange(256)])
    return bytes(whole)


def as_json(draw: random.Random, content: Any) -> bytes:
    """JSON, mostly compact, sometimes spread out or with all characters as they are."""
    if chance(draw, 8):
        return json.dumps(content, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return json.dumps(content, separators=(",", ":")).encode()


def _break_object(draw: random.Random, parent: dict[str, Any]) -> None:
    key = draw.choice(list(parent))
    match draw.randrange(5):
        case 0:
            del parent[key]
        case 1:
            parent[draw.choice((key.upper(), f" {key}", f"{key}2", ""))] = parent.pop(key)
        case 2:
            parent[draw.choice(("parameters", "id", "extra", "data", "features"))] = copy.deepcopy(draw.choice(VALUES))
        case _:
            parent[key] = copy.deepcopy(draw.choice(VALUES))


def _break_list(draw: random.Random, parent: list[Any]) -> None:
    place = draw.randrange(len(parent))
    match draw.randrange(5):
        case 0:
            del parent[place]
        case 1:
            parent.insert(place, copy.deepcopy(parent[place]))
        case 2:
            parent.extend([copy.deepcopy(parent[place])] * draw.randint(1, 20))
        case _:
            parent[place] = copy.deepcopy(draw.choice(VALUES))


def _parents(content: Any) -> list[dict[str, Any] | list[Any]]:
    """Every object and list in `content` that holds something."""
    found: list[dict[str, Any] | list[Any]] = []
    waiting = [content]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict) and here:
            members = cast("dict[str, Any]", here)
            found.append(members)
            waiting.extend(members.values())
        elif isinstance(here, list) and here:
            items = cast("list[Any]", here)
            found.append(items)
            waiting.extend(items)
    return found
