"""Checks of content that cost little and that the AWS provider itself makes: JSON documents, CIDRs, ARNs, names.

Only properties that are surely of the kind are looked at, by their wire name, at every depth. Name rules come from
`components/naming.py`, one table for every room.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from components.naming import check_name
from tools.offline.protocol.values import Properties, Value, is_unknown, unwrap

_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws|)?:.+")


def content_problems(token: str, inputs: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """Path and message of each value whose content the cloud would refuse; types must be right already."""
    for key, value in inputs.items():
        text = unwrap(value)
        if isinstance(text, str) and not is_unknown(text):
            refused = check_name(token, key, text)
            if refused:
                yield key, refused
    metadata = unwrap(inputs.get("metadata"))
    if isinstance(metadata, dict):
        text = unwrap(cast("Properties", metadata).get("name"))
        refused = check_name(token, "metadata.name", text) if isinstance(text, str) and not is_unknown(text) else None
        if refused:
            yield "metadata.name", refused
    if token.startswith("aws:"):
        yield from _walk(inputs, "")


def _walk(value: Value, path: str, key: str = "") -> Iterator[tuple[str, str]]:
    value = unwrap(value)
    if isinstance(value, dict):
        if key.endswith(("tags", "Tags")):  # free words
            return
        for name, inner in cast("Properties", value).items():
            yield from _walk(inner, f"{path}.{name}" if path else name, name)
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[Value]", value)):
            yield from _walk(inner, f"{path}[{index}]", key)
    elif isinstance(value, str) and not is_unknown(value):
        check = _CHECKS.get(key) or (_arn if key.endswith(("Arn", "Arns")) or key == "arn" else None)
        refused = check(value) if check else None
        if refused:
            yield path, refused


def _json(text: str) -> str | None:
    if not text.startswith("{"):
        # `policy` also names things that are no documents: an access policy, a set of allowed ciphers.
        return None if re.fullmatch(r"[\w:/.+=@-]*", text) else "is no JSON document: it must begin with {"
    try:
        json.loads(text)
    except ValueError as error:
        return f"is no JSON document: {error}"
    return None


def _cidr(text: str) -> str | None:
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        return f'got "{text}", want a network such as 10.0.0.0/16: {error}'
    return None if "/" in text else f'got "{text}", want a network with its prefix length, {text}/32'


def _arn(text: str) -> str | None:
    return None if _ARN.fullmatch(text) else f'got "{text}", want an ARN: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE'


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "policy": _json,
    "assumeRolePolicy": _json,
    "policyDocument": _json,
    "cidrBlock": _cidr,
    "cidrBlocks": _cidr,
    "ipv6CidrBlock": _cidr,
    "ipv6CidrBlocks": _cidr,
    "destinationCidrBlock": _cidr,
    "cidrIpv4": _cidr,
    "cidrIpv6": _cidr,
    "publicAccessCidrs": _cidr,
}
