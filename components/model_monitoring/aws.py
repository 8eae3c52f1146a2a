"""Monitoring of one model on AWS: its SLO as burn-rate alarms, the one alarm that means "roll back", and a dashboard.

Owns no topic (the platform's monitoring does), no log group, and nothing in the cluster: metrics are those that AWS and
its add-on publish. Alarms may stand before what they watch: until then they have no data, which each treats as its
description tells.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.labels import Labels
from components.model_monitoring.aws_burn_rates import burn_pairs, promises, release_alarms, trickle
from components.model_monitoring.aws_dashboard import ModelView, dashboard
from components.model_monitoring.aws_metrics import ApiMetrics, EndpointMetrics, Measured, QueueMetrics, counting
from components.model_monitoring.aws_saturation import ENDS_A_RELEASE, HEALTH, saturation
from components.model_monitoring.burn_rates import Slo
from components.model_monitoring.types import ModelMonitoringOutputs
from components.monitoring.aws_alarms import Alarm
from components.monitoring.aws_metric_alarm import declare_alarm, declare_plain_alarm
from components.naming import physical_name

_LONGEST = 255


@dataclass(frozen=True, kw_only=True)
class AwsModelMonitoringArgs:
    """`measured`: all that there is of the model, at most one of each kind.

    With an SLO something must count calls: an API, an endpoint or a function. Pods behind a load balancer do not.
    """

    stack: str
    region: str
    model: str
    measured: tuple[Measured, ...]
    topic_arn: pulumi.Input[str]
    labels: Labels
    slo: Slo | None = None

    def __post_init__(self) -> None:
        kinds = [_kind(one) for one in self.measured]
        twice = any(kinds.count(kind) > 1 for kind in kinds)
        if not kinds or twice:
            raise ValueError(f"measured: got {', '.join(kinds) or 'nothing'}; allowed: one or more, each kind once")
        if self.slo is not None and counting(self.measured) is None:
            raise ValueError(
                f"slo: got one for {', '.join(kinds)}; allowed: only with an API, an endpoint or a function, which "
                "count calls"
            )


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """Every alarm once. `pairs`: long and short window, of which both must be raised; `told`: speak for themselves."""

    pairs: tuple[tuple[Alarm, Alarm], ...]
    release: tuple[Alarm, ...]
    told: tuple[Alarm, ...]

    @property
    def rule(self) -> tuple[str | tuple[str, str], ...]:
        """The keys of what means "roll back": alarms, and pairs of them."""
        alone = (alarm.key for alarm in self.told if alarm.key in ENDS_A_RELEASE)
        return (*((long.key, short.key) for long, short in self.pairs), *alone)


class AwsModelMonitoring(pulumi.ComponentResource):
    """`rollback_alarms`: names for SageMaker, which watches them while it shifts traffic; none without an endpoint."""

    outputs: ModelMonitoringOutputs
    rollback_alarms: tuple[str, ...]

    def __init__(self, name: str, args: AwsModelMonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:model_monitoring:AwsModelMonitoring", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._tags = args.labels.model_tags(args.model)
        plan = _plan(args)
        silent = [*(alarm for pair in plan.pairs for alarm in pair), *plan.release]
        declared = {alarm.key: self._alarm(alarm, told=False) for alarm in silent}
        declared |= {alarm.key: self._alarm(alarm, told=True) for alarm in plan.told}
        roll_back = self._roll_back(plan, list(declared.values())) if plan.rule else None
        shown = self._dashboard([*declared.values(), *([roll_back] if roll_back else [])])
        self.rollback_alarms = rollback_alarm_names(args)
        self.outputs = ModelMonitoringOutputs(
            alarms={key: alarm.arn for key, alarm in declared.items()},
            roll_back=roll_back.arn if roll_back else None,
            health_alarm=health_alarm_name(args),
            dashboard=shown.dashboard_name,
        )
        self.register_outputs({**vars(self.outputs), "rollback_alarms": list(self.rollback_alarms)})

    def _alarm(self, alarm: Alarm, *, told: bool) -> aws.cloudwatch.MetricAlarm:
        """One that is not told is a part of others: of the composite alarm, or of a release of SageMaker."""
        declare = declare_plain_alarm if alarm.key == HEALTH else declare_alarm
        return declare(
            f"{self._name}-{alarm.key}",
            model_alarm_name(self._args.stack, self._args.model, alarm.key),
            alarm,
            actions=[self._args.topic_arn] if told else [],
            tags=self._tags,
            opts=self._child,
        )

    def _roll_back(self, plan: _Plan, children: list[aws.cloudwatch.MetricAlarm]) -> aws.cloudwatch.CompositeAlarm:
        args = self._args
        return aws.cloudwatch.CompositeAlarm(
            f"{self._name}-roll-back",
            alarm_name=model_alarm_name(args.stack, args.model, "roll-back"),
            alarm_description=(
                f"Take the last release of {args.model} back in this region: its callers feel it now. No data counts "
                "as good, as in the alarms that it is made of: nobody is rolled back by silence."
            ),
            alarm_rule=composite_rule(args.stack, args.model, plan.rule),
            alarm_actions=[args.topic_arn],
            ok_actions=[args.topic_arn],
            tags=self._tags,
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=children)),
        )

    def _dashboard(
        self, alarms: list[aws.cloudwatch.MetricAlarm | aws.cloudwatch.CompositeAlarm]
    ) -> aws.cloudwatch.Dashboard:
        args = self._args

        def write(arns: list[str]) -> str:
            return dashboard(
                ModelView(
                    model=args.model, region=args.region, measured=args.measured, slo=args.slo, alarms=tuple(arns)
                )
            )

        return aws.cloudwatch.Dashboard(
            f"{self._name}-dashboard",
            dashboard_name=physical_name(args.stack, args.model, longest=_LONGEST),
            dashboard_body=pulumi.Output.all(*(alarm.arn for alarm in alarms)).apply(write),
            opts=self._child,
        )


def model_alarm_name(stack: str, model: str, key: str) -> str:
    """The name of one of a model's alarms in the models stack `stack`."""
    return physical_name(stack, model, key, longest=_LONGEST)


def rollback_alarm_names(args: AwsModelMonitoringArgs) -> tuple[str, ...]:
    """What SageMaker is to watch during a release, at most the ten that it takes."""
    return tuple(model_alarm_name(args.stack, args.model, alarm.key) for alarm in _release(args))


def health_alarm_name(args: AwsModelMonitoringArgs) -> str | None:
    """What a Route 53 health check may follow; None without an API."""
    has_api = any(isinstance(one, ApiMetrics) for one in args.measured)
    return model_alarm_name(args.stack, args.model, HEALTH) if has_api else None


def composite_rule(stack: str, model: str, rule: tuple[str | tuple[str, str], ...]) -> str:
    """The rule in CloudWatch's words: any of these, a pair only with both."""

    def raised(key: str) -> str:
        return f'ALARM("{model_alarm_name(stack, model, key)}")'

    parts = (raised(one) if isinstance(one, str) else f"({raised(one[0])} AND {raised(one[1])})" for one in rule)
    return " OR ".join(parts)


def _kind(one: Measured) -> str:
    """The type; of queues also what they hold."""
    return f"{type(one).__name__} of {one.holds}" if isinstance(one, QueueMetrics) else type(one).__name__


def _plan(args: AwsModelMonitoringArgs) -> _Plan:
    counted = counting(args.measured)
    held = promises(counted, args.slo) if counted is not None and args.slo is not None else ()
    return _Plan(
        pairs=tuple(pair for promise in held for pair in burn_pairs(promise)),
        release=_release(args),
        told=(
            *(trickle(promise) for promise in held),
            *(alarm for one in args.measured for alarm in saturation(one)),
        ),
    )


def _release(args: AwsModelMonitoringArgs) -> tuple[Alarm, ...]:
    endpoints = (one for one in args.measured if isinstance(one, EndpointMetrics))
    return tuple(alarm for endpoint in endpoints for alarm in release_alarms(endpoint, args.slo))
