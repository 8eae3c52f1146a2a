"""The ranges of Route 53's health checkers."""

from __future__ import annotations

from itertools import combinations

from components.health_checkers import ROUTE53_HEALTH_CHECKERS


def test_all_ranges_are_public_and_none_is_wide() -> None:
    assert all(network.is_global and network.prefixlen >= 18 for network in ROUTE53_HEALTH_CHECKERS)


def test_no_range_holds_another() -> None:
    assert not any(one.overlaps(other) for one, other in combinations(ROUTE53_HEALTH_CHECKERS, 2))


def test_the_newest_range_is_there() -> None:
    assert "15.177.0.0/18" in map(str, ROUTE53_HEALTH_CHECKERS)
    assert len(ROUTE53_HEALTH_CHECKERS) == 17
