"""Debian's order of versions (Debian policy, 5.6.12): `[epoch:]upstream[-revision]`."""

from __future__ import annotations


def compare(one: str, other: str) -> int:
    """Debian's order of versions: below 0, 0, above 0."""
    (epoch, rest), (epoch_2, rest_2) = _epoch(one), _epoch(other)
    if epoch != epoch_2:
        return epoch - epoch_2
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "0")
    upstream_2, _, revision_2 = rest_2.rpartition("-") if "-" in rest_2 else (rest_2, "", "0")
    return _part(upstream, upstream_2) or _part(revision, revision_2)


def _epoch(version: str) -> tuple[int, str]:
    epoch, colon, rest = version.partition(":")
    return (int(epoch), rest) if colon else (0, version)


def _part(one: str, other: str) -> int:
    """Letters before other signs, `~` before the end itself; digits as numbers."""
    while one or other:
        text, one = _split(one, digits=False)
        text_2, other = _split(other, digits=False)
        places = max(len(text), len(text_2))
        for a, b in zip(_orders(text, places), _orders(text_2, places), strict=True):
            if a != b:
                return a - b
        number, one = _split(one, digits=True)
        number_2, other = _split(other, digits=True)
        if int(number or 0) != int(number_2 or 0):
            return int(number or 0) - int(number_2 or 0)
    return 0


def _split(text: str, *, digits: bool) -> tuple[str, str]:
    length = next((n for n, sign in enumerate(text) if sign.isdigit() != digits), len(text))
    return text[:length], text[length:]


def _orders(text: str, places: int) -> list[int]:
    signs = [-1 if sign == "~" else ord(sign) + (0 if sign.isalpha() else 256) for sign in text]
    return signs + [0] * (places - len(signs))
