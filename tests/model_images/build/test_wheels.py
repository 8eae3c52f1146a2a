"""Which wheel of a version is taken."""

from __future__ import annotations

import itertools

import pytest

from model_images.build.platforms import PLATFORMS
from model_images.build.wheels import Wheel, best_wheel

AMD64, ARM64 = PLATFORMS["linux/amd64"], PLATFORMS["linux/arm64"]


def wheel(tags: str) -> Wheel:
    return Wheel(file=f"name-1.0-{tags}.whl", sha256="0")


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("py3-none-any", "cp311-cp311-manylinux_2_17_x86_64"),
        ("cp39-abi3-manylinux2014_x86_64", "cp311-cp311-manylinux2014_x86_64"),
        ("cp38-abi3-manylinux2014_x86_64", "cp310-abi3-manylinux2014_x86_64"),
        ("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", "cp311-cp311-manylinux_2_28_x86_64"),
        ("py3-none-any", "py3-none-manylinux_2_17_x86_64"),
    ],
)
def test_the_more_special_wheel_is_taken_in_any_order(worse: str, better: str) -> None:
    for order in itertools.permutations((wheel(worse), wheel(better))):
        assert best_wheel(order, AMD64) == wheel(better)


@pytest.mark.parametrize(
    "tags",
    [
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp312-abi3-manylinux_2_17_x86_64",
        "cp311-cp311-manylinux_2_34_x86_64",
        "cp311-cp311-musllinux_1_2_x86_64",
        "cp311-cp311-macosx_11_0_arm64",
        "cp311-cp311-win_amd64",
        "cp311-cp311t-manylinux_2_17_x86_64",
        "pp311-pypy311_pp73-manylinux_2_17_x86_64",
        "py2-none-any",
        "py312-none-any",
    ],
)
def test_a_wheel_that_would_not_load_is_not_taken(tags: str) -> None:
    assert best_wheel([wheel(tags)], AMD64) is None


def test_each_platform_gets_its_own() -> None:
    wheels = [wheel("cp311-cp311-manylinux2014_x86_64"), wheel("cp311-cp311-manylinux2014_aarch64")]
    assert [best_wheel(wheels, platform) for platform in (AMD64, ARM64)] == wheels


def test_a_build_number_is_no_obstacle() -> None:
    named = Wheel(file="name-1.0-2-py2.py3-none-any.whl", sha256="0")
    assert best_wheel([named], ARM64) == named
