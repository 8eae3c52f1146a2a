"""Which of a version's wheels an image takes: the most special one that its Python and its glibc can load."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from model_images.build.platforms import GLIBC, PYTHON, Platform

MINOR = int(PYTHON.partition(".")[2])
# The older names of manylinux_2_N (PEP 600).
LEGACY = {"manylinux1": 5, "manylinux2010": 12, "manylinux2014": 17}
Rank = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel by file name and sha256 (hexadecimal)."""

    file: str
    sha256: str


def best_wheel(wheels: Iterable[Wheel], platform: Platform) -> Wheel | None:
    """The wheel for `platform`, none if no wheel fits; the same whatever the order they are told in."""
    ranked = [(rank, wheel.file, wheel) for wheel in wheels if (rank := _rank(wheel.file, platform))]
    return max(ranked, key=lambda row: row[:2])[2] if ranked else None


def _rank(file: str, platform: Platform) -> Rank | None:
    """How well a file name fits, from its tags: `NAME-VERSION[-BUILD]-PYTHONS-ABIS-PLATFORMS.whl` (PEP 427)."""
    parts = file.removesuffix(".whl").split("-")
    if len(parts) < 5:
        return None
    pythons, abis, places = (part.split(".") for part in parts[-3:])
    pairs = [rank for python in pythons for abi in abis if (rank := _python(python, abi))]
    glibcs = [glibc for place in places if (glibc := _glibc(place, platform)) is not None]
    return (*max(pairs), max(glibcs)) if pairs and glibcs else None


def _python(python: str, abi: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"(cp|py)3(\d*)", python)
    if found is None:
        return None
    minor = int(found[2] or 0)
    if (python, abi) == (f"cp3{MINOR}", f"cp3{MINOR}"):
        return 3, minor
    if found[1] == "cp" and abi == "abi3" and minor <= MINOR:
        return 2, minor
    if abi == "none" and (minor <= MINOR if found[1] == "py" else minor == MINOR):
        return 1, minor
    return None


def _glibc(place: str, platform: Platform) -> int | None:
    """The glibc 2.N that a platform tag asks for; 0 for `any`, none where it does not fit."""
    if place == "any":
        return 0
    found = re.fullmatch(rf"(manylinux1|manylinux2010|manylinux2014|manylinux_2_(\d+))_{platform.machine}", place)
    if found is None:
        return None
    glibc = int(found[2]) if found[2] else LEGACY[found[1]]
    return glibc if glibc <= GLIBC else None
