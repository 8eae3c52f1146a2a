"""A queue for what could not be worked off, so that nothing is lost without anybody knowing.

Owns the queue and the refusal of callers without TLS. Who sends to it and reads from it has the right in its own role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import Statement, arn, document
from components.naming import physical_name

KEPT_S = 14 * 24 * 3600  # the longest that SQS offers
_DATA_KEY_REUSED_S = 300
_HANDLING_S = 300
LONGEST_QUEUE_NAME = 80


@dataclass(frozen=True, kw_only=True)
class AwsDeadLettersArgs:
    """`queue`: its name, which begins with the stack's. `protect`: no `destroy` deletes what is in it."""

    queue: str
    account: str
    region: str
    key_arn: pulumi.Input[str]
    tags: Mapping[str, str]
    protect: bool = False


class AwsDeadLetters(pulumi.ComponentResource):
    """One standard queue, encrypted with the region's key for queues, that keeps messages for 14 days."""

    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    queue: str

    def __init__(self, name: str, args: AwsDeadLettersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:serverless:AwsDeadLetters", name, None, opts)
        kept = pulumi.ResourceOptions(parent=self, protect=args.protect)
        queue = aws.sqs.Queue(
            f"{name}-queue",
            name=args.queue,
            kms_master_key_id=args.key_arn,
            kms_data_key_reuse_period_seconds=_DATA_KEY_REUSED_S,
            message_retention_seconds=KEPT_S,
            visibility_timeout_seconds=_HANDLING_S,
            tags=args.tags,
            opts=kept,
        )
        aws.sqs.QueuePolicy(
            f"{name}-queue", queue_url=queue.url, policy=queue_policy(args.queue, args.account, args.region), opts=kept
        )
        self.arn, self.url, self.queue = queue.arn, queue.url, args.queue
        self.register_outputs({"arn": queue.arn, "url": queue.url})


def queue_name(*parts: str) -> str:
    """The physical name of a queue of dead letters."""
    return physical_name(*parts, "dead", longest=LONGEST_QUEUE_NAME)


def queue_policy(queue: str, account: str, region: str) -> str:
    """A refusal only: no call without TLS."""
    return document(
        Statement(
            sid="NeverWithoutTls",
            effect="Deny",
            actions=("sqs:*",),  # a refusal may be as wide as it likes
            resources=(arn("sqs", queue, region=region, account=account),),
            principal={"AWS": "*"},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
    )


def sending(queue_arn: str, key_arn: str) -> tuple[Statement, ...]:
    """The rights of whoever puts messages into an encrypted queue."""
    return (
        Statement(sid="SendDeadLetters", actions=("sqs:SendMessage",), resources=(queue_arn,)),
        Statement(sid="SealDeadLetters", actions=("kms:Decrypt", "kms:GenerateDataKey"), resources=(key_arn,)),
    )
