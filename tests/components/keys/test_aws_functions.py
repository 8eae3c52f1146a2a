"""The key of functions: Lambda for callers of this account, for functions of this stack."""

from __future__ import annotations

from components.keys.aws_services import functions_use

USE = {one.sid: one for one in functions_use("123456789012", "eu-west-1", "demo-aws-eu-west-1")}
VIA = {"kms:CallerAccount": "123456789012", "kms:ViaService": "lambda.eu-west-1.amazonaws.com"}


def test_lambda_takes_its_grants_in_the_callers_name() -> None:
    assert USE["GrantToLambda"].actions == ("kms:CreateGrant", "kms:DescribeKey")
    assert USE["GrantToLambda"].conditions == {"StringEquals": VIA}


def test_environments_of_this_stacks_functions_are_sealed_and_read_by_lambda_only() -> None:
    conditions = USE["UseThroughLambda"].conditions
    assert conditions["StringEquals"] == VIA
    own = "arn:aws:lambda:eu-west-1:123456789012:function:demo-aws-eu-west-1-*"
    assert conditions["StringLike"] == {"kms:EncryptionContext:aws:lambda:FunctionArn": own}
