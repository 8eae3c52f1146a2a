"""The graphs of a model's dashboard that depend on what serves it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.model_monitoring.aws_lines import formula, hidden, line, number
from components.model_monitoring.aws_metrics import (
    Count,
    Counting,
    EndpointMetrics,
    FunctionMetrics,
    KubernetesMetrics,
    Measured,
    QueueMetrics,
    StreamMetrics,
    alias_dimensions,
    failed_calls,
    pod_dimensions,
    variant_dimensions,
)
from components.model_monitoring.aws_saturation import saturation
from components.monitoring.aws_alarms import Alarm, Metric
from components.monitoring.aws_dashboard import Line

Graph = tuple[str, list[Line]]
_LAMBDA_SCHEMA = "{AWS/Lambda,ExecutedVersion,FunctionName,Resource}"


def versions(measured: tuple[Measured, ...]) -> Iterator[Graph]:
    """Stable and candidate side by side, as far as what serves the model tells them apart."""
    for one in measured:
        match one:
            case EndpointMetrics():
                yield "Versions: calls in 5 minutes", _variants(one, "Invocation5XXErrors", "SampleCount")
                yield "Versions: failed calls in 5 minutes", _variants(one, "Invocation5XXErrors", "Sum")
                yield "Versions: slowest hundredth (microseconds)", _variants(one, "ModelLatency", "p99")
            case FunctionMetrics():
                # By search: a version's number is known only once it is published, and old ones end by themselves.
                yield "Versions: calls in 5 minutes", [_searched(one, "Invocations", "Sum")]
                yield "Versions: failed calls in 5 minutes", [_searched(one, "Errors", "Sum")]
                yield "Versions: slowest hundredth (ms)", [_searched(one, "Duration", "p99")]
            case KubernetesMetrics():
                yield "Versions: replicas that are ready", _deployments(one, "replicas_ready", "Average")
                yield "Versions: containers started anew", _deployments(one, "pod_number_of_container_restarts", "Sum")
            case _:
                pass


def limits(measured: tuple[Measured, ...]) -> Iterator[Graph]:
    """What each alarm of saturation looks at, on the scale of that alarm: 100 is its threshold."""
    for title, kinds in (
        ("Saturation (% of the alarm's threshold)", (EndpointMetrics, FunctionMetrics, KubernetesMetrics)),
        ("Behind and left over (% of the alarm's threshold)", (StreamMetrics, QueueMetrics)),
    ):
        alarms = [alarm for one in measured if isinstance(one, kinds) for alarm in saturation(one)]
        plain = [alarm for alarm in alarms if alarm.expression is None and alarm.comparison == "GreaterThanThreshold"]
        lines = [part for index, alarm in enumerate(plain) for part in _scaled(index, alarm)]
        if lines:
            yield title, lines


def spent(measured: tuple[Measured, ...], of: Counting) -> Iterator[Graph]:
    """What a thousand calls take, in the unit that AWS bills: the price of the unit makes it money (docs/costs.md)."""
    count = failed_calls(of)
    for one in measured:
        match one:
            case EndpointMetrics() if one.form == "serverless":
                used = {f"u{index}": _variant(one, variant, "ModelLatency", "Sum") for index, variant in _numbered(one)}
                yield "1000 calls: seconds of the model's work", _per_thousand(used, "1000000", count)
            case EndpointMetrics():
                # Each machine reports once a minute: the samples are machine minutes.
                used = {
                    f"u{index}": Metric(
                        namespace="/aws/sagemaker/Endpoints",
                        name="CPUUtilization",
                        statistic="SampleCount",
                        dimensions=variant_dimensions(one, variant),
                    )
                    for index, variant in _numbered(one)
                }
                yield "1000 calls: machine hours", _per_thousand(used, "60", count)
            case FunctionMetrics():
                duration = {
                    "u0": Metric(
                        namespace="AWS/Lambda", name="Duration", statistic="Sum", dimensions=alias_dimensions(one)
                    )
                }
                unit = number(1000 * 1024 / one.memory_mib)
                yield "1000 calls: GB-seconds", _per_thousand(duration, unit, count)
            case KubernetesMetrics():
                ready = {
                    f"u{index}": Metric(
                        namespace="ContainerInsights",
                        name="replicas_ready",
                        statistic="Average",
                        dimensions=pod_dimensions(one, deployment),
                    )
                    for index, deployment in enumerate(one.deployments[key] for key in sorted(one.deployments))
                }
                yield "1000 calls: replica hours", _per_thousand(ready, "3600 / PERIOD(u0)", count)
            case _:
                pass


def _per_thousand(used: Mapping[str, Metric], unit: str, count: Count) -> list[Line]:
    """`used` over `unit`, for each thousand calls of the same span."""
    total = " + ".join(f"FILL({key}, 0)" for key in used)
    text = f"1000 * ({total}) / ({unit}) / ({count.calls})"
    return [formula(text, "spent", "spent"), *hidden({**used, **count.metrics})]


def _scaled(index: int, alarm: Alarm) -> list[Line]:
    [metric] = alarm.metrics.values()
    scale = f"100 * m{index} / {number(alarm.threshold)}" if alarm.threshold else f"100 * m{index}"
    return [
        formula(scale, f"s{index}", alarm.key),
        line(metric, id=f"m{index}", visible=False),
    ]


def _numbered(of: EndpointMetrics) -> list[tuple[int, str]]:
    return list(enumerate(of.variants))


def _variant(of: EndpointMetrics, variant: str, name: str, statistic: str) -> Metric:
    return Metric(namespace="AWS/SageMaker", name=name, statistic=statistic, dimensions=variant_dimensions(of, variant))


def _variants(of: EndpointMetrics, name: str, statistic: str) -> list[Line]:
    return [line(_variant(of, variant, name, statistic), label=variant) for variant in of.variants]


def _searched(of: FunctionMetrics, name: str, statistic: str) -> Line:
    words = f'FunctionName="{of.function}" Resource="{of.function}:{of.alias}" MetricName="{name}"'
    return formula(f"SEARCH('{_LAMBDA_SCHEMA} {words}', '{statistic}')", "versions", "")


def _deployments(of: KubernetesMetrics, name: str, statistic: str) -> list[Line]:
    return [
        line(
            Metric(
                namespace="ContainerInsights",
                name=name,
                statistic=statistic,
                dimensions=pod_dimensions(of, deployment),
            ),
            label=version,
        )
        for version, deployment in sorted(of.deployments.items())
    ]
