"""Which alarms an AWS platform needs, as values. Pure but for the ids of what is watched.

Every metric here is one that AWS publishes by itself and without charge: nothing runs in the cluster for it. That rules
out an Auto Scaling group's own metrics, which someone must switch on. What an alarm does when its metric falls silent
is chosen one by one, and its description tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

MINUTE = 60
FIVE_MINUTES = 300
DAY = 86400

DATABASE_FULL_BYTES = 8 * 1024**3
"""What Kubernetes' own database holds on EKS, from knowledge; full, the API takes no more changes."""

_DATABASE_ALARM_BYTES = DATABASE_FULL_BYTES * 4 // 5

Silence = Literal["breaching", "notBreaching", "ignore"]
_SILENCE_WORDS: Mapping[Silence, str] = {
    "breaching": "No data counts as the alarm.",
    "notBreaching": "No data counts as good.",
    "ignore": "No data leaves the state as it is.",
}


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of one thing."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """`expression` of metric math over the ids of `metrics`; None where there is one metric only.

    The alarm is raised by `breaching` of the last `periods`.
    """

    key: str
    says: str
    metrics: Mapping[str, Metric]
    expression: str | None = None
    comparison: Literal["GreaterThanThreshold", "LessThanThreshold"]
    threshold: float
    period_s: int
    periods: int
    breaching: int
    silence: Silence

    @property
    def description(self) -> str:
        """What the receiver reads: what is wrong, what to do, and what silence means."""
        return f"{self.says} {_SILENCE_WORDS[self.silence]}"


def platform_alarms(
    *,
    cluster: str,
    nodes: Mapping[str, tuple[int, Sequence[pulumi.Input[str]]]],
    gateways: Mapping[str, pulumi.Input[str]],
    certificate_arn: pulumi.Input[str],
) -> tuple[Alarm, ...]:
    """All alarms of one platform.

    `nodes`: by pool, the fewest nodes and its Auto Scaling groups, one a way of getting machines; a pool that may be
    empty has no alarm. `gateways`: NAT gateways by zone.
    """
    return (
        *(_nodes(pool, fewest, groups) for pool, (fewest, groups) in sorted(nodes.items()) if fewest > 0),
        *_control_plane(cluster),
        *(_ports(zone, gateway) for zone, gateway in sorted(gateways.items())),
        _expiry(certificate_arn),
    )


def _nodes(pool: str, fewest: int, groups: Sequence[pulumi.Input[str]]) -> Alarm:
    """Machines that pass EC2's checks, however they came: each reports a status a minute, nought when well.

    A group without a machine reports nothing, which counts as none. That a machine is well does not say that Kubernetes
    calls its node ready; pods that find no node do.
    """
    well = [f"FILL(checked{index}, 0) - FILL(failed{index}, 0)" for index in range(len(groups))]
    return Alarm(
        key=f"nodes-{pool}",
        says=(
            f"Pool {pool} has had fewer than its {fewest} healthy machines for 15 minutes, by all its ways together: "
            "look for no capacity, a quota, or a subnet without addresses in the activities of its Auto Scaling groups."
        ),
        metrics={
            f"{key}{index}": _status(group, statistic)
            for index, group in enumerate(groups)
            for key, statistic in (("checked", "SampleCount"), ("failed", "Sum"))
        },
        expression=f"({' + '.join(well)}) / {FIVE_MINUTES // MINUTE}",
        comparison="LessThanThreshold",
        threshold=fewest,
        period_s=FIVE_MINUTES,
        periods=3,
        breaching=3,
        silence="breaching",
    )


def _status(group: pulumi.Input[str], statistic: str) -> Metric:
    return Metric(
        namespace="AWS/EC2",
        name="StatusCheckFailed",
        statistic=statistic,
        dimensions={"AutoScalingGroupName": group},
    )


def _control_plane(cluster: str) -> tuple[Alarm, ...]:
    """What EKS itself tells of a cluster of version 1.28 or newer (namespace AWS/EKS)."""
    requests = eks_metric(cluster, "apiserver_request_total", "Sum")
    return (
        Alarm(
            key="api-errors",
            says="More than 5 of 100 requests to the Kubernetes API have failed with 5xx for 15 minutes.",
            metrics={"failed": eks_metric(cluster, "apiserver_request_total_5XX", "Sum"), "asked": requests},
            expression="100 * failed / asked",
            comparison="GreaterThanThreshold",
            threshold=5,
            period_s=FIVE_MINUTES,
            periods=3,
            breaching=3,
            silence="notBreaching",
        ),
        Alarm(
            key="api-silent",
            says="The Kubernetes API has answered nobody for 15 minutes, though nodes and add-ons ask it all the time.",
            metrics={"asked": requests},
            comparison="LessThanThreshold",
            threshold=1,
            period_s=FIVE_MINUTES,
            periods=3,
            breaching=3,
            silence="breaching",
        ),
        Alarm(
            key="pods-without-node",
            says="Pods have found no node for 15 minutes: pools are at their maximum, or no capacity is to be had.",
            metrics={"waiting": eks_metric(cluster, "scheduler_pending_pods_UNSCHEDULABLE", "Minimum")},
            comparison="GreaterThanThreshold",
            threshold=0,
            period_s=FIVE_MINUTES,
            periods=3,
            breaching=3,
            silence="notBreaching",
        ),
        Alarm(
            key="api-database",
            says="Kubernetes' database is more than four fifths full; full, the API takes no more changes.",
            metrics={"bytes": eks_metric(cluster, "apiserver_storage_size_bytes", "Maximum")},
            comparison="GreaterThanThreshold",
            threshold=_DATABASE_ALARM_BYTES,
            period_s=FIVE_MINUTES,
            periods=3,
            breaching=3,
            silence="notBreaching",
        ),
    )


def _ports(zone: str, gateway: pulumi.Input[str]) -> Alarm:
    return Alarm(
        key=f"nat-ports-{zone}",
        says=(
            f"The NAT gateway in {zone} refuses connections, as too many to one address are open: reach that service "
            "by an endpoint, keep connections open, or give each zone its gateway (region.network.nat: per_zone)."
        ),
        metrics={
            "refused": Metric(
                namespace="AWS/NATGateway",
                name="ErrorPortAllocation",
                statistic="Sum",
                dimensions={"NatGatewayId": gateway},
            )
        },
        comparison="GreaterThanThreshold",
        threshold=0,
        period_s=MINUTE,
        periods=5,
        breaching=3,
        silence="notBreaching",
    )


def _expiry(certificate_arn: pulumi.Input[str]) -> Alarm:
    """ACM renews by itself more than 30 days before the end, and tells the days left twice a day (from knowledge)."""
    return Alarm(
        key="certificate-expiry",
        says="The models' certificate ends in less than 30 days and was not renewed: is the validation record there?",
        metrics={
            "days": Metric(
                namespace="AWS/CertificateManager",
                name="DaysToExpiry",
                statistic="Minimum",
                dimensions={"CertificateArn": certificate_arn},
            )
        },
        comparison="LessThanThreshold",
        threshold=30,
        period_s=DAY,
        periods=1,
        breaching=1,
        silence="ignore",  # a new certificate has told nothing yet
    )


def eks_metric(cluster: str, name: str, statistic: str) -> Metric:
    """A metric of the control plane."""
    return Metric(namespace="AWS/EKS", name=name, statistic=statistic, dimensions={"ClusterName": cluster})
