"""AWS monitoring and costs: SNS, CloudWatch alarms and dashboards, EventBridge rules, budgets, cost anomalies."""

from __future__ import annotations

from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties


def _subscription(asked: Asked) -> Properties:
    """Its ARN is the topic's with an id of its own; email and https receivers have confirmed nothing yet."""
    arn = f"{asked.inputs.get('topic')}:{Words(asked)['uuid']}"
    waits = str(asked.inputs.get("protocol", "")).startswith(("email", "http"))
    return {"id": arn, "arn": arn, "pendingConfirmation": waits, "confirmationWasAuthenticated": not waits}


KINDS: dict[str, Kind] = {
    "aws:sns/topic:Topic": Kind(
        source="sns/topic.go",
        replaces=("fifoTopic", "name", "namePrefix"),
        id="arn:{partition}:sns:{place}:{account}:{input[name]}",
        arn="{id}",
        outputs={"beginningArchiveTime": "", "owner": "{account}"},
        identity=("name",),
        named="name",
    ),
    "aws:sns/topicSubscription:TopicSubscription": Kind(
        source="sns/topic_subscription.go",
        replaces=("endpoint", "protocol", "topic"),
        compute=_subscription,
        # Asked for twice, SNS answers with the subscription that is there, and two owners undo each other.
        identity=("topic", "protocol", "endpoint"),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Kind(
        source="cloudwatch/metric_alarm.go",
        replaces=("name",),
        id="{input[name]}",
        arn="arn:{partition}:cloudwatch:{place}:{account}:alarm:{input[name]}",
        identity=("name",),
        named="name",
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Kind(
        source="cloudwatch/composite_alarm.go",
        replaces=("actionsEnabled", "alarmName"),
        id="{input[alarmName]}",
        arn="arn:{partition}:cloudwatch:{place}:{account}:alarm:{input[alarmName]}",
        # One name for both kinds of alarm, so neither may take one that the other has; told apart by type here.
        identity=("alarmName",),
    ),
    "aws:cloudwatch/dashboard:Dashboard": Kind(
        source="cloudwatch/dashboard.go",
        replaces=("dashboardName",),
        id="{input[dashboardName]}",
        outputs={"dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{input[dashboardName]}"},
        identity=("dashboardName",),
    ),
    "aws:cloudwatch/eventRule:EventRule": Kind(
        source="events/rule.go",
        replaces=("eventBusName", "name", "namePrefix"),
        id="{input[name]}",
        arn="arn:{partition}:events:{place}:{account}:rule/{input[name]}",
        identity=("eventBusName", "name"),
        named="name",
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Kind(
        source="events/target.go",
        replaces=("eventBusName", "rule", "targetId"),
        id="{input[rule]}-{input[targetId]}",
        imported_as="{rule}/{targetId}",
        identity=("eventBusName", "rule", "targetId"),
    ),
    "aws:budgets/budget:Budget": Kind(
        source="budgets/budget.go",
        replaces=("accountId", "name", "namePrefix"),
        id="{account}:{input[name]}",
        arn="arn:{partition}:budgets::{account}:budget/{input[name]}",
        outputs={"accountId": "{account}", "timePeriodStart": "2026-01-01_00:00"},
        identity=("name",),
        named="name",
    ),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": Kind(
        source="ce/anomaly_monitor.go",
        replaces=("monitorDimension", "monitorSpecification", "monitorType"),
        id="arn:{partition}:ce::{account}:anomalymonitor/{uuid}",
        arn="{id}",
    ),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": Kind(
        source="ce/anomaly_subscription.go",
        replaces=("name",),
        id="arn:{partition}:ce::{account}:anomalysubscription/{uuid}",
        arn="{id}",
        outputs={"accountId": "{account}"},
    ),
    "aws:costexplorer/costAllocationTag:CostAllocationTag": Kind(
        source="ce/cost_allocation_tag.go",
        id="{input[tagKey]}",
        outputs={"type": "UserDefined"},
        identity=("tagKey",),
    ),
}
