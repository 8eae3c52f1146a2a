"""What applying may do with functions, streams and queues: set them up, and never use them."""

from __future__ import annotations

import pytest

from components.account.aws_boundaries import DELIVERY_SERVICES
from components.account.aws_delivery_functions import FUNCTION_READS, function_changes

CHANGES = {one.sid: one for one in function_changes("prod", region="eu-west-1", account="123456789012")}


@pytest.mark.parametrize("sid", ["Functions", "Streams", "Kafka", "Queues"])
def test_applying_changes_the_environments_own_functions_streams_and_queues_only(sid: str) -> None:
    ours = [one for one in CHANGES[sid].resources if ":event-source-mapping:" not in one]
    assert ours
    assert all("prod-" in resource for resource in ours)


def test_functions_are_tied_to_streams_for_the_environments_own_functions_only() -> None:
    own = ("arn:aws:lambda:*:123456789012:function:prod-*",)
    assert CHANGES["Mappings"].conditions == {"ArnLike": {"lambda:FunctionArn": own}}


def test_a_functions_environment_is_unsealed_by_lambda_only() -> None:
    by_lambda = {"StringLike": {"kms:ViaService": "lambda.*.amazonaws.com"}}
    assert CHANGES["EnvironmentsOfFunctions"].conditions == by_lambda


def test_neither_role_touches_records_messages_or_calls() -> None:
    actions = {*FUNCTION_READS, *(action for one in CHANGES.values() for action in one.actions)}
    calls = {"lambda:InvokeFunction", "kinesis:GetRecords", "kinesis:PutRecords", "sqs:ReceiveMessage"}
    assert not calls & actions
    assert not {"sqs:SendMessage", "sqs:PurgeQueue", "kinesis:GetShardIterator"} & actions


def test_all_lies_below_the_ceiling() -> None:
    called = {action.partition(":")[0] for one in CHANGES.values() for action in one.actions}
    assert called <= set(DELIVERY_SERVICES)
