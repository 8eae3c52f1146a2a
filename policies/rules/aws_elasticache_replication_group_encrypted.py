"""A cache that holds what models answered is sealed on the way and at rest, and lets nobody in without a login."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Resource, Unknown, Value
from policies.rule import Rule

_TRUE = (True, "true")  # one of the two switches is a text
# Field -> the values that pass, and how they are called. A mode that is left out is `required`; with any other one
# callers may come in clear.
_WANTED: dict[str, tuple[tuple[Value, ...], str]] = {
    "atRestEncryptionEnabled": (_TRUE, "true"),
    "transitEncryptionEnabled": (_TRUE, "true"),
    "transitEncryptionMode": (("required",), "required"),
}
_LOGINS = ("userGroupIds", "authToken", "authTokenWo")


def _judge(resource: Resource) -> Iterator[Finding]:
    for field, (values, allowed) in _WANTED.items():
        value = resource.inputs.get(field)
        fix = f"set {field} to {allowed}"
        if isinstance(value, Unknown):
            yield Finding(path=field, got=NOT_KNOWN_YET, allowed=allowed, fix=fix, undecided=True)
        elif value not in values and not (value is None and field == "transitEncryptionMode"):
            yield Finding(path=field, got="nothing" if value is None else str(value), allowed=allowed, fix=fix)
    if not any(resource.inputs.get(field) for field in _LOGINS):
        yield Finding(
            path="userGroupIds",
            got="nothing",
            allowed="a group of users who log in",
            fix="give it userGroupIds; without, whoever reaches it reads all of it",
        )


RULE = Rule(
    name="aws-elasticache-replication-group-encrypted",
    description="Caches of ElastiCache are encrypted on the way and at rest, and their callers log in.",
    severity=Severity.HIGH,
    tags=("aws", "data"),
    fix="Set atRestEncryptionEnabled and transitEncryptionEnabled to true, and give it a user group.",
    concerns="aws:elasticache/replicationGroup:ReplicationGroup".__eq__,
    judge=_judge,
    url="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/encryption.html",
)
