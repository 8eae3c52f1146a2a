"""Monitoring of one AWS platform: the alarm topic, alarms, AWS Health's events, log groups, a dashboard, and costs.

Owns no alarm or dashboard of a model (the models stack does, and speaks to the same topic), not the log groups of the
control plane and of the network (they stand with what writes them), and not the agent that fills the log groups of
containers: it is an add-on of the cluster, and may not make a group, which would have neither key nor end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import pulumi
import pulumi_aws as aws

from components.monitoring.aws_alarms import Alarm, platform_alarms
from components.monitoring.aws_costs import AwsCosts, AwsCostsArgs
from components.monitoring.aws_dashboard import PlatformView, dashboard
from components.monitoring.aws_metric_alarm import declare_alarm
from components.monitoring.aws_topic import AwsAlarmTopic, AwsAlarmTopicArgs, topic_name
from components.monitoring.types import MonitoringOutputs
from components.naming import physical_name

CONTAINER_LOGS_DAYS = 30
_CONTAINER_LOGS = ("application", "dataplane", "host", "performance")
_LONGEST_RULE_NAME = 64
# Of what AWS says about this account in this region: outages, and what it will do to our machines.
_HEALTH_PATTERN = {
    "source": ["aws.health"],
    "detail-type": ["AWS Health Event"],
    "detail": {"eventTypeCategory": ["issue", "scheduledChange"]},
}
_HEALTH_PATHS = {"code": "$.detail.eventTypeCode", "service": "$.detail.service", "start": "$.detail.startTime"}
_HEALTH_TEXT = '"AWS Health: <code> (<service>) from <start>. Open https://health.aws.amazon.com/health/home"'


@dataclass(frozen=True, kw_only=True)
class AwsMonitoringArgs:
    """`nodes`: by pool, the fewest nodes and its Auto Scaling groups, one a way of getting machines, in their order.

    `gateways`: NAT gateways by zone.

    `budget_usd` a month for `billed_stacks`; None: no budget and no watch for unusual costs. `protect_logs`: log groups
    cannot be deleted until it is taken back.
    """

    stack: str
    account: str
    region: str
    cluster: str
    nodes: Mapping[str, tuple[int, Sequence[pulumi.Input[str]]]]
    gateways: Mapping[str, pulumi.Input[str]]
    certificate_arn: pulumi.Input[str]
    alarms_key_arn: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    receivers: tuple[str, ...] = ()
    billed_stacks: tuple[str, ...] = ()
    budget_usd: int | None = None
    protect_logs: bool = False


class AwsMonitoring(pulumi.ComponentResource):
    """`outputs` as any cloud's monitoring gives them."""

    outputs: MonitoringOutputs

    def __init__(self, name: str, args: AwsMonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:monitoring:AwsMonitoring", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        topic = AwsAlarmTopic(
            f"{name}-channel",
            AwsAlarmTopicArgs(
                stack=args.stack,
                account=args.account,
                region=args.region,
                key_arn=args.alarms_key_arn,
                event_rule=health_rule(args.stack),
                receivers=args.receivers,
            ),
            self._child,
        )
        alarms = {alarm.key: self._alarm(alarm, topic.arn).arn for alarm in _alarms(args)}
        self._health(topic.arn)
        self._container_logs()
        shown = self._dashboard(alarms)
        if args.budget_usd is not None:
            costs = AwsCostsArgs(
                stack=args.stack, stacks=args.billed_stacks, monthly_usd=args.budget_usd, topic_arn=topic.arn
            )
            AwsCosts(f"{name}-costs", costs, self._child)
        self.outputs = MonitoringOutputs(alarm_channel=topic.arn, alarms=alarms, dashboard=shown.dashboard_name)
        self.register_outputs(vars(self.outputs))

    def _alarm(self, alarm: Alarm, topic_arn: pulumi.Input[str]) -> aws.cloudwatch.MetricAlarm:
        return declare_alarm(
            f"{self._name}-{alarm.key}",
            alarm_name(self._args.stack, alarm.key),
            alarm,
            actions=[topic_arn],
            opts=self._child,
        )

    def _health(self, topic_arn: pulumi.Input[str]) -> None:
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-health",
            name=health_rule(self._args.stack),
            description=f"{self._args.stack}: what AWS Health says of this account in {self._args.region}",
            event_pattern=json.dumps(_HEALTH_PATTERN, sort_keys=True),
            opts=self._child,
        )
        # No role: the topic's own policy lets EventBridge publish, and with a role an encrypted topic gets nothing
        # ("Using resource-based policies", EventBridge user guide, read 2026-11-24).
        aws.cloudwatch.EventTarget(
            f"{self._name}-health",
            rule=rule.name,
            target_id="alarms",
            arn=topic_arn,
            input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                input_paths=_HEALTH_PATHS, input_template=_HEALTH_TEXT
            ),
            opts=self._child,
        )

    def _container_logs(self) -> None:
        for kind, group in zip(_CONTAINER_LOGS, container_log_groups(self._args.cluster), strict=True):
            aws.cloudwatch.LogGroup(
                f"{self._name}-{kind}",
                name=group,
                retention_in_days=CONTAINER_LOGS_DAYS,
                kms_key_id=self._args.logs_key_arn,
                deletion_protection_enabled=self._args.protect_logs,
                opts=self._child,
            )

    def _dashboard(self, alarms: Mapping[str, pulumi.Output[str]]) -> aws.cloudwatch.Dashboard:
        """A dashboard's name is one an account, wherever it is made: the stack's name is too."""
        args = self._args
        pools, zones = sorted(args.nodes), sorted(args.gateways)
        groups = {pool: args.nodes[pool][1] for pool in pools}
        count = sum(map(len, groups.values()))
        gateways = [args.gateways[zone] for zone in zones]

        def write(ids: list[str]) -> str:
            of_pools, rest = iter(ids[:count]), ids[count:]
            return dashboard(
                PlatformView(
                    stack=args.stack,
                    region=args.region,
                    cluster=args.cluster,
                    topic=topic_name(args.stack),
                    nodes={pool: tuple(next(of_pools) for _ in ways) for pool, ways in groups.items()},
                    gateways=dict(zip(zones, rest, strict=False)),
                    alarms=tuple(rest[len(zones) :]),
                )
            )

        return aws.cloudwatch.Dashboard(
            f"{self._name}-dashboard",
            dashboard_name=args.stack,
            dashboard_body=pulumi.Output.all(*chain(*groups.values()), *gateways, *alarms.values()).apply(write),
            opts=self._child,
        )


def container_log_groups(cluster: str) -> tuple[str, ...]:
    """Into which CloudWatch's agent for EKS writes; their names are fixed by it. The logs key names them."""
    return tuple(f"/aws/containerinsights/{cluster}/{kind}" for kind in _CONTAINER_LOGS)


def alarm_name(stack: str, key: str) -> str:
    """The name of one of the stack's alarms."""
    return physical_name(stack, key, longest=255)


def health_rule(stack: str) -> str:
    """The name of the stack's rule for AWS Health: the topic's policy names it."""
    return physical_name(stack, "health", longest=_LONGEST_RULE_NAME)


def _alarms(args: AwsMonitoringArgs) -> tuple[Alarm, ...]:
    return platform_alarms(
        cluster=args.cluster, nodes=args.nodes, gateways=args.gateways, certificate_arn=args.certificate_arn
    )
