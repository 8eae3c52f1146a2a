"""What GitHub's two roles may do with a region's monitoring: alarms, topics, rules, dashboards, budgets.

Names tell what is ours: all begin with the environment's. Neither role publishes a message, reads a metric, or
activates a cost allocation tag (the account stack does).
"""

from __future__ import annotations

from components.aws_policies import Statement
from components.naming import aws_partition

MONITORING_SERVICES = ("budgets", "ce", "cloudwatch", "events", "sns")
ANSWERED_ELSEWHERE = ("budgets:*", "ce:*")
"""Budgets and cost anomalies are kept by AWS in one region of its own, wherever they are called from."""

MONITORING_READS = (
    "budgets:ListTagsForResource",
    "budgets:ViewBudget",
    *(f"ce:{name}" for name in ("GetAnomalyMonitors", "GetAnomalySubscriptions", "ListTagsForResource")),
    *(f"cloudwatch:{name}" for name in ("DescribeAlarms", "GetDashboard", "ListTagsForResource")),
    *(f"events:{name}" for name in ("DescribeRule", "ListTagsForResource", "ListTargetsByRule")),
    *(f"sns:{name}" for name in ("GetSubscriptionAttributes", "GetTopicAttributes", "ListTagsForResource")),
)


def monitoring_changes(environment: str, *, region: str, account: str) -> tuple[Statement, ...]:
    """Setting up and taking down. `region`: any of the account's partition."""
    arns = f"arn:{aws_partition(region).name}"
    return (
        Statement(
            sid="Alarms",
            actions=_calls("cloudwatch", "DeleteAlarms PutCompositeAlarm PutMetricAlarm TagResource UntagResource"),
            resources=(f"{arns}:cloudwatch:*:{account}:alarm:{environment}-*",),
        ),
        Statement(
            sid="Dashboards",
            actions=_calls("cloudwatch", "DeleteDashboards PutDashboard"),
            resources=(f"{arns}:cloudwatch::{account}:dashboard/{environment}-*",),
        ),
        Statement(
            sid="Topics",
            actions=_calls("sns", "CreateTopic DeleteTopic SetTopicAttributes Subscribe TagResource UntagResource"),
            resources=(f"{arns}:sns:*:{account}:{environment}-*",),
        ),
        # IAM knows no resource of these two.
        Statement(sid="Receivers", actions=_calls("sns", "SetSubscriptionAttributes Unsubscribe"), resources=("*",)),
        Statement(
            sid="Rules",
            actions=_calls("events", "DeleteRule PutRule PutTargets RemoveTargets TagResource UntagResource"),
            resources=(f"{arns}:events:*:{account}:rule/{environment}-*",),
        ),
        Statement(
            sid="Budgets",
            actions=_calls("budgets", "ModifyBudget TagResource UntagResource"),
            resources=(f"{arns}:budgets::{account}:budget/{environment}-*",),
        ),
        # Their ARNs hold no name.
        Statement(
            sid="CostAnomalies",
            actions=(
                *_calls("ce", "CreateAnomalyMonitor DeleteAnomalyMonitor UpdateAnomalyMonitor"),
                *_calls("ce", "CreateAnomalySubscription DeleteAnomalySubscription UpdateAnomalySubscription"),
                *_calls("ce", "TagResource UntagResource"),
            ),
            resources=("*",),
        ),
    )


def _calls(service: str, names: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in names.split())
