"""What can be measured of a model on AWS, by what serves it, and how its calls are counted. Pure.

Names and dimensions are AWS's own, read 2026-11-24: "Amazon API Gateway dimensions and metrics", "Amazon SageMaker AI
metrics in Amazon CloudWatch" and "Monitor asynchronous endpoint", "Types of metrics for Lambda functions". From
knowledge: the dimensions of Container Insights with enhanced observability (`PodName` is the workload's name there),
and that Lambda reports by `Resource` (FUNCTION:ALIAS) and `ExecutedVersion`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from components.monitoring.aws_alarms import Metric

EndpointForm = Literal["realtime", "async", "serverless"]


@dataclass(frozen=True, kw_only=True)
class ApiMetrics:
    """A REST API. `route`: the method and resource through which the model is called, such as ("POST", "/predict").

    Without a route every call of the stage counts, also those of health checkers; with one, the stage must have
    detailed metrics switched on.
    """

    api: str
    stage: str
    route: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class EndpointMetrics:
    """A SageMaker endpoint. `cpus`, `accelerators`: of one of its machines, since their use is told as a sum over all.

    `variants`: those that answer callers, no shadow.
    """

    endpoint: str
    variants: tuple[str, ...]
    form: EndpointForm = "realtime"
    cpus: int = 1
    accelerators: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.variants) <= 2:
            raise ValueError(f"variants: got {self.variants}; allowed: one or two, stable and candidate")
        if self.cpus < 1 or self.accelerators < 0:
            raise ValueError(f"cpus: got {self.cpus}, accelerators: got {self.accelerators}; allowed: 1 and 0 or more")


@dataclass(frozen=True, kw_only=True)
class FunctionMetrics:
    """A Lambda function behind an alias. `reserved`: how many executions it may have at once."""

    function: str
    alias: str
    timeout_s: int
    memory_mib: int
    reserved: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.timeout_s <= 900:
            raise ValueError(f"timeout_s: got {self.timeout_s}; allowed: 1 to 900")


@dataclass(frozen=True, kw_only=True)
class KubernetesMetrics:
    """Pods. `deployments`: by version, such as {"stable": "fraud"}; `fewest`: replicas that must be ready.

    Needs the CloudWatch observability add-on in the cluster.
    """

    cluster: str
    namespace: str
    deployments: Mapping[str, str]
    fewest: int = 1
    accelerated: bool = False

    def __post_init__(self) -> None:
        if not self.deployments:
            raise ValueError("deployments: got none; allowed: one or more, by version")


@dataclass(frozen=True, kw_only=True)
class StreamMetrics:
    """How far a worker is behind its stream. `kind` kinesis: in time; msk: in messages.

    `function`: the Lambda function that reads it; None: pods do, and only Kinesis itself tells how old what they read
    is.
    """

    stream: str
    kind: Literal["kinesis", "msk"] = "kinesis"
    function: str | None = None
    behind_s: int = 300
    behind_messages: int = 10_000

    def __post_init__(self) -> None:
        if self.kind == "msk" and self.function is None:
            raise ValueError("function: got none with kind msk; allowed: the function that reads the topic")


@dataclass(frozen=True, kw_only=True)
class QueueMetrics:
    """An SQS queue of dead letters. `holds`: what lies in it, in the names of alarms."""

    queue: str
    holds: Literal["batches", "calls", "messages"] = "calls"


Measured: TypeAlias = ApiMetrics | EndpointMetrics | FunctionMetrics | KubernetesMetrics | StreamMetrics | QueueMetrics
Counting: TypeAlias = ApiMetrics | EndpointMetrics | FunctionMetrics
"""What counts calls. Pods do not: the load balancer in front of them passes connections, and counts no calls."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """All calls and the bad ones among them, as metric math over `metrics`."""

    metrics: Mapping[str, Metric]
    calls: str
    bad: str

    def share(self, fewest: int) -> str:
        """Percent of bad calls; nought while fewer than `fewest` were bad."""
        return f"IF(({self.bad}) >= {fewest}, 100 * ({self.bad}) / ({self.calls}), 0)"


@dataclass(frozen=True, kw_only=True)
class _Source:
    """One series of calls: those of an API, of a variant, or of an alias."""

    namespace: str
    dimensions: Mapping[str, str]
    failed: str
    latency: str
    units_per_ms: int = 1
    refused: str | None = None  # refused before they ran, and so counted nowhere else
    calls: str = ""  # the metric of calls; without one the samples of `failed`, which reports each call

    def metric(self, name: str, statistic: str) -> Metric:
        return Metric(namespace=self.namespace, name=name, statistic=statistic, dimensions=self.dimensions)


def counting(measured: tuple[Measured, ...]) -> Counting | None:
    """What a caller feels, nearest to the caller first: the API if there is one.

    An asynchronous endpoint itself, API or not: the API only takes calls in, and answers before the model does.
    """
    for one in measured:
        if isinstance(one, EndpointMetrics) and one.form == "async":
            return one
    for kind in (ApiMetrics, EndpointMetrics, FunctionMetrics):
        found = next((one for one in measured if isinstance(one, kind)), None)
        if found is not None:
            return found
    return None


def failed_calls(of: Counting) -> Count:
    """Calls that ended with a server error."""
    metrics: dict[str, Metric] = {}
    calls: list[str] = []
    bad: list[str] = []
    for index, source in enumerate(_sources(of)):
        metrics[f"c{index}"] = _calls(source)
        metrics[f"f{index}"] = source.metric(source.failed, "Sum")
        calls.append(f"FILL(c{index}, 0)")
        bad.append(f"FILL(f{index}, 0)")
        if source.refused:
            metrics[f"r{index}"] = source.metric(source.refused, "Sum")
            calls.append(f"FILL(r{index}, 0)")
            bad.append(f"FILL(r{index}, 0)")
    return Count(metrics=metrics, calls=" + ".join(calls), bad=" + ".join(bad))


def slow_calls(of: Counting, target_ms: int) -> Count:
    """Calls that took longer than `target_ms`, by CloudWatch's percentile rank: the share of values within a range.

    Of an endpoint without an API it is the model's own time: ranks of two metrics, the model's time and SageMaker's,
    cannot be added.
    """
    metrics: dict[str, Metric] = {}
    calls: list[str] = []
    bad: list[str] = []
    for index, source in enumerate(_sources(of)):
        metrics[f"c{index}"] = source.metric(source.latency, "SampleCount")
        metrics[f"w{index}"] = source.metric(source.latency, f"PR(:{target_ms * source.units_per_ms})")
        calls.append(f"FILL(c{index}, 0)")
        bad.append(f"FILL(c{index}, 0) * (100 - FILL(w{index}, 100)) / 100")
    return Count(metrics=metrics, calls=" + ".join(calls), bad=" + ".join(bad))


def latencies(of: Counting) -> tuple[tuple[str, Metric, int], ...]:
    """By series its label, its latency (statistic p99), and how many of the metric's units make a millisecond."""
    return tuple((label(source), source.metric(source.latency, "p99"), source.units_per_ms) for source in _sources(of))


def label(source: _Source) -> str:
    """What tells one series from the other: the variant's name, or the service's word."""
    return source.dimensions.get("VariantName", "calls")


def api_dimensions(api: ApiMetrics) -> dict[str, str]:
    """Those of the stage, or of the one route."""
    stage = {"ApiName": api.api, "Stage": api.stage}
    return stage if api.route is None else {**stage, "Method": api.route[0], "Resource": api.route[1]}


def variant_dimensions(of: EndpointMetrics, variant: str) -> dict[str, str]:
    """Those of one variant."""
    return {"EndpointName": of.endpoint, "VariantName": variant}


def alias_dimensions(of: FunctionMetrics) -> dict[str, str]:
    """Those of the calls that came through the alias, whatever version answered."""
    return {"FunctionName": of.function, "Resource": f"{of.function}:{of.alias}"}


def pod_dimensions(of: KubernetesMetrics, deployment: str) -> dict[str, str]:
    """Those of all pods of one Deployment."""
    return {"ClusterName": of.cluster, "Namespace": of.namespace, "PodName": deployment}


def _calls(source: _Source) -> Metric:
    return source.metric(source.calls, "Sum") if source.calls else source.metric(source.failed, "SampleCount")


def _sources(of: Counting) -> tuple[_Source, ...]:
    match of:
        case ApiMetrics():
            api = _Source(
                namespace="AWS/ApiGateway",
                dimensions=api_dimensions(of),
                calls="Count",
                failed="5XXError",
                latency="Latency",
            )
            return (api,)
        case EndpointMetrics():
            # No `Invocations`: an asynchronous endpoint has none. The errors report each call, as 0 or 1.
            return tuple(
                _Source(
                    namespace="AWS/SageMaker",
                    dimensions=variant_dimensions(of, variant),
                    failed="Invocation5XXErrors",
                    latency="TotalProcessingTime" if of.form == "async" else "ModelLatency",  # with the time in line
                    units_per_ms=1 if of.form == "async" else 1000,
                )
                for variant in of.variants
            )
        case FunctionMetrics():
            function = _Source(
                namespace="AWS/Lambda",
                dimensions=alias_dimensions(of),
                calls="Invocations",
                failed="Errors",
                refused="Throttles",
                latency="Duration",
            )
            return (function,)
