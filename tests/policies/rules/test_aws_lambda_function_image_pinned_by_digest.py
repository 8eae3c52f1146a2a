"""Rule: Lambda functions run images named by digest."""

from __future__ import annotations

from policies.images import ALLOWED, FIX
from policies.rules.aws_lambda_function_image_pinned_by_digest import RULE
from tests.policies.asking import ask

FUNCTION = "aws:lambda/function:Function"
NAME = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud"


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:lambda/alias:Alias", {"imageUri": "a:1"}) == []


def test_a_function_from_an_archive_passes() -> None:
    assert ask(RULE, FUNCTION, {"s3Bucket": "code"}) == []


def test_an_image_by_digest_passes() -> None:
    assert ask(RULE, FUNCTION, {"imageUri": f"{NAME}@sha256:{'0' * 64}"}) == []


def test_an_image_by_tag_fails() -> None:
    assert ask(RULE, FUNCTION, {"imageUri": f"{NAME}:latest"}) == [
        f"it ({FUNCTION}): imageUri: got '{NAME}:latest'; allowed: {ALLOWED}; {FIX}"
    ]
