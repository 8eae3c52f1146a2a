"""Costs of a region: whose are counted, when they are told, and to whom."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import pulumi
import pulumi_aws as aws
import pytest

from components.monitoring.aws_costs import AwsCosts, AwsCostsArgs, anomaly_usd
from tests.components.monitoring.parts import STACK, TOPIC
from tests.recorder import Graph, record

ARGS = AwsCostsArgs(stack=STACK, stacks=(f"{STACK}-models", STACK), monthly_usd=5000, topic_arn=TOPIC)


@cache
def costs() -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        AwsCosts("costs", ARGS, pulumi.ResourceOptions(provider=provider))

    return record(program)


def test_a_month_s_budget_counts_what_bears_the_tags_of_the_region_s_stacks() -> None:
    budget = costs().one("Budget")
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == ("5000", "USD", "MONTHLY")
    tags = [f"user:homeport:stack${STACK}", f"user:homeport:stack${STACK}-models"]
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": tags}]


def test_credits_and_refunds_do_not_hide_what_is_used() -> None:
    assert costs().one("Budget")["costTypes"] == {"includeCredit": False, "includeRefund": False}


def test_the_topic_hears_of_four_fifths_and_all_of_it_spent_and_of_all_of_it_foreseen() -> None:
    told = costs().one("Budget")["notifications"]
    assert {(n["notificationType"], n["threshold"]) for n in told} == {
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    }
    assert {tuple(n["subscriberSnsTopicArns"]) for n in told} == {(TOPIC,)}


def test_unusual_costs_of_the_same_stacks_are_watched() -> None:
    looked_at = json.loads(costs().one("AnomalyMonitor")["monitorSpecification"])
    assert looked_at == {
        "Tags": {"Key": "homeport:stack", "MatchOptions": ["EQUALS"], "Values": [STACK, f"{STACK}-models"]}
    }


def test_an_anomaly_is_told_at_once_when_it_has_cost_a_twentieth_of_the_budget() -> None:
    told = costs().one("AnomalySubscription")
    assert (told["frequency"], told["subscribers"]) == ("IMMEDIATE", [{"address": TOPIC, "type": "SNS"}])
    assert told["thresholdExpression"]["dimension"]["values"] == ["250"]
    assert anomaly_usd(3) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [({"monthly_usd": 0}, "monthly_usd: got 0; allowed: 1 or more"), ({"stacks": ()}, "allowed: one or more names")],
)
def test_a_budget_of_nothing_or_for_nobody_is_refused(change: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(ARGS, **change)
