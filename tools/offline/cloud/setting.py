"""Where a resource is: account, place and cluster, read from its own inputs and those of its provider."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from tools.offline.protocol.values import UNKNOWN, Value, is_unknown, plain
from tools.offline.types.library import resource_shape

EXAMPLE_ACCOUNT = "123456789012"  # the account that AWS's own documentation uses
GLOBAL = "global"

_EKS = re.compile(r"arn:aws[a-z-]*:eks:(?P<place>[a-z0-9-]+):(?P<account>\d{12}):cluster/.+")
_GKE = re.compile(r"projects/(?P<account>[^/]+)/locations/(?P<place>[^/]+)/clusters/.+")
_OTHER = re.compile(r"homeport/(?P<place>[^/]+)(?P<account>)")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """`place` is a region, or `global` for services that have none. `region` is the provider's, also for those."""

    account: str
    place: str
    region: str
    cluster: str = ""


def setting_of(token: str, inputs: Mapping[str, Value], provider: Mapping[str, Value]) -> Setting:
    """The setting of a resource of this type. `provider`: the inputs of its provider, in wire form.

    AWS: the place is the resource's own `region`, else the provider's; the account is the first allowed one, else the
    documentation's example. Kubernetes: both are those that `clusterIdentifier` names (an EKS ARN, a Google resource
    path, or `homeport/PLACE`); a cluster that is not known yet leaves them unknown.
    """
    if token.startswith("kubernetes:"):
        return _of_cluster(str(plain(provider.get("clusterIdentifier")) or ""))
    region = str(plain(provider.get("region")) or "us-east-1")
    accounts = _listed(provider.get("allowedAccountIds"))
    shape = resource_shape(token)
    if shape is not None and "region" not in shape.inputs.properties:
        return Setting(account=accounts, place=GLOBAL, region=region)
    return Setting(account=accounts, place=str(plain(inputs.get("region")) or region), region=region)


def _listed(value: Value) -> str:
    value = plain(value)
    if isinstance(value, str) and not is_unknown(value):
        value = json.loads(value)
    accounts = cast("list[str]", value) if isinstance(value, list) else []
    return accounts[0] if accounts and not is_unknown(accounts[0]) else EXAMPLE_ACCOUNT


def _of_cluster(identifier: str) -> Setting:
    if is_unknown(identifier):
        return Setting(account=UNKNOWN, place=UNKNOWN, region=UNKNOWN, cluster=UNKNOWN)
    for form in (_EKS, _GKE, _OTHER):
        found = form.fullmatch(identifier)
        if found:
            place = found["place"]
            return Setting(account=found["account"], place=place, region=place, cluster=identifier)
    return Setting(account="", place=GLOBAL, region=GLOBAL, cluster=identifier)
