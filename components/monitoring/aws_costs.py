"""What one region may cost a month, and who hears when it costs more or otherwise than usual.

Budgets and Cost Anomaly Detection are services of the account, kept by AWS in us-east-1 (China: cn-northwest-1)
wherever they are called from. They hold names of stacks and sums of money, no data of models, so they are allowed in
every jurisdiction; their messages come back to the region's own topic.

Both count what bears the tag `homeport:stack` of the region's stacks, so nothing before that tag is activated for cost
allocation (docs/costs.md), and never what AWS does not tag (traffic between regions, support, tax).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.labels import tag_key
from components.naming import physical_name

_ACTUAL_PERCENT = (80, 100)
_FORECAST_PERCENT = 100
_ANOMALY_SHARE = 20  # an anomaly is told when it has cost a twentieth of the month's budget
_LONGEST_BUDGET_NAME = 100


@dataclass(frozen=True, kw_only=True)
class AwsCostsArgs:
    """`stacks`: those whose costs are counted, by name. `topic_arn`: of the same account; its policy must let both
    services publish.
    """

    stack: str
    stacks: tuple[str, ...]
    monthly_usd: int
    topic_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        if self.monthly_usd < 1:
            raise ValueError(f"monthly_usd: got {self.monthly_usd}; allowed: 1 or more")
        if not self.stacks:
            raise ValueError("stacks: got none; allowed: one or more names of stacks")


class AwsCosts(pulumi.ComponentResource):
    """A monthly budget of what is used, before credits and refunds, and a monitor of unusual costs."""

    def __init__(self, name: str, args: AwsCostsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:monitoring:AwsCosts", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        budget = aws.budgets.Budget(
            f"{name}-budget",
            name=physical_name(args.stack, longest=_LONGEST_BUDGET_NAME),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(args.monthly_usd),
            limit_unit="USD",
            cost_filters=[aws.budgets.BudgetCostFilterArgs(name="TagKeyValue", values=budget_tags(args.stacks))],
            # A credit hides what will be paid when it is used up.
            cost_types=aws.budgets.BudgetCostTypesArgs(include_credit=False, include_refund=False),
            notifications=[
                *(_notification("ACTUAL", percent, args.topic_arn) for percent in _ACTUAL_PERCENT),
                _notification("FORECASTED", _FORECAST_PERCENT, args.topic_arn),
            ],
            opts=child,
        )
        monitor = aws.costexplorer.AnomalyMonitor(
            f"{name}-monitor",
            name=args.stack,
            monitor_type="CUSTOM",  # the other type looks at each service of the account, and is one an account
            monitor_specification=monitored(args.stacks),
            opts=child,
        )
        subscription = aws.costexplorer.AnomalySubscription(
            f"{name}-anomalies",
            name=args.stack,
            frequency="IMMEDIATE",  # the only one that a topic may receive
            monitor_arn_lists=[monitor.arn],
            subscribers=[aws.costexplorer.AnomalySubscriptionSubscriberArgs(type="SNS", address=args.topic_arn)],
            threshold_expression=aws.costexplorer.AnomalySubscriptionThresholdExpressionArgs(
                dimension=aws.costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs(
                    key="ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    match_options=["GREATER_THAN_OR_EQUAL"],
                    values=[str(anomaly_usd(args.monthly_usd))],
                )
            ),
            opts=child,
        )
        self.register_outputs({"budget": budget.name, "anomalies": subscription.arn})


def budget_tags(stacks: tuple[str, ...]) -> list[str]:
    """The tag of each stack as Budgets writes a user's tag."""
    return [f"user:{tag_key('stack')}${stack}" for stack in sorted(stacks)]


def monitored(stacks: tuple[str, ...]) -> str:
    """The Cost Explorer expression of what an anomaly monitor looks at."""
    tags = {"Key": tag_key("stack"), "MatchOptions": ["EQUALS"], "Values": sorted(stacks)}
    return json.dumps({"Tags": tags}, sort_keys=True)


def anomaly_usd(monthly_usd: int) -> int:
    """From which cost on an anomaly is worth a message."""
    return max(1, monthly_usd // _ANOMALY_SHARE)


def _notification(kind: str, percent: int, topic_arn: pulumi.Input[str]) -> aws.budgets.BudgetNotificationArgs:
    return aws.budgets.BudgetNotificationArgs(
        comparison_operator="GREATER_THAN",
        notification_type=kind,
        threshold=percent,
        threshold_type="PERCENTAGE",
        subscriber_sns_topic_arns=[topic_arn],
    )
