"""Rule: no access control list of S3 opens a bucket or an object to everyone."""

from __future__ import annotations

import pytest

from policies.rules.aws_s3_bucket_acl_not_public import RULE
from tests.policies.asking import UNKNOWN, ask

ACL = "aws:s3/bucketAcl:BucketAcl"
REST = (
    "allowed: private, or grants to named accounts; remove it; readers get a role, and the bucket's policy names them"
)


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:ec2/networkAcl:NetworkAcl", {"acl": "public-read"}) == []


def test_a_private_list_passes() -> None:
    grants = {"grants": [{"grantee": {"uri": "http://acs.amazonaws.com/groups/s3/LogDelivery"}}]}
    assert ask(RULE, ACL, {"acl": "private", "accessControlPolicy": grants}) == []


@pytest.mark.parametrize("acl", ["public-read", "public-read-write", "authenticated-read"])
def test_a_public_list_fails(acl: str) -> None:
    assert ask(RULE, ACL, {"acl": acl}) == [f"it ({ACL}): acl: got {acl}; {REST}"]


@pytest.mark.parametrize("group", ["AllUsers", "AuthenticatedUsers"])
def test_a_grant_to_everyone_fails(group: str) -> None:
    grants = [{"grantee": {"uri": f"http://acs.amazonaws.com/groups/global/{group}"}}]
    assert ask(RULE, ACL, {"accessControlPolicy": {"grants": grants}}) == [
        f"it ({ACL}): accessControlPolicy.grants[0].grantee.uri: got {group}; {REST}"
    ]


def test_a_list_not_known_in_an_update_fails() -> None:
    assert len(ask(RULE, ACL, {"acl": UNKNOWN})) == 1
