"""IAM documents: statements as values, and their JSON, always the same text for the same statements."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from components.naming import aws_partition

Conditions = Mapping[str, Mapping[str, str | tuple[str, ...]]]
"""Operator (`StringEquals`) -> condition key -> the value, or the values of which one must match."""

WORKLOAD_PATH = "/homeport/"
"""IAM path of every role that a regional stack makes; who deploys may touch this path and no other."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. `principal` belongs to trust and key policies only, where `resources` of a trust policy stay
    empty.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()  # for Deny: everything but these
    not_actions: tuple[str, ...] = ()
    principal: Mapping[str, str] | None = None
    conditions: Conditions = field(default_factory=dict[str, Mapping[str, str | tuple[str, ...]]])
    effect: Literal["Allow", "Deny"] = "Allow"

    def as_json(self) -> dict[str, object]:
        """The statement in IAM's own words, without the parts that it does not have."""
        parts: dict[str, object] = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Principal": dict(self.principal) if self.principal else None,
            "Action": list(self.actions),
            "NotAction": list(self.not_actions),
            "Resource": list(self.resources),
            "NotResource": list(self.not_resources),
            "Condition": {operator: dict(keys) for operator, keys in self.conditions.items()},
        }
        return {key: value for key, value in parts.items() if value}


def document(*statements: Statement) -> str:
    """The policy document of these statements, in their order, keys sorted."""
    body = {"Version": "2012-10-17", "Statement": [statement.as_json() for statement in statements]}
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def service_trust(service: str, conditions: Conditions | None = None) -> str:
    """A role's trust in one service, for example `eks.amazonaws.com`, under these conditions."""
    return document(
        Statement(
            sid="Assume", actions=("sts:AssumeRole",), principal={"Service": service}, conditions=dict(conditions or {})
        )
    )


def pod_trust(*, account: str, cluster_arn: str, namespace: str, service_account: str) -> str:
    """A role's trust in the pods of one service account of one cluster, by EKS Pod Identity.

    EKS names the service account in session tags, so an association of another pod or cluster gets no credentials, even
    in this account.
    """
    return document(
        Statement(
            sid="AssumeByPods",
            actions=("sts:AssumeRole", "sts:TagSession"),
            principal={"Service": "pods.eks.amazonaws.com"},
            conditions={
                "ArnEquals": {"aws:SourceArn": cluster_arn},
                "StringEquals": {
                    "aws:SourceAccount": account,
                    "aws:RequestTag/kubernetes-namespace": namespace,
                    "aws:RequestTag/kubernetes-service-account": service_account,
                },
            },
        )
    )


def arn(service: str, rest: str, *, region: str, account: str) -> str:
    """The ARN of a regional thing, for example arn("eks", "cluster/x", ...); `region` also tells the partition."""
    return f"arn:{aws_partition(region).name}:{service}:{region}:{account}:{rest}"


def bucket_arn(bucket: str, *, region: str) -> str:
    """The ARN of a bucket, which names neither region nor account; `region` only tells the partition."""
    return f"arn:{aws_partition(region).name}:s3:::{bucket}"


def iam_arn(rest: str, *, region: str, account: str) -> str:
    """The ARN of something in IAM, which has no region; `region` only tells the partition. Account `aws`: AWS's own
    policies.
    """
    return f"arn:{aws_partition(region).name}:iam::{account}:{rest}"


def workload_role_arn(name: str, *, region: str, account: str) -> str:
    """The ARN that a role of a regional stack has or will have."""
    return iam_arn(f"role{WORKLOAD_PATH}{name}", region=region, account=account)
