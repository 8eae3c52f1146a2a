"""Content-Type and Accept headers: media types, their parameters, quality values (RFC 9110, 8.3 and 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

JSON = "application/json"
JSON_LINES = "application/jsonlines"
CSV = "text/csv"
NPY = "application/x-npy"

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105  the RFC's word for a run of characters, no secret
# Nothing here gives back what it took (`*+`): a long header of blanks or quotes would keep the worker busy for minutes.
_QUOTED = r'"(?:[^"\\]|\\.)*+'
_NAME = re.compile(rf"\s*+({_TOKEN}/{_TOKEN})\s*+(?=;|$)")
_PARAMETER = re.compile(rf';\s*+(?:({_TOKEN})=({_TOKEN}|{_QUOTED}")\s*+)?(?=;|$)', re.DOTALL)
# A quote that is never closed reaches to the end.
_RANGES = re.compile(rf'(?:[^,"]|{_QUOTED}\\?(?:"|$))++', re.DOTALL)
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
# A header longer than this is parsed anew each time: what is kept must not grow with what strangers send.
_KEPT_LENGTH = 200


class MediaType(NamedTuple):
    """A media type in lower case, and its parameters by lower-case name. `name` is empty if it cannot be read."""

    name: str
    parameters: Mapping[str, str]


def content_type(header: bytes) -> MediaType:
    """What a Content-Type header says."""
    return _kept_media_type(header) if len(header) <= _KEPT_LENGTH else _media_type(header.decode("latin-1"))


def chosen(accept: bytes, offers: tuple[str, ...]) -> str | None:
    """The offer that an Accept header asks for; the first if there is no header, None if none will do.

    The highest quality wins, then the most exact range, then the range that stands first, then the first offer.
    """
    if not accept:
        return offers[0]
    return _kept_choice(accept, offers) if len(accept) <= _KEPT_LENGTH else _choice(accept, offers)


@lru_cache(maxsize=256)
def _kept_media_type(header: bytes) -> MediaType:
    return _media_type(header.decode("latin-1"))


@lru_cache(maxsize=256)
def _kept_choice(accept: bytes, offers: tuple[str, ...]) -> str | None:
    return _choice(accept, offers)


def _media_type(text: str) -> MediaType:
    name = _NAME.match(text)
    if name is None:
        return MediaType("", {})
    place, parameters = name.end(), dict[str, str]()
    while place < len(text):
        found = _PARAMETER.match(text, place)
        if found is None:
            return MediaType("", {})
        if found[1]:
            parameters.setdefault(found[1].lower(), _unquoted(found[2]))
        place = found.end()
    return MediaType(name[1].lower(), parameters)


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _choice(accept: bytes, offers: Sequence[str]) -> str | None:
    ranges = [_media_type(part) for part in _RANGES.findall(accept.decode("latin-1"))]
    best: tuple[float, int, int] | None = None
    choice: str | None = None
    for offer in offers:
        rank = _rank(offer, ranges)
        if rank is not None and rank[0] > 0 and (best is None or rank > best):
            best, choice = rank, offer
    return choice


def _rank(offer: str, ranges: Sequence[MediaType]) -> tuple[float, int, int] | None:
    """Quality, exactness and place (earlier is higher) of the most exact range that covers `offer`."""
    exactness = {"*/*": 0, f"{offer.partition('/')[0]}/*": 1, offer: 2}
    found: tuple[int, int, float] | None = None
    for place, wanted in enumerate(ranges):
        quality = wanted.parameters.get("q", "1")
        if wanted.name in exactness and _QUALITY.fullmatch(quality):
            here = (exactness[wanted.name], -place, float(quality))
            found = here if found is None else max(found, here)
    return None if found is None else (found[2], found[0], found[1])
