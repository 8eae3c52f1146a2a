"""An alarm of the table, declared: one plain metric where it can be, metric math where it must be."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.monitoring.aws_alarms import Alarm, Metric


def declare_alarm(
    name: str,
    physical: str,
    alarm: Alarm,
    *,
    actions: list[pulumi.Input[str]],
    tags: dict[str, str] | None = None,
    opts: pulumi.ResourceOptions,
) -> aws.cloudwatch.MetricAlarm:
    """Told to `actions` when it is raised and when it is over."""
    queries = [*metric_queries(alarm), *_result(alarm)]
    return aws.cloudwatch.MetricAlarm(
        name,
        name=physical,
        alarm_description=alarm.description,
        metric_queries=queries,
        comparison_operator=alarm.comparison,
        threshold=alarm.threshold,
        evaluation_periods=alarm.periods,
        datapoints_to_alarm=alarm.breaching,
        treat_missing_data=alarm.silence,
        alarm_actions=actions,
        ok_actions=actions,
        tags=tags,
        opts=opts,
    )


def declare_plain_alarm(
    name: str,
    physical: str,
    alarm: Alarm,
    *,
    actions: list[pulumi.Input[str]],
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
) -> aws.cloudwatch.MetricAlarm:
    """The same on one metric named directly, which is all that a Route 53 health check can follow.

    Raises ValueError for an alarm that needs more: an expression, or fewer bad periods than it looks at.
    """
    metric = plain_metric(alarm)
    return aws.cloudwatch.MetricAlarm(
        name,
        name=physical,
        alarm_description=alarm.description,
        namespace=metric.namespace,
        metric_name=metric.name,
        statistic=metric.statistic,
        dimensions=metric.dimensions,
        period=alarm.period_s,
        comparison_operator=alarm.comparison,
        threshold=alarm.threshold,
        evaluation_periods=alarm.periods,
        treat_missing_data=alarm.silence,
        alarm_actions=actions,
        ok_actions=actions,
        tags=tags,
        opts=opts,
    )


def plain_metric(alarm: Alarm) -> Metric:
    """The one metric of an alarm that needs nothing else."""
    if len(alarm.metrics) != 1 or alarm.expression is not None or alarm.breaching != alarm.periods:
        raise ValueError(f"alarm {alarm.key}: got more than a plain metric; allowed: one metric, every period bad")
    return next(iter(alarm.metrics.values()))


def metric_queries(alarm: Alarm) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """The alarm's metrics, as inputs of its expression where it has one."""
    return [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=key,
            return_data=alarm.expression is None,
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=metric.namespace,
                metric_name=metric.name,
                stat=metric.statistic,
                period=alarm.period_s,
                dimensions=metric.dimensions,
            ),
        )
        for key, metric in alarm.metrics.items()
    ]


def _result(alarm: Alarm) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    if alarm.expression is None:
        return []
    return [aws.cloudwatch.MetricAlarmMetricQueryArgs(id="result", expression=alarm.expression, return_data=True)]
