"""Whether an address range is the whole world, or as good as that."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

# A /8 is the largest block that one owner holds; what is wider is a world in pieces (0.0.0.0/1 and 128.0.0.0/1).
_NARROWEST_WORLD_V4 = 7
_NARROWEST_WORLD_V6 = 15


def is_world(text: str) -> bool:
    """True for 0.0.0.0/0, ::/0 and any range wider than one owner has; False for a text that is no range."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        return False
    return network.prefixlen <= (_NARROWEST_WORLD_V4 if isinstance(network, IPv4Network) else _NARROWEST_WORLD_V6)
