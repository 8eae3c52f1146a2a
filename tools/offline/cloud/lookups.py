"""The provider functions (invokes) that our programs call, and what the cloud answers.

A function without a row is refused: a made-up answer would let a program pass that no cloud serves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias, cast

from components.naming import aws_partition
from tools.offline.cloud.setting import Setting
from tools.offline.protocol.values import Properties, Value


class Things(Protocol):
    """What exists already, as far as a lookup may see it."""

    def find(self, token: str, **wanted: Value) -> list[tuple[str, Properties]]:
        """Id and outputs of the things of a type in this account and place whose outputs have these values."""
        ...


class LookupRefused(LookupError):
    """The cloud has no such thing, or the stand-in no such function; the text says which."""


def look_up(token: str, arguments: Mapping[str, Value], setting: Setting, things: Things) -> Properties:
    """The result of the provider function `token`. Raises `LookupRefused`."""
    answer = _ANSWERS.get(token)
    if answer is None:
        raise LookupRefused(
            f"the stand-ins do not know the function {token}: add a row to tools/offline/cloud/lookups.py "
            f"(known: {', '.join(sorted(_ANSWERS))})"
        )
    return {**arguments, **answer(arguments, setting, things)}


def _zones(arguments: Mapping[str, Value], setting: Setting, _things: Things) -> Properties:
    letters = _ZONES.get(setting.region, "abc")
    names = [setting.region + letter for letter in letters]
    # The ids belong to the account: what is `a` for one is `c` for another. Here they are in order.
    short = "".join(part[:2] if index == 0 else part[0] for index, part in enumerate(setting.region.split("-")[:-1]))
    number = setting.region.rpartition("-")[2]
    ids = {f"{short}{number}-az{index + 1}": name for index, name in enumerate(names)}
    for unwanted in arguments.get("excludeZoneIds") or ():
        ids.pop(unwanted, None)
    return {
        "id": setting.region,
        "names": list(ids.values()),
        "zoneIds": list(ids),
        "groupNames": [setting.region],
        "region": setting.region,
    }


def _identity(_arguments: Mapping[str, Value], setting: Setting, _things: Things) -> Properties:
    arn = f"arn:{aws_partition(setting.region).name}:iam::{setting.account}:user/offline"
    return {"id": setting.account, "accountId": setting.account, "arn": arn, "userId": "AIDAOFFLINE"}


def _partition(_arguments: Mapping[str, Value], setting: Setting, _things: Things) -> Properties:
    partition = aws_partition(setting.region)
    reverse = ".".join(reversed(partition.dns_suffix.split(".")))
    return {
        "id": partition.name,
        "partition": partition.name,
        "dnsSuffix": partition.dns_suffix,
        "reverseDnsPrefix": reverse,
    }


def _region(_arguments: Mapping[str, Value], setting: Setting, _things: Things) -> Properties:
    return {"id": setting.region, "name": setting.region, "region": setting.region, "description": setting.region}


def _zone(arguments: Mapping[str, Value], _setting: Setting, things: Things) -> Properties:
    name = str(arguments.get("name", "")).rstrip(".")
    wanted: Properties = {"name": name} if name else {}
    found = [pair for pair in things.find("aws:route53/zone:Zone", **wanted) if _is_zone(pair, arguments)]
    if len(found) != 1:
        many = f"{len(found)} Route 53 hosted zones" if found else "no Route 53 hosted zone"
        raise LookupRefused(f"{many} match {dict(arguments)}; one is wanted: is the account stack up?")
    identifier, outputs = found[0]
    keys = ("arn", "name", "nameServers", "primaryNameServer", "comment", "tags")
    taken = {key: outputs[key] for key in keys if key in outputs}
    return {"id": identifier, "zoneId": identifier, "callerReference": "offline", **taken}


def _is_zone(pair: tuple[str, Properties], arguments: Mapping[str, Value]) -> bool:
    wanted = arguments.get("zoneId")
    private = bool(arguments.get("privateZone", False))
    return (not wanted or pair[0] == wanted) and bool(pair[1].get("vpcs")) == private


def _vpc(arguments: Mapping[str, Value], setting: Setting, things: Things) -> Properties:
    identifier = str(arguments.get("id", ""))
    wanted = [pair for pair in things.find("aws:ec2/vpc:Vpc") if not identifier or pair[0] == identifier]
    if len(wanted) != 1:
        raise LookupRefused(f"{len(wanted)} VPCs match {dict(arguments)} in {setting.place}; one is wanted")
    found, outputs = wanted[0]
    keys = ("arn", "cidrBlock", "enableDnsHostnames", "enableDnsSupport", "mainRouteTableId", "ownerId", "tags")
    return {"id": found, "state": "available", **{key: outputs[key] for key in keys if key in outputs}}


def _subnets(arguments: Mapping[str, Value], setting: Setting, things: Things) -> Properties:
    wanted = _filters(arguments)
    known = {"vpc-id": "vpcId", "availability-zone": "availabilityZone", "cidr-block": "cidrBlock"}
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise LookupRefused(f"the stand-ins filter subnets by {', '.join(sorted(known))} only, not {unknown}")
    ids = [
        identifier
        for identifier, outputs in things.find("aws:ec2/subnet:Subnet")
        if all(outputs.get(known[name]) in values for name, values in wanted.items()) and _has_tags(outputs, arguments)
    ]
    return {"id": setting.region, "ids": sorted(ids)}


def _filters(arguments: Mapping[str, Value]) -> dict[str, list[Value]]:
    filters = cast("list[Mapping[str, Value]]", arguments.get("filters") or [])
    return {str(one.get("name")): cast("list[Value]", one.get("values") or []) for one in filters}


def _has_tags(outputs: Properties, arguments: Mapping[str, Value]) -> bool:
    wanted = cast("Mapping[str, Value]", arguments.get("tags") or {})
    tags = cast("Mapping[str, Value]", outputs.get("tagsAll") or outputs.get("tags") or {})
    return all(tags.get(key) == value for key, value in wanted.items())


def _subnet(arguments: Mapping[str, Value], setting: Setting, things: Things) -> Properties:
    wanted = arguments.get("id")
    found = [pair for pair in things.find("aws:ec2/subnet:Subnet") if not wanted or pair[0] == wanted]
    if len(found) != 1:
        raise LookupRefused(f"{len(found)} subnets match {dict(arguments)} in {setting.place}; one is wanted")
    keys = ("arn", "availabilityZone", "cidrBlock", "mapPublicIpOnLaunch", "vpcId", "tags")
    return {"id": found[0][0], "state": "available", **{key: found[0][1][key] for key in keys if key in found[0][1]}}


def _prefix_list(arguments: Mapping[str, Value], setting: Setting, _things: Things) -> Properties:
    name = str(arguments.get("name") or arguments.get("id"))
    digest = hashlib.sha256(f"{setting.region}|{name}".encode()).hexdigest()
    partition = aws_partition(setting.region).name
    identifier = f"pl-{digest[:8]}"
    return {
        "id": identifier,
        "arn": f"arn:{partition}:ec2:{setting.region}:aws:prefix-list/{identifier}",
        "name": name,
        "addressFamily": "IPv4",
        "maxEntries": 0,
        "version": 1,
        "ownerId": "AWS",
        "entries": [],
    }


def _prebuilt_image(arguments: Mapping[str, Value], setting: Setting, _things: Things) -> Properties:
    repository, tag = str(arguments.get("repositoryName")), str(arguments.get("imageTag") or "1")
    account = "111122223333"  # of AWS's own registry; another one in each region, which only the provider knows
    host = f"{account}.dkr.ecr.{setting.region}.{aws_partition(setting.region).dns_suffix}"
    return {"id": account, "registryId": account, "registryPath": f"{host}/{repository}:{tag}"}


def _addon(arguments: Mapping[str, Value], _setting: Setting, _things: Things) -> Properties:
    name, version = arguments.get("addonName"), arguments.get("kubernetesVersion")
    return {"id": name, "version": f"v{version}.1-eksbuild.1"}


def _parameter(arguments: Mapping[str, Value], setting: Setting, _things: Things) -> Properties:
    name = str(arguments.get("name"))
    digest = hashlib.sha256(f"{setting.region}|{name}".encode()).hexdigest()
    value = f"ami-0{digest[:16]}" if name.endswith("image_id") else f"value-of-{name.rpartition('/')[2]}"
    partition = aws_partition(setting.region).name
    return {
        "id": name,
        "arn": f"arn:{partition}:ssm:{setting.region}:{setting.account}:parameter/{name.lstrip('/')}",
        "type": "String",
        "value": value,
        "insecureValue": value,
        "version": 1,
    }


# Regions whose zones are not simply a, b, c. From knowledge of the AWS documentation ("AWS Availability Zones"), not
# read again (2026-11-24). An account made today sees three zones in most regions, and these in the others.
_ZONES: Mapping[str, str] = {
    "us-east-1": "abcdef", "us-west-2": "abcd", "us-west-1": "ac", "ap-northeast-1": "acd", "ap-northeast-2": "abcd",
    "ca-central-1": "abd",
}  # fmt: skip

_Answer: TypeAlias = Callable[[Mapping[str, Value], Setting, Things], Properties]

_ANSWERS: Mapping[str, _Answer] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:route53/getZone:getZone": _zone,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:eks/getAddonVersion:getAddonVersion": _addon,
    "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage": _prebuilt_image,
    "aws:ssm/getParameter:getParameter": _parameter,
}
