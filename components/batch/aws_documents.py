"""Documents of a batch job: its container, its size, and when it is tried again. Pure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Literal

from components.aws_policies import Statement, arn
from components.naming import repository_name

ATTEMPTS = 5
TIMEOUT_S = 12 * 3600  # of one attempt; a job that hangs is not paid for for ever

# Sizes of Fargate: vCPUs -> GiB of memory from, to, and in steps of ("Fargate task definitions" in the ECS developer
# guide; from knowledge, not read again). A quarter of a vCPU has 0.5, 1 or 2.
_FARGATE = ((0.5, 1, 4, 1), (1, 2, 8, 1), (2, 4, 16, 1), (4, 8, 30, 1), (8, 16, 60, 4), (16, 32, 120, 8))
_SMALLEST = (0.25, (0.5, 1, 2))

# A spare machine that is taken away says so in these words; what a model itself does wrong is not tried again.
RETRIES: tuple[tuple[Literal["on_status_reason", "on_reason"], str, str], ...] = (
    ("on_status_reason", "Host EC2*", "RETRY"),
    ("on_status_reason", "Your Spot Task was interrupted*", "RETRY"),
    ("on_status_reason", "Timeout waiting for network interface*", "RETRY"),
    ("on_reason", "*", "EXIT"),
)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One model over files: what runs, from where to where, and how large."""

    image: str  # by digest
    input: str  # s3://...
    output: str
    cpu: float
    memory_gib: float
    accelerators: int  # none: it runs on Fargate
    job_role_arn: str
    start_role_arn: str
    log_group: str
    region: str
    model: str
    environment: tuple[tuple[str, str], ...] = ()


def container(job: Job) -> str:
    """What Batch is to run, as it wants it told."""
    environment = {"AWS_REGION": job.region, **dict(job.environment)}  # ECS says it on Fargate only
    body: dict[str, object] = {
        "image": job.image,
        "command": ["batch", "--input", job.input, "--output", job.output],
        "environment": [{"name": name, "value": value} for name, value in sorted(environment.items())],
        "jobRoleArn": job.job_role_arn,
        "executionRoleArn": job.start_role_arn,
        "resourceRequirements": [{"type": kind, "value": value} for kind, value in _size(job)],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": job.log_group,
                "awslogs-region": job.region,
                "awslogs-stream-prefix": job.model,
            },
        },
    }
    if not job.accelerators:
        body |= {
            "networkConfiguration": {"assignPublicIp": "DISABLED"},
            "fargatePlatformConfiguration": {"platformVersion": "LATEST"},
            "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        }
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def fargate_size(cpu: float, memory_gib: float) -> tuple[float, float]:
    """The smallest size of Fargate with so many CPUs and so much memory. Raises ValueError if there is none."""
    vcpus, memories = _SMALLEST
    fitting = [(vcpus, memory) for memory in memories]
    fitting += [
        (vcpus, low + step * number)
        for vcpus, low, high, step in _FARGATE
        for number in range((high - low) // step + 1)
    ]
    for vcpus, memory in fitting:
        if vcpus >= cpu and memory >= memory_gib:
            return vcpus, memory
    largest = fitting[-1]
    raise ValueError(
        f"cpu, memory_gib: got {cpu:g}, {memory_gib:g}; allowed: at most {largest[0]:g} CPUs and {largest[1]:g} GiB "
        "without an accelerator"
    )


def submission(*, model: str, queue_arn: str, definition: str) -> str:
    """What a schedule asks of Batch. The definition without a number: the newest, also while it is being renewed."""
    body = {"JobName": model, "JobQueue": queue_arn, "JobDefinition": definition}
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def submit_statement(*, queue_arn: str, definition: str, region: str, account: str) -> Statement:
    """Lets a schedule send this one job to this one queue."""
    own = arn("batch", f"job-definition/{definition}", region=region, account=account)
    return Statement(sid="SubmitJob", actions=("batch:SubmitJob",), resources=(queue_arn, own, f"{own}:*"))


def start_statements(*, model: str, log_group: str, region: str, account: str) -> tuple[Statement, ...]:
    """What ECS does before the model runs, in the job's name: fetch its image, open its log."""
    image = arn("ecr", f"repository/{repository_name(model)}", region=region, account=account)
    logs = arn("logs", f"log-group:{log_group}:log-stream:{model}/*", region=region, account=account)
    pull = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    return (
        Statement(sid="RegistryLogin", actions=("ecr:GetAuthorizationToken",), resources=("*",)),
        Statement(sid="PullImage", actions=pull, resources=(image,)),
        Statement(sid="WriteLog", actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(logs,)),
    )


def _size(job: Job) -> tuple[tuple[str, str], ...]:
    """Texts all, as Batch has them; memory in MiB. On machines of EC2 CPUs are whole."""
    if job.accelerators:
        cpu, memory = float(math.ceil(job.cpu)), job.memory_gib
        accelerators = (("GPU", str(job.accelerators)),)
    else:
        cpu, memory = fargate_size(job.cpu, job.memory_gib)
        accelerators = ()
    return (*accelerators, ("MEMORY", str(math.ceil(memory * 1024))), ("VCPU", f"{cpu:g}"))
