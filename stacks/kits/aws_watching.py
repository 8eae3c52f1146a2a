"""What is watched of a model on AWS, from its file: names are known before what bears them stands.

So the alarms stand first, and a release of a managed endpoint can be held to them.
"""

from __future__ import annotations

from typing import Literal

import pulumi

from components.accelerators import ACCELERATORS, Vendor
from components.api.aws import api_name
from components.api.aws_definition import INVOKE_PATH, STAGE
from components.endpoint.aws_args import endpoint_name
from components.endpoint.aws_configuration import CANDIDATE, STABLE
from components.endpoint.machines import smallest_machine
from components.model_monitoring.aws import AwsModelMonitoring, AwsModelMonitoringArgs
from components.model_monitoring.aws_metrics import (
    ApiMetrics,
    EndpointMetrics,
    FunctionMetrics,
    KubernetesMetrics,
    Measured,
    QueueMetrics,
    StreamMetrics,
    counting,
)
from components.model_monitoring.burn_rates import Slo
from components.serverless.aws import ALIAS
from components.serverless.aws_args import function_name
from components.serverless.aws_dead_letters import queue_name
from components.serverless.aws_limits import memory_mib
from components.serving.model import namespace_of
from components.stream_worker.aws import worker_name
from stacks.contracts import PlatformContract
from stacks.kits.aws import AwsKit
from stacks.settings import ModelSettings, ModelsSettings, Release
from stacks.settings.model_rules import endpoint_size


def model_monitoring(
    kit: AwsKit,
    settings: ModelsSettings,
    model: ModelSettings,
    release: Release,
    platform: pulumi.Output[PlatformContract],
    *,
    function_timeout_s: int,
) -> AwsModelMonitoring:
    """Alarms and dashboard of a model. `function_timeout_s`: as the function gets it, where one serves."""
    measured = measured_of(
        kit.stack,
        model,
        release,
        cluster=settings.platform,
        function_timeout_s=function_timeout_s,
        streams=settings.streams,
    )
    args = AwsModelMonitoringArgs(
        stack=kit.stack,
        region=kit.region,
        model=model.name,
        measured=measured,
        topic_arn=platform.apply(lambda contract: contract.alarm_channel),
        labels=kit.labels,
        slo=promise_of(model, measured),
    )
    return AwsModelMonitoring(f"{model.name}-monitoring", args, kit.opts)


def measured_of(
    stack: str,
    model: ModelSettings,
    release: Release,
    *,
    cluster: str,
    function_timeout_s: int,
    streams: Literal["kinesis", "msk"],
) -> tuple[Measured, ...]:
    """All that there is of a model: what serves it, the API in front of it, its stream, and its schedule of batches.

    `streams`: what the region's are.
    """
    found: list[Measured] = []
    if model.by_api:
        # By its one route: health checkers ask often, and their good answers would hide failed calls.
        found.append(ApiMetrics(api=api_name(stack, model.name), stage=STAGE, route=("POST", INVOKE_PATH)))
    match model.serve_on.aws:
        case "kubernetes":
            found.append(_pods(model, release, cluster))
        case "sagemaker":
            found.append(_endpoint(stack, model, release))
        case "lambda":
            found += _function(stack, model, function_timeout_s)
    if model.stream is not None:
        worker = worker_name(stack, model.name)
        dead = queue_name(stack, model.name, "stream")
        found += [
            StreamMetrics(stream=model.stream.input, kind=streams, function=worker),
            QueueMetrics(queue=dead, holds="messages"),
        ]
    if model.batch is not None:
        found.append(QueueMetrics(queue=queue_name(stack, model.name, "batch"), holds="batches"))
    return tuple(found)


def promise_of(model: ModelSettings, measured: tuple[Measured, ...]) -> Slo | None:
    """None also where nothing counts calls: pods whose load balancer passes connections (docs/known-gaps.md)."""
    if model.slo is None or counting(measured) is None:
        return None
    return Slo(availability=model.slo.availability, latency_p99_ms=model.slo.latency_p99_ms)


def _pods(model: ModelSettings, release: Release, cluster: str) -> KubernetesMetrics:
    """Names of Deployments are those of components/serving/arms.py."""
    candidate = {"candidate": f"{model.name}-candidate"} if release.candidate else {}
    return KubernetesMetrics(
        cluster=cluster,
        namespace=namespace_of(model.name),
        deployments={"stable": model.name, **candidate},
        fewest=model.scale.replicas.min,
        accelerated=_measured_accelerator(model),
    )


def _endpoint(stack: str, model: ModelSettings, release: Release) -> EndpointMetrics:
    """A shadow answers nobody: its calls are no callers'."""
    machine = None if model.mode == "serverless" else smallest_machine(endpoint_size(model))
    answers = release.candidate is not None and not model.shadowed
    return EndpointMetrics(
        endpoint=endpoint_name(stack, model.name),
        variants=(STABLE, CANDIDATE) if answers else (STABLE,),
        form=model.mode,
        cpus=machine.cpus if machine else 1,
        accelerators=machine.accelerators if machine and _measured_accelerator(model) else 0,
    )


def _measured_accelerator(model: ModelSettings) -> bool:
    """Of other vendors' accelerators nothing is told in these metrics."""
    asked = model.resources.accelerator
    return asked is not None and ACCELERATORS[asked.type].vendor is Vendor.NVIDIA


def _function(stack: str, model: ModelSettings, timeout_s: int) -> tuple[Measured, ...]:
    return (
        FunctionMetrics(
            function=function_name(stack, model.name),
            alias=ALIAS,
            timeout_s=timeout_s,
            memory_mib=memory_mib(model.resources.memory_gib),
            reserved=model.scale.replicas.max,
        ),
        QueueMetrics(queue=queue_name(stack, model.name)),
    )
