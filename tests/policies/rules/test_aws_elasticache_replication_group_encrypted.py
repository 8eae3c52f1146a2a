"""Rule: caches of ElastiCache are encrypted, and their callers log in."""

from __future__ import annotations

from typing import Any

import pytest

from policies.rules.aws_elasticache_replication_group_encrypted import RULE
from tests.policies.asking import UNKNOWN, ask

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
GOOD: dict[str, Any] = {
    "atRestEncryptionEnabled": "true",
    "transitEncryptionEnabled": True,
    "transitEncryptionMode": "required",
    "userGroupIds": ["models"],
}


def without(field: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != field}


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:elasticache/subnetGroup:SubnetGroup", {}) == []


@pytest.mark.parametrize("inputs", [GOOD, without("transitEncryptionMode"), {**GOOD, "atRestEncryptionEnabled": True}])
def test_a_sealed_cache_whose_callers_log_in_passes(inputs: dict[str, Any]) -> None:
    assert ask(RULE, GROUP, inputs) == []


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("atRestEncryptionEnabled", "false", "true"),
        ("transitEncryptionEnabled", False, "true"),
        ("transitEncryptionMode", "preferred", "required"),
    ],
)
def test_one_that_is_not_sealed_fails(field: str, value: object, allowed: str) -> None:
    assert ask(RULE, GROUP, {**GOOD, field: value}) == [
        f"it ({GROUP}): {field}: got {value}; allowed: {allowed}; set {field} to {allowed}"
    ]


@pytest.mark.parametrize("field", ["atRestEncryptionEnabled", "transitEncryptionEnabled"])
def test_a_switch_left_out_fails(field: str) -> None:
    assert ask(RULE, GROUP, without(field)) == [
        f"it ({GROUP}): {field}: got nothing; allowed: true; set {field} to true"
    ]


def test_one_that_lets_everybody_in_fails() -> None:
    said = "userGroupIds: got nothing; allowed: a group of users who log in; "
    fix = "give it userGroupIds; without, whoever reaches it reads all of it"
    assert ask(RULE, GROUP, without("userGroupIds")) == [f"it ({GROUP}): {said}{fix}"]


def test_users_that_are_not_known_yet_are_users() -> None:
    assert ask(RULE, GROUP, {**GOOD, "userGroupIds": UNKNOWN}) == []
