"""What AWS says when a quota is used up, by type: the words a user reads, with the quota's name where AWS tells it.

Error codes compared on 2026-11-24 with those of the create calls in botocore 1.44.5; the texts after them are from
knowledge, with example numbers. A type without a row gives a text of the same kind.
"""

from __future__ import annotations

from collections.abc import Mapping

_TEXTS: Mapping[str, str] = {
    "aws:apigateway/restApi:RestApi": "TooManyRequestsException: Maximum number of Regional APIs per account reached",
    "aws:batch/computeEnvironment:ComputeEnvironment": (
        "ClientException: Error executing request: the limit of compute environments per account is reached"
    ),
    "aws:dynamodb/table:Table": (
        "LimitExceededException: Subscriber limit exceeded: There is a limit of 2500 tables per subscriber"
    ),
    "aws:ec2/eip:Eip": "AddressLimitExceeded: The maximum number of addresses has been reached.",
    "aws:ec2/natGateway:NatGateway": "NatGatewayLimitExceeded: The maximum number of NAT Gateways has been reached.",
    "aws:ec2/vpc:Vpc": "VpcLimitExceeded: The maximum number of VPCs has been reached.",
    "aws:eks/nodeGroup:NodeGroup": (
        "ResourceLimitExceededException: Nodegroups per cluster limit of 30 reached for cluster"
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "NodeQuotaForCustomerExceeded: You have exceeded your quota of nodes per Region"
    ),
    "aws:kinesis/stream:Stream": (
        "LimitExceededException: This request would exceed the shard limit for the account. The account limit of 200 "
        "shards is reached"
    ),
    "aws:lambda/function:Function": (
        "InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [100]."
    ),
    "aws:sagemaker/endpoint:Endpoint": (
        "ResourceLimitExceeded: The account-level service limit 'ml.g5.xlarge for endpoint usage' is 0 Instances, with "
        "current utilization of 0 Instances and a request delta of 1 Instances. Please use AWS Service Quotas to "
        "request an increase for this quota."
    ),
}


def quota_text(token: str) -> str:
    """The refusal to create a thing of this type for want of quota."""
    kind = token.rpartition(":")[2]
    return _TEXTS.get(token, f"LimitExceededException: the account's quota for {kind} is used up")
