"""Quota, capacity and throttling are told apart, and each says what to do."""

from __future__ import annotations

import pytest

from fleet.causes import mend
from tools.offline.cloud.quotas import quota_text

TOKENS = """
aws:apigateway/restApi:RestApi aws:dynamodb/table:Table aws:ec2/eip:Eip aws:ec2/natGateway:NatGateway aws:ec2/vpc:Vpc
aws:batch/computeEnvironment:ComputeEnvironment aws:eks/cluster:Cluster aws:eks/nodeGroup:NodeGroup
aws:elasticache/replicationGroup:ReplicationGroup aws:kinesis/stream:Stream aws:lambda/function:Function
aws:sagemaker/endpoint:Endpoint
""".split()


@pytest.mark.parametrize("token", TOKENS)
def test_a_quota_of_any_service_is_known_as_one(token: str) -> None:
    assert mend([quota_text(token)]).startswith("ask for more in Service Quotas")


@pytest.mark.parametrize(
    "text",
    [
        "ThrottlingException: Rate exceeded",
        "exceeded maximum number of attempts, 25, https response error StatusCode: 503, RequestLimitExceeded",
    ],
)
def test_a_throttled_call_wants_less_haste(text: str) -> None:
    assert "--parallel 1" in mend([text])


def test_no_capacity_is_no_quota() -> None:
    said = mend(["InsufficientInstanceCapacity: We currently do not have sufficient p5.48xlarge capacity"])
    assert said.startswith("AWS has no such machines now")


def test_what_is_not_known_is_not_guessed() -> None:
    assert mend(["AccessDenied: not authorized to perform: iam:CreateRole"]) == "mend the cause"
    assert mend([]) == "mend the cause"
