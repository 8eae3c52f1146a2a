"""Who uses the key of the alarm topic: services of AWS that publish there, and nobody directly."""

from __future__ import annotations

from components.aws_policies import Statement, arn

PUBLISHERS = {
    "CloudWatch": "cloudwatch.amazonaws.com",
    "EventBridge": "events.amazonaws.com",
    "Budgets": "budgets.amazonaws.com",
    "CostAnomalyDetection": "costalerts.amazonaws.com",
}
"""By the word in a policy's Sid. Whom they may speak for is said by the topic's own policy."""


def alarms_use(account: str, region: str, topic: str) -> tuple[Statement, ...]:
    """SNS asks KMS in the publisher's name, with the topic's ARN as encryption context.

    That context alone is asked for. The publisher's source is the topic policy's part: that each of these services
    tells it to KMS too is said nowhere, and a condition on what is not told silences every alarm. Who only receives
    needs no right on the key.
    """
    own = arn("sns", topic, region=region, account=account)
    return tuple(
        Statement(
            sid=f"UseBy{word}",
            actions=("kms:Decrypt", "kms:GenerateDataKey"),
            resources=("*",),  # in a key policy the resource is the key itself
            principal={"Service": service},
            conditions={"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": own}},
        )
        for word, service in PUBLISHERS.items()
    )
