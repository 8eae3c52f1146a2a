"""Residency of what watches a region: alarms and messages stay; budgets and cost anomalies abroad hold no data."""

from __future__ import annotations

import pytest

from tests.policies.residency.verdicts import provider, verdict

VIRGINIA = provider("aws", region="us-east-1")
TOPIC_ABROAD = "arn:aws:sns:us-east-1:123456789012:alarms"


@pytest.mark.parametrize(
    "token",
    [
        "aws:budgets/budget:Budget",
        "aws:costexplorer/anomalyMonitor:AnomalyMonitor",
        "aws:costexplorer/anomalySubscription:AnomalySubscription",
        "aws:costexplorer/costAllocationTag:CostAllocationTag",
    ],
)
def test_sums_of_money_and_names_of_stacks_may_be_kept_by_aws_wherever_it_does(token: str) -> None:
    assert verdict(token, home=VIRGINIA) == []
    assert verdict(token, home=VIRGINIA, jurisdiction="none") == []


@pytest.mark.parametrize(
    "token",
    [
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/eventRule:EventRule",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:sns/topic:Topic",
        "aws:sns/topicSubscription:TopicSubscription",
    ],
)
def test_what_watches_a_region_stands_in_its_jurisdiction(token: str) -> None:
    assert verdict(token) == []
    assert verdict(token, home=VIRGINIA) == ["provider home: region: us-east-1 (US)"]


def test_an_alarm_does_not_speak_to_a_topic_abroad() -> None:
    found = verdict("aws:cloudwatch/metricAlarm:MetricAlarm", {"alarmActions": [TOPIC_ABROAD]})
    assert found == ["alarmActions[0]: us-east-1 (US)"]


def test_an_event_does_not_leave_for_a_topic_abroad() -> None:
    assert verdict("aws:cloudwatch/eventTarget:EventTarget", {"arn": TOPIC_ABROAD}) == ["arn: us-east-1 (US)"]
