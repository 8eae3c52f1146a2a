"""The topic to which everything that watches a region speaks: alarms, events of AWS, budgets.

Owns the topic, who may publish to it, and its receivers. Messages name resources, states and sums of money, never what
a model was asked or answered; a receiver may still be anywhere in the world, so texts of alarms stay that way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import Conditions, Statement, arn, document
from components.keys.aws_alarms import PUBLISHERS
from components.naming import aws_partition

_CONFIRM_WITHIN_MINUTES = 1  # the provider does not wait for receivers that confirm by hand


def topic_name(stack: str) -> str:
    """The name of the stack's topic: the alarms key names it."""
    return f"{stack}-alarms"


@dataclass(frozen=True, kw_only=True)
class AwsAlarmTopicArgs:
    """`receivers`: email addresses and https addresses. Each must confirm once; until then it gets nothing.

    An address is no secret: it stands in clear in the state and in the console, and whoever knows it can at most send
    false alarms. An unconfirmed receiver that is taken out again is dropped by SNS after two days.
    """

    stack: str
    account: str
    region: str
    key_arn: pulumi.Input[str]
    event_rule: str  # name of the one EventBridge rule that may publish
    receivers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for receiver in self.receivers:
            if not receiver.startswith("https://") and "@" not in receiver:
                raise ValueError(f"receivers: got {receiver!r}; allowed: email addresses and https:// addresses")


class AwsAlarmTopic(pulumi.ComponentResource):
    """Encrypted with the region's own key, TLS only, messages signed with SHA-256."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: AwsAlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:monitoring:AwsAlarmTopic", name, None, opts)
        topic = aws.sns.Topic(
            f"{name}-topic",
            name=topic_name(args.stack),
            display_name=args.stack,
            kms_master_key_id=args.key_arn,
            signature_version=2,
            policy=topic_policy(args),
            tags={"Name": topic_name(args.stack)},
            opts=pulumi.ResourceOptions(parent=self),
        )
        for receiver in args.receivers:
            protocol = "https" if receiver.startswith("https://") else "email"
            aws.sns.TopicSubscription(
                f"{name}-{protocol}-{hashlib.sha256(receiver.encode()).hexdigest()[:8]}",
                topic=topic.arn,
                protocol=protocol,
                endpoint=receiver,
                confirmation_timeout_in_minutes=_CONFIRM_WITHIN_MINUTES,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.arn = topic.arn
        self.register_outputs({"arn": topic.arn})


def topic_policy(args: AwsAlarmTopicArgs) -> str:
    """Services speak for this account's own alarms, rule, budgets and anomalies; nobody speaks without TLS.

    Users of the account publish and subscribe by their IAM rights alone.
    """
    own = (arn("sns", topic_name(args.stack), region=args.region, account=args.account),)
    speaks_for = _sources(args)
    return document(
        *(
            Statement(
                sid=f"PublishBy{word}",
                actions=("sns:Publish",),
                resources=own,
                principal={"Service": service},
                conditions=speaks_for[word],
            )
            for word, service in PUBLISHERS.items()
        ),
        Statement(
            sid="TlsOnly",
            effect="Deny",
            actions=("sns:Publish", "sns:Subscribe"),
            resources=own,
            principal={"AWS": "*"},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
    )


def _sources(args: AwsAlarmTopicArgs) -> Mapping[str, Conditions]:
    """On whose behalf each service may publish.

    Sources: "Creating an Amazon SNS topic" for budgets and for anomaly notifications (Cost Management user guide) and
    "Using IAM policy conditions" (EventBridge user guide), read 2026-11-24.
    """
    here = {"StringEquals": {"aws:SourceAccount": args.account}}
    alarms = arn("cloudwatch", "alarm:*", region=args.region, account=args.account)
    rule = arn("events", f"rule/{args.event_rule}", region=args.region, account=args.account)
    budgets = f"arn:{aws_partition(args.region).name}:budgets::{args.account}:*"
    return {
        "CloudWatch": {**here, "ArnLike": {"aws:SourceArn": alarms}},
        "EventBridge": {"ArnEquals": {"aws:SourceArn": rule}},
        "Budgets": {**here, "ArnLike": {"aws:SourceArn": budgets}},
        "CostAnomalyDetection": here,
    }
