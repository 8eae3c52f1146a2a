"""Debian's order of versions."""

from __future__ import annotations

import pytest

from model_images.build.debian_versions import compare


# From Debian policy 5.6.12 and versions that stand in the archive.
@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("1.0~rc1", "1.0"),
        ("1.0~~", "1.0~"),
        ("1.9", "1.10"),
        ("1.0", "1.0a"),
        ("1.0a", "1.0+b"),
        ("9", "1:1"),
        ("2.36-9+deb12u9", "2.36-9+deb12u10"),
        ("3.11.2-1", "3.11.2-1+b1"),
        ("20230311", "20230311+deb12u1"),
        ("20250419~deb12u2", "20250419"),
        ("1-2-1", "1-2-2"),
    ],
)
def test_versions_are_ordered_as_debian_orders_them(lower: str, higher: str) -> None:
    assert compare(lower, higher) < 0 < compare(higher, lower)


def test_equal_versions_are_equal() -> None:
    assert compare("1.0-0", "1.0") == compare("0:1.00", "1.0") == 0
