"""No grant on Cloud Storage, by IAM or by an access control list, names everyone."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.documents import parsed
from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Resource, Unknown, walk
from policies.rule import Rule

_EVERYONE = ("allUsers", "allAuthenticatedUsers")
_READY_MADE = frozenset({"authenticatedRead", "publicRead", "publicReadWrite"})
_MEMBERS = frozenset({"entity", "member", "members", "policyData", "predefinedAcl", "roleEntities"})
_ALLOWED = "named members"
_FIX = "grant the role to a service account or a group"


def _judge(resource: Resource) -> Iterator[Finding]:
    inputs = {key: parsed(value) if key == "policyData" else value for key, value in resource.inputs.items()}
    for path, key, leaf in walk(inputs):
        if isinstance(leaf, Unknown) and key in _MEMBERS:
            yield Finding(path=path, got=NOT_KNOWN_YET, allowed=_ALLOWED, fix=_FIX, undecided=True)
        elif isinstance(leaf, str) and key in _MEMBERS and (leaf.endswith(_EVERYONE) or leaf in _READY_MADE):
            yield Finding(path=path, got=leaf.rpartition(":")[2], allowed=_ALLOWED, fix=_FIX)


RULE = Rule(
    name="gcp-storage-grants-not-public",
    description="No grant on Cloud Storage names everyone.",
    severity=Severity.CRITICAL,
    tags=("gcp", "public access"),
    fix=f"Instead of everyone, {_FIX}.",
    concerns=lambda token: token.startswith("gcp:storage/"),
    judge=_judge,
    url="https://cloud.google.com/storage/docs/access-control/making-data-public",
)
