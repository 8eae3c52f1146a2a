"""The subnets of one regional network: a pure plan that stays as it is when a zone is added.

Each zone owns a slot given by its letter (`eu-west-1a` and `europe-west1-a`: slot 0), so neither the number nor the
order of the zones moves a subnet that exists. The address space is cut into eighths:

    eighths 0 to 5      private, one a zone (nodes and pods): /19 of a /16
    eighth 6            public, one a zone in eighths of it (load balancers, NAT): /22 of a /16
    eighth 7            intra, one a zone in sixteenths of it (control plane, endpoints; no way out): /23 of a /16

What is left of eighths 6 and 7 is kept free for kinds of subnet to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

ZONE_LETTERS = "abcdef"
"""No region of AWS or Google Cloud has a zone past `f`, as far as we know (2026-11-24: us-east-1f, us-central1-f)."""

WIDEST_PREFIX, NARROWEST_PREFIX = 16, 20
"""AWS takes networks of /16 to /28; below /20 an intra subnet would hold too few addresses for an EKS control plane."""

_PRIVATE_BITS, _PUBLIC_BITS, _INTRA_BITS = 3, 6, 7
_ALLOWED = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))


class InvalidNetwork(ValueError):
    """An address range or a list of zones that no plan can be made of; the message is for the user."""


@dataclass(frozen=True, kw_only=True)
class SubnetPlan:
    """Subnets by zone, the zones as they were given. No two overlap; all lie inside the network's range."""

    public: Mapping[str, IPv4Network]
    private: Mapping[str, IPv4Network]
    intra: Mapping[str, IPv4Network]


def plan_subnets(cidr: IPv4Network, zones: tuple[str, ...]) -> SubnetPlan:
    """One public, private and intra subnet a zone; raises InvalidNetwork.

    `zones` are zone names or bare letters; each must end with its own letter of a to f.
    """
    problem = check_network(cidr)
    if problem is not None:
        raise InvalidNetwork(f"{cidr}: {problem}")
    slots = {zone: _slot(zone) for zone in zones}
    if not zones or len(set(slots.values())) != len(zones):
        raise InvalidNetwork(f"zones {', '.join(zones) or 'none'}: need one or more, no letter twice")
    return SubnetPlan(
        private={zone: _part(cidr, _PRIVATE_BITS, slot) for zone, slot in slots.items()},
        public={zone: _part(cidr, _PUBLIC_BITS, 6 * 8 + slot) for zone, slot in slots.items()},
        intra={zone: _part(cidr, _INTRA_BITS, 7 * 16 + slot) for zone, slot in slots.items()},
    )


def check_network(cidr: IPv4Network) -> str | None:
    """What makes this range unfit for a regional network, as the words "needs ...", or None."""
    if not WIDEST_PREFIX <= cidr.prefixlen <= NARROWEST_PREFIX:
        return f"needs a size of /{WIDEST_PREFIX} to /{NARROWEST_PREFIX}"
    if not any(cidr.subnet_of(allowed) for allowed in _ALLOWED):
        return f"needs a private range, inside {', '.join(str(allowed) for allowed in _ALLOWED)}"
    return None


def overlaps(networks: Iterable[tuple[str, IPv4Network]]) -> tuple[tuple[str, str], ...]:
    """Pairs of names whose ranges share an address, in the order given."""
    known = tuple(networks)
    return tuple(
        (first, second)
        for index, (first, one) in enumerate(known)
        for second, other in known[index + 1 :]
        if one.overlaps(other)
    )


def _slot(zone: str) -> int:
    slot = ZONE_LETTERS.find(zone[-1:]) if zone else -1
    if slot < 0:
        raise InvalidNetwork(f"zone {zone!r}: needs to end with a letter of {ZONE_LETTERS[0]} to {ZONE_LETTERS[-1]}")
    return slot


def _part(cidr: IPv4Network, bits: int, index: int) -> IPv4Network:
    """Part number `index` of the range cut into 2**bits equal parts."""
    prefix = cidr.prefixlen + bits
    return IPv4Network((int(cidr.network_address) + (index << (32 - prefix)), prefix))
