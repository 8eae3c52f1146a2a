"""What shows that a model is at its limits or has stopped, before its callers feel it. Pure.

Each alarm here tells the topic by itself. Those in `ENDS_A_RELEASE` also count for "take the release back".
"""

from __future__ import annotations

from typing import assert_never

from components.model_monitoring.aws_metrics import (
    ApiMetrics,
    EndpointMetrics,
    FunctionMetrics,
    KubernetesMetrics,
    Measured,
    QueueMetrics,
    StreamMetrics,
    alias_dimensions,
    api_dimensions,
    pod_dimensions,
    variant_dimensions,
)
from components.model_monitoring.aws_plain_alarm import above_threshold
from components.model_monitoring.aws_waiting import dead_letters, lag
from components.monitoring.aws_alarms import FIVE_MINUTES, MINUTE, Alarm, Metric

HEALTH = "api-failing"
"""The alarm that Route 53 can follow: it takes one plain metric, no expression, no percentile, no "M out of N"."""

NO_REPLICA = "no-replica"
ENDS_A_RELEASE = (HEALTH, NO_REPLICA)

_FULL_PERCENT = 90
_HALF = 0.5
_REFUSED_FEWEST = 20
_WAITING_S = 900


def saturation(measured: Measured) -> tuple[Alarm, ...]:
    """The alarms of one thing that is measured."""
    match measured:
        case ApiMetrics():
            return _api(measured)
        case EndpointMetrics():
            return _endpoint(measured)
        case FunctionMetrics():
            return _function(measured)
        case KubernetesMetrics():
            return _kubernetes(measured)
        case StreamMetrics():
            return (lag(measured),)
        case QueueMetrics():
            return (dead_letters(measured),)
        case _:
            assert_never(measured)


def _api(of: ApiMetrics) -> tuple[Alarm, ...]:
    """By the route of calls: among the good answers that health checkers get, a hundred a minute, failed calls of a
    model that is seldom called would never be half.
    """
    refused = Metric(namespace="AWS/ApiGateway", name="4XXError", statistic="Sum", dimensions=api_dimensions(of))
    asked = Metric(namespace="AWS/ApiGateway", name="Count", statistic="Sum", dimensions=api_dimensions(of))
    return (
        above_threshold(
            HEALTH,
            "More than half of the calls of the API have failed for 3 minutes: the front door may lead callers away.",
            Metric(namespace="AWS/ApiGateway", name="5XXError", statistic="Average", dimensions=api_dimensions(of)),
            above=_HALF,
            period_s=MINUTE,
            periods=3,
        ),
        Alarm(
            key="api-refused",
            says=(
                "More than half of the calls have been refused (4xx) for 15 minutes: a wrong key or token, a quota or "
                "rate that is used up (429), the firewall (403), or inputs that do not fit. The access log tells which."
            ),
            metrics={"refused": refused, "asked": asked},
            expression=f"IF(refused >= {_REFUSED_FEWEST}, refused / asked, 0)",
            comparison="GreaterThanThreshold",
            threshold=_HALF,
            period_s=FIVE_MINUTES,
            periods=3,
            breaching=3,
            silence="notBreaching",
        ),
    )


def _endpoint(of: EndpointMetrics) -> tuple[Alarm, ...]:
    return (
        *(alarm for variant in of.variants for alarm in _variant(of, variant)),
        *(_backlog(of) if of.form == "async" else ()),
    )


def _variant(of: EndpointMetrics, variant: str) -> tuple[Alarm, ...]:
    """A serverless endpoint tells of memory only, and by its own metric how much of its concurrency is used."""
    dimensions = variant_dimensions(of, variant)

    def full(word: str, name: str, units: int = 1) -> Alarm:
        metric = Metric(namespace="/aws/sagemaker/Endpoints", name=name, statistic="Average", dimensions=dimensions)
        says = f"Variant {variant} has used more than {_FULL_PERCENT} % of its {word} for 15 minutes."
        return above_threshold(f"{variant}-{word.replace(' ', '-')}", says, metric, above=_FULL_PERCENT * units)

    memory = full("memory", "MemoryUtilization")
    if of.form == "serverless":
        return (memory,)
    accelerators = (
        (
            full("accelerators", "GPUUtilization", of.accelerators),
            full("accelerator memory", "GPUMemoryUtilization", of.accelerators),
        )
        if of.accelerators
        else ()
    )
    return (full("processors", "CPUUtilization", of.cpus), memory, full("disk", "DiskUtilization"), *accelerators)


def _backlog(of: EndpointMetrics) -> tuple[Alarm, ...]:
    oldest = Metric(
        namespace="AWS/SageMaker",
        name="ApproximateAgeOfOldestRequest",
        statistic="Maximum",
        dimensions={"EndpointName": of.endpoint},
    )
    says = f"A call has waited for more than {_WAITING_S // 60} minutes: too few machines, or none was to be had."
    return (above_threshold("backlog", says, oldest, above=_WAITING_S),)


def _function(of: FunctionMetrics) -> tuple[Alarm, ...]:
    alias = alias_dimensions(of)

    def metric(name: str, statistic: str) -> Metric:
        return Metric(namespace="AWS/Lambda", name=name, statistic=statistic, dimensions=alias)

    slowest = _FULL_PERCENT * of.timeout_s * 10  # of milliseconds
    alarms = [
        above_threshold(
            "throttled",
            "Calls have been refused for want of concurrency in 3 of 5 minutes: raise scale.replicas.max, or the "
            "account's quota of concurrent executions.",
            metric("Throttles", "Sum"),
            above=0,
            period_s=MINUTE,
            periods=5,
            breaching=3,
        ),
        above_threshold(
            "near-timeout",
            f"For 15 minutes the slowest calls have taken more than {_FULL_PERCENT} % of the {of.timeout_s} s allowed.",
            metric("Duration", "Maximum"),
            above=slowest,
        ),
    ]
    if of.reserved:
        says = f"More than {_FULL_PERCENT} % of the {of.reserved} reserved executions have been in use for 15 minutes."
        running = Metric(
            namespace="AWS/Lambda",
            name="ConcurrentExecutions",
            statistic="Maximum",
            dimensions={"FunctionName": of.function},
        )
        alarms.append(above_threshold("concurrency", says, running, above=_FULL_PERCENT * of.reserved / 100))
    return tuple(alarms)


def _kubernetes(of: KubernetesMetrics) -> tuple[Alarm, ...]:
    return tuple(
        alarm for version, deployment in sorted(of.deployments.items()) for alarm in _pods(of, version, deployment)
    )


def _pods(of: KubernetesMetrics, version: str, deployment: str) -> tuple[Alarm, ...]:
    dimensions = pod_dimensions(of, deployment)

    def metric(name: str, statistic: str) -> Metric:
        return Metric(namespace="ContainerInsights", name=name, statistic=statistic, dimensions=dimensions)

    def full(word: str, name: str) -> Alarm:
        says = f"Pods of {version} have used more than {_FULL_PERCENT} % of their {word} for 15 minutes."
        return above_threshold(
            f"{version}-{word.replace(' ', '-')}", says, metric(name, "Average"), above=_FULL_PERCENT
        )

    restarts = above_threshold(
        f"{version}-restarts",
        f"Containers of {version} have started anew in each of three periods of 5 minutes: out of memory, or crashing.",
        metric("pod_number_of_container_restarts", "Sum"),
        above=0,
    )
    accelerated = (
        (
            full("accelerators", "pod_gpu_utilization"),
            full("accelerator memory", "pod_gpu_memory_utilization"),
        )
        if of.accelerated
        else ()
    )
    ready = (_replicas(of, deployment),) if version == "stable" and of.fewest else ()
    return (
        full("processors", "pod_cpu_utilization_over_pod_limit"),
        full("memory", "pod_memory_utilization_over_pod_limit"),
        *accelerated,
        restarts,
        *ready,
    )


def _replicas(of: KubernetesMetrics, deployment: str) -> Alarm:
    ready = Metric(
        namespace="ContainerInsights",
        name="replicas_ready",
        statistic="Maximum",
        dimensions=pod_dimensions(of, deployment),
    )
    return Alarm(
        key=NO_REPLICA,
        says="No replica has been ready for 5 minutes: look at the pods' events and last log lines.",
        metrics={"ready": ready},
        comparison="LessThanThreshold",
        threshold=1,
        period_s=MINUTE,
        periods=5,
        breaching=5,
        silence="ignore",  # the agent in the cluster may be what fell silent
    )
