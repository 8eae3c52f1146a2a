"""The subnet plan: arithmetic, so properties over many ranges and zones."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.cidr import (
    NARROWEST_PREFIX,
    WIDEST_PREFIX,
    ZONE_LETTERS,
    InvalidNetwork,
    SubnetPlan,
    check_network,
    overlaps,
    plan_subnets,
)

PARENT = IPv4Network("10.20.0.0/16")


@st.composite
def ranges(draw: st.DrawFn) -> IPv4Network:
    prefix = draw(st.integers(WIDEST_PREFIX, NARROWEST_PREFIX))
    index = draw(st.integers(0, 2 ** (prefix - 8) - 1))
    return IPv4Network((10 * 2**24 + index * 2 ** (32 - prefix), prefix))


letters = st.lists(st.sampled_from(ZONE_LETTERS), min_size=1, max_size=6, unique=True)


def zone_names(chosen: list[str]) -> tuple[str, ...]:
    return tuple(f"eu-west-1{letter}" for letter in chosen)


def subnets(plan: SubnetPlan) -> list[IPv4Network]:
    return [subnet for kind in (plan.public, plan.private, plan.intra) for subnet in kind.values()]


@given(ranges(), letters)
def test_every_subnet_lies_inside_the_range(cidr: IPv4Network, chosen: list[str]) -> None:
    assert all(subnet.subnet_of(cidr) for subnet in subnets(plan_subnets(cidr, zone_names(chosen))))


@given(ranges(), letters)
def test_no_two_subnets_overlap(cidr: IPv4Network, chosen: list[str]) -> None:
    pairs = combinations(subnets(plan_subnets(cidr, zone_names(chosen))), 2)
    assert not any(one.overlaps(other) for one, other in pairs)


@given(ranges(), letters, st.data())
def test_adding_a_zone_or_changing_the_order_moves_nothing(
    cidr: IPv4Network, chosen: list[str], data: st.DataObject
) -> None:
    before = plan_subnets(cidr, zone_names(chosen))
    added = data.draw(st.lists(st.sampled_from(ZONE_LETTERS), unique=True))
    after = plan_subnets(cidr, zone_names(data.draw(st.permutations(sorted({*chosen, *added})))))
    for kind in ("public", "private", "intra"):
        assert getattr(before, kind).items() <= getattr(after, kind).items()


@given(ranges(), letters)
def test_every_subnet_is_of_a_size_that_aws_takes_and_eks_can_use(cidr: IPv4Network, chosen: list[str]) -> None:
    plan = plan_subnets(cidr, zone_names(chosen))
    assert all(16 <= subnet.prefixlen <= 28 for subnet in subnets(plan))
    assert all(subnet.num_addresses - 5 >= 16 for subnet in plan.intra.values())  # AWS keeps five of each


def test_a_known_plan_stays_as_it_is() -> None:
    plan = plan_subnets(PARENT, ("eu-west-1b",))
    assert plan.private == {"eu-west-1b": IPv4Network("10.20.32.0/19")}
    assert plan.public == {"eu-west-1b": IPv4Network("10.20.196.0/22")}
    assert plan.intra == {"eu-west-1b": IPv4Network("10.20.226.0/23")}


@pytest.mark.parametrize("zones", [(), ("eu-west-1a", "eu-west-1a"), ("eu-west-1a", "a")])
def test_no_zone_and_a_letter_twice_are_refused(zones: tuple[str, ...]) -> None:
    with pytest.raises(InvalidNetwork, match="need one or more, no letter twice"):
        plan_subnets(PARENT, zones)


@pytest.mark.parametrize("zone", ["eu-west-1", "eu-west-1g", ""])
def test_a_zone_without_a_letter_of_its_own_is_refused(zone: str) -> None:
    with pytest.raises(InvalidNetwork, match="needs to end with a letter of a to f"):
        plan_subnets(PARENT, (zone,))


def test_a_range_that_is_no_plan_is_refused_with_the_reason() -> None:
    with pytest.raises(InvalidNetwork, match=r"^10\.0\.0\.0/24: needs a size of /16 to /20$"):
        plan_subnets(IPv4Network("10.0.0.0/24"), ("a",))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("10.0.0.0/16", None),
        ("100.64.0.0/18", None),
        ("172.31.0.0/20", None),
        ("10.0.0.0/15", "needs a size of /16 to /20"),
        ("10.0.0.0/21", "needs a size of /16 to /20"),
        ("8.8.0.0/16", "needs a private range, inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10"),
    ],
)
def test_a_range_is_judged_by_size_and_privacy(text: str, problem: str | None) -> None:
    assert check_network(IPv4Network(text)) == problem


def test_overlaps_names_each_pair_once() -> None:
    networks = [("one", PARENT), ("two", IPv4Network("10.21.0.0/16")), ("three", IPv4Network("10.20.64.0/18"))]
    assert overlaps(networks) == (("one", "three"),)
