"""Rule: no grant on Cloud Storage names everyone."""

from __future__ import annotations

import json

import pytest

from policies.rules.gcp_storage_grants_not_public import RULE
from tests.policies.asking import UNKNOWN, ask

MEMBER = "gcp:storage/bucketIAMMember:BucketIAMMember"
REST = "allowed: named members; grant the role to a service account or a group"


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "gcp:cloudrunv2/serviceIamMember:ServiceIamMember", {"member": "allUsers"}) == []


def test_a_named_member_passes() -> None:
    assert ask(RULE, MEMBER, {"member": "group:allUsers@example.com", "bucket": UNKNOWN}) == []


@pytest.mark.parametrize("member", ["allUsers", "allAuthenticatedUsers"])
def test_everyone_fails(member: str) -> None:
    assert ask(RULE, MEMBER, {"member": member}) == [f"it ({MEMBER}): member: got {member}; {REST}"]


@pytest.mark.parametrize(
    ("token", "inputs", "path"),
    [
        ("bucketIAMBinding:BucketIAMBinding", {"members": ["group:a@example.com", "allUsers"]}, "members[1]"),
        (
            "bucketIAMPolicy:BucketIAMPolicy",
            {"policyData": json.dumps({"bindings": [{"members": ["allUsers"]}]})},
            "policyData.bindings[0].members[0]",
        ),
        ("bucketAccessControl:BucketAccessControl", {"entity": "allUsers"}, "entity"),
        ("bucketACL:BucketACL", {"roleEntities": ["READER:allUsers"]}, "roleEntities[0]"),
        ("bucketACL:BucketACL", {"predefinedAcl": "publicRead"}, "predefinedAcl"),
        ("bucketIAMBinding:BucketIAMBinding", {"members": UNKNOWN}, "members"),
    ],
)
def test_every_kind_of_grant_counts(token: str, inputs: dict[str, object], path: str) -> None:
    (message,) = ask(RULE, f"gcp:storage/{token}", inputs)
    assert f": {path}: got" in message
