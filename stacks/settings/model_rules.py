"""What each target of AWS cannot do: combinations in a model file that no region could serve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.accelerators import ACCELERATORS, Vendor
from components.endpoint.machines import Size, smallest_machine
from stacks.settings.errors import Complaint

if TYPE_CHECKING:
    from stacks.settings.model import ModelSettings

GATEWAY_LIMIT_MS = 29_000  # Amazon API Gateway, REST APIs: the longest integration timeout without a raised quota
LAMBDA_MEMORY_GIB = 10  # 10,240 MB, AWS Lambda quotas
LAMBDA_MIB_OF_A_CPU = 1769
SERVERLESS_MEMORY_GIB = 6  # 6,144 MB, ServerlessConfig.MemorySizeInMB of SageMaker
_METRICS = {
    "kubernetes": ("cpu_utilization", "memory_utilization"),
    "sagemaker": ("cpu_utilization", "memory_utilization", "gpu_utilization", "queue_length"),
    "lambda": ("cpu_utilization",),  # what stands there by default; a function follows its calls
}
# Amazon SageMaker AI developer guide, "Deploy models with Serverless Inference", feature exclusions.
_NOT_SERVERLESS = ("cache", "capture", "features", "shadow", "drift")
# AWS Fargate task sizes; jobs without an accelerator run there.
JOB_CPU, JOB_MEMORY_GIB = 16, 120
_ENDPOINTS_ONLY = ("shadow", "drift")


def what_the_target_refuses(model: ModelSettings) -> Iterator[Complaint]:
    """One complaint for each thing that the chosen target of AWS does not do."""
    yield from _mode(model)
    yield from _size(model)
    yield from _scale(model)
    yield from _time(model)
    yield from _parts(model)
    yield from _jobs(model)


def endpoint_size(model: ModelSettings) -> Size:
    """What one replica asks of a machine of SageMaker."""
    asked = model.resources.accelerator
    return Size(
        cpu=model.resources.cpu,
        memory_gib=model.resources.memory_gib,
        accelerator=asked.type if asked else None,
        accelerators=asked.count if asked else 0,
    )


def _mode(model: ModelSettings) -> Iterator[Complaint]:
    target = model.serve_on.aws
    if model.mode != "realtime" and target != "sagemaker":
        step = "write realtime" if target == "kubernetes" else "write realtime: a function is serverless by itself"
        yield Complaint("mode", model.mode, f"realtime on {target}; {model.mode} on sagemaker only", step)


def _size(model: ModelSettings) -> Iterator[Complaint]:
    serverless, on_lambda = model.mode == "serverless", model.serve_on.aws == "lambda"
    if not serverless and not on_lambda:
        yield from _machine(model)
        return
    where = "Lambda" if on_lambda else "a serverless endpoint"
    if model.resources.accelerator is not None:
        step = "remove it, or serve on kubernetes or sagemaker in real time"
        yield Complaint("resources.accelerator", model.resources.accelerator.type, f"none on {where}", step)
    most = LAMBDA_MEMORY_GIB if on_lambda else SERVERLESS_MEMORY_GIB
    brought = model.resources.memory_gib * 1024 / LAMBDA_MIB_OF_A_CPU
    if on_lambda and model.resources.cpu > brought + 0.05:
        step = f"ask for {model.resources.cpu * LAMBDA_MIB_OF_A_CPU / 1024:.1f} GiB, or for less CPU"
        allowed = f"at most {brought:.1f}, since on Lambda CPU comes with memory"
        yield Complaint("resources.cpu", model.resources.cpu, allowed, step)
    if model.resources.memory_gib > most:
        step = "serve on kubernetes, or on sagemaker in real time"
        yield Complaint("resources.memory_gib", model.resources.memory_gib, f"at most {most} on {where}", step)


def _machine(model: ModelSettings) -> Iterator[Complaint]:
    """An endpoint's replica has one machine of SageMaker to itself."""
    if model.serve_on.aws != "sagemaker":
        return
    try:
        smallest_machine(endpoint_size(model))
    except ValueError as error:
        got, _, allowed = str(error).partition("; allowed: ")
        yield Complaint("resources", got.partition(": got ")[2], allowed, "ask for less, or serve on kubernetes")


def _scale(model: ModelSettings) -> Iterator[Complaint]:
    target, scale = model.serve_on.aws, model.scale
    wakes = model.mode in ("async", "serverless") or target == "lambda"
    if scale.replicas.min < 1 and not wakes:
        step = "keep one replica at least, or choose mode async or serverless on sagemaker, or lambda"
        yield Complaint("scale.replicas.min", scale.replicas.min, f"1 to 1000 on {target} in real time", step)
    if model.mode == "async" and scale.replicas.min < 1 and "queue_length" not in [m.kind for m in scale.metrics]:
        allowed = "queue_length among them: from none it is calls that wait which wake the first replica"
        yield Complaint(
            "scale.metrics", [metric.kind for metric in scale.metrics], allowed, "add it, or keep one replica"
        )
    for index, metric in enumerate(scale.metrics):
        if metric.kind not in _METRICS[target]:
            allowed = f"on {target}: {', '.join(_METRICS[target])}"
            yield Complaint(f"scale.metrics[{index}]", metric.kind, allowed, "choose one of them")
    if scale.schedule and (target != "sagemaker" or model.mode == "serverless"):
        allowed = "a schedule on sagemaker, realtime or async, only"
        yield Complaint("scale.schedule", list(scale.schedule), allowed, "remove it: replicas follow metrics")


def _time(model: ModelSettings) -> Iterator[Complaint]:
    """A caller who waits at the gateway waits 29 seconds at most."""
    if model.by_api and model.mode != "async" and model.slo and model.slo.latency_p99_ms > GATEWAY_LIMIT_MS:
        allowed = f"at most {GATEWAY_LIMIT_MS}, the API's longest wait"
        step = "write mode: async (serve_on: {aws: sagemaker}), or let networks reach Kubernetes without an API"
        yield Complaint("slo.latency_p99_ms", model.slo.latency_p99_ms, allowed, step)


def _parts(model: ModelSettings) -> Iterator[Complaint]:
    for part in _ENDPOINTS_ONLY:
        if getattr(model, part) is not None and model.serve_on.aws != "sagemaker":
            yield Complaint(part, {}, "on sagemaker only", "remove it, or write serve_on: {aws: sagemaker}")
    if model.mode == "serverless":
        for part in _NOT_SERVERLESS:
            if getattr(model, part) is not None:
                yield Complaint(part, {}, "no part of a serverless endpoint", "remove it, or write mode: realtime")
    if model.drift is not None and model.capture is None:
        yield Complaint("drift", {}, "drift with capture: it reads what was captured", "add capture, or remove drift")
    if model.drift is not None and model.drift.schedule.split()[0] != "0":
        step = 'write 0 as the first field, such as "0 * * * *"'
        yield Complaint("drift.schedule", model.drift.schedule, "a schedule in full hours", step)
    own_balancer = model.access.from_outside and not model.by_api
    if model.stream is not None and own_balancer:
        allowed = "a stream of a model that is called by an API or by nobody from outside"
        yield Complaint("stream", {}, allowed, "add api_keys, jwt or mutual_tls to access, or remove access.networks")
    if model.mode == "async" and model.stream is not None:
        yield Complaint("stream", {}, "a stream of a model that answers at once", "write mode: realtime")


def _jobs(model: ModelSettings) -> Iterator[Complaint]:
    asked = model.resources
    if model.batch is None:
        return
    if asked.accelerator is not None:
        if ACCELERATORS[asked.accelerator.type].vendor is Vendor.NEURON:
            yield Complaint("batch", {}, "batches of models on NVIDIA or without an accelerator", "remove batch")
    elif asked.cpu > JOB_CPU or asked.memory_gib > JOB_MEMORY_GIB:
        got = f"{asked.cpu:g} CPUs and {asked.memory_gib:g} GiB"
        allowed = f"at most {JOB_CPU} CPUs and {JOB_MEMORY_GIB} GiB for a batch without an accelerator"
        yield Complaint("batch", got, allowed, "ask for less, or remove batch")
