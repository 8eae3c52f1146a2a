"""What the stand-in cloud says of topics, alarms, rules, budgets and cost anomalies."""

from __future__ import annotations

from typing import Any

import pytest

from tools.offline.cloud.answers import created
from tools.offline.cloud.aws import KINDS
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.setting import Setting

ACCOUNT = "210987654321"
EU = Setting(account=ACCOUNT, place="eu-west-1", region="eu-west-1")
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:s-alarms"


def answered(token: str, **inputs: Any) -> tuple[str, dict[str, Any]]:
    urn = f"urn:pulumi:s::homeport::{token}::thing"
    answer = created(Asked(token=token, urn=urn, name="thing", inputs=inputs, setting=EU, serial=0))
    return answer.id, answer.outputs


def test_a_topic_is_known_by_its_arn() -> None:
    identifier, outputs = answered("aws:sns/topic:Topic", name="s-alarms")
    assert identifier == outputs["arn"] == TOPIC
    assert outputs["owner"] == ACCOUNT


@pytest.mark.parametrize(("protocol", "waits"), [("email", True), ("https", True), ("sqs", False)])
def test_a_person_or_an_address_confirms_first(protocol: str, waits: bool) -> None:
    identifier, outputs = answered("aws:sns/topicSubscription:TopicSubscription", topic=TOPIC, protocol=protocol)
    assert identifier.startswith(f"{TOPIC}:")
    assert (outputs["pendingConfirmation"], outputs["confirmationWasAuthenticated"]) == (waits, not waits)


@pytest.mark.parametrize(
    ("token", "key", "arn"),
    [
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "name", f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:x"),
        ("aws:cloudwatch/eventRule:EventRule", "name", f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/x"),
        ("aws:budgets/budget:Budget", "name", f"arn:aws:budgets::{ACCOUNT}:budget/x"),
    ],
)
def test_arns_follow_from_names(token: str, key: str, arn: str) -> None:
    assert answered(token, **{key: "x"})[1]["arn"] == arn


def test_a_budget_s_id_holds_its_account() -> None:
    assert answered("aws:budgets/budget:Budget", name="x")[0] == f"{ACCOUNT}:x"


def test_a_dashboard_lies_in_no_region() -> None:
    outputs = answered("aws:cloudwatch/dashboard:Dashboard", dashboardName="x")[1]
    assert outputs["dashboardArn"] == f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/x"


@pytest.mark.parametrize("kind", ["anomalyMonitor:AnomalyMonitor", "anomalySubscription:AnomalySubscription"])
def test_cost_anomalies_lie_in_no_region(kind: str) -> None:
    identifier, outputs = answered(f"aws:costexplorer/{kind}", name="x")
    assert identifier == outputs["arn"]
    assert identifier.startswith(f"arn:aws:ce::{ACCOUNT}:anomaly")


def test_a_cost_allocation_tag_is_known_by_its_key_and_never_replaced() -> None:
    token = "aws:costexplorer/costAllocationTag:CostAllocationTag"
    assert answered(token, tagKey="homeport:stack", status="Active")[0] == "homeport:stack"
    assert KINDS[token].replaces == ()
