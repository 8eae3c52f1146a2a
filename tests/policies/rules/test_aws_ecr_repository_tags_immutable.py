"""Rule: tags of ECR repositories do not move."""

from __future__ import annotations

import pytest

from policies.rules.aws_ecr_repository_tags_immutable import RULE
from tests.policies.asking import UNKNOWN, ask

REPOSITORY = "aws:ecr/repository:Repository"
REST = "allowed: IMMUTABLE; set imageTagMutability to IMMUTABLE"


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:ecrpublic/repository:Repository", {}) == []


def test_immutable_tags_pass() -> None:
    assert ask(RULE, REPOSITORY, {"imageTagMutability": "IMMUTABLE"}) == []


@pytest.mark.parametrize("value", ["MUTABLE", "IMMUTABLE_WITH_EXCLUSION"])
def test_tags_that_may_move_fail(value: str) -> None:
    assert ask(RULE, REPOSITORY, {"imageTagMutability": value}) == [
        f"it ({REPOSITORY}): imageTagMutability: got {value}; {REST}"
    ]


def test_a_field_left_out_lets_tags_move() -> None:
    assert ask(RULE, REPOSITORY, {}) == [f"it ({REPOSITORY}): imageTagMutability: got nothing (MUTABLE); {REST}"]


def test_one_not_known_in_an_update_fails() -> None:
    assert len(ask(RULE, REPOSITORY, {"imageTagMutability": UNKNOWN})) == 1
