"""What is asked of a model's function, and the names and rights that follow from it. Pure but for the inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.aws_policies import Statement, arn
from components.labels import Labels
from components.naming import physical_name
from components.serverless.aws_dead_letters import sending
from components.serverless.aws_limits import (
    LEAST_SCRATCH_MIB,
    MOST_BODY_BYTES,
    MOST_SCRATCH_MIB,
    check_body,
    check_cpu,
    check_digest,
    check_time,
    memory_mib,
)
from components.serverless.aws_network import FunctionNetwork, interfaces

LONGEST_FUNCTION_NAME = 64
# What the component says itself; the image's server reads them (docs/reference/contracts.md).
_OWN_VARIABLES = ("BODY_LIMIT_BYTES", "REQUEST_TIMEOUT_S")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A release on trial. `stable_version`: the number under which the stable image was published before."""

    digest: str
    weight: int  # percent of the calls
    stable_version: pulumi.Input[str]

    def __post_init__(self) -> None:
        check_digest("candidate", self.digest)
        if not 0 <= self.weight <= 100:
            raise ValueError(f"candidate weight: got {self.weight}; allowed: 0 to 100")
        known = self.stable_version
        if isinstance(known, str) and not (known.isascii() and known.isdigit()):
            raise ValueError(
                f"stable_version: got {known!r}; allowed: the number of a published version. Release the "
                "stable image alone first; its version is known from then on"
            )


@dataclass(frozen=True, kw_only=True)
class AwsFunctionArgs:
    """`stable`: digest of an image in `repository`. `warm`: environments kept warm, of `most` that may run at all.

    Both count against the account's quota of concurrent executions, of which AWS keeps 100 free for other functions.
    `environment` holds no secrets: whoever may read the function's settings reads it.
    """

    stack: str
    model: str
    account: str
    region: str
    repository: pulumi.Input[str]
    stable: str
    candidate: Candidate | None = None
    memory_gib: float
    cpu: float
    accelerator: str | None = None
    warm: int
    most: int
    timeout_s: int = 29
    behind_api: bool = True
    body_limit_bytes: int = MOST_BODY_BYTES
    scratch_mib: int = LEAST_SCRATCH_MIB
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    statements: pulumi.Input[tuple[Statement, ...]] = ()  # what the model's parts may do
    network: FunctionNetwork | None = None
    logs_key_arn: pulumi.Input[str]
    log_days: int = 30
    environment_key_arn: pulumi.Input[str]  # also of the image that Lambda unpacks for itself
    queues_key_arn: pulumi.Input[str]
    permissions_boundary_arn: str
    labels: Labels
    protect: bool = False  # true: no `destroy` deletes logs and dead letters

    def __post_init__(self) -> None:
        check_digest("stable", self.stable)
        memory_mib(self.memory_gib)
        check_cpu(self.cpu, self.memory_gib)
        check_time(self.timeout_s, behind_api=self.behind_api)
        check_body(self.body_limit_bytes)
        for complaint in self._complaints():
            raise ValueError(complaint)

    def _complaints(self) -> list[str]:
        found: list[str] = []
        if self.accelerator is not None:
            found.append(f"accelerator: got {self.accelerator!r}; allowed: none, Lambda has no accelerators")
        if not LEAST_SCRATCH_MIB <= self.scratch_mib <= MOST_SCRATCH_MIB:
            found.append(f"scratch_mib: got {self.scratch_mib}; allowed: {LEAST_SCRATCH_MIB} to {MOST_SCRATCH_MIB}")
        if self.most < 1 or self.warm < 0 or self.warm + self.warm_on_trial > self.most:
            kept = f"{self.warm} and {self.warm_on_trial} of the candidate" if self.warm_on_trial else f"{self.warm}"
            found.append(f"warm: got {kept}, most {self.most}; allowed: 0 or more, together no more than most")
        taken = sorted(set(self.environment) & set(_OWN_VARIABLES))
        if taken or any(key.startswith(("AWS_", "LAMBDA_")) for key in self.environment):
            found.append(f"environment: got {sorted(self.environment)}; allowed: no {', '.join(_OWN_VARIABLES)}, AWS_*")
        if self.candidate is not None and self.candidate.digest == self.stable:
            found.append(f"candidate: got {self.stable}, the stable image; allowed: another one, or none")
        return found

    @property
    def warm_on_trial(self) -> int:
        """As large a share of warm environments as of calls, rounded up."""
        return math.ceil(self.warm * self.candidate.weight / 100) if self.candidate else 0


def function_name(stack: str, model: str) -> str:
    """The physical name of a model's function."""
    return physical_name(stack, model, longest=LONGEST_FUNCTION_NAME)


def log_group_name(stack: str, model: str) -> str:
    """Where the function's lines stand; the logs key names it."""
    return f"/aws/lambda/{function_name(stack, model)}"


def own_statements(args: AwsFunctionArgs, queue_arn: str, queues_key_arn: str) -> tuple[Statement, ...]:
    """What a function needs for itself: its lines, its traces, its dead letters, its network interfaces."""
    group = arn(
        "logs", f"log-group:{log_group_name(args.stack, args.model)}:*", region=args.region, account=args.account
    )
    traces = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
    return (
        Statement(sid="Lines", actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(group,)),
        Statement(sid="Traces", actions=traces, resources=("*",)),  # IAM knows no resource of these
        *sending(queue_arn, queues_key_arn),
        *(interfaces(args.account, args.region) if args.network else ()),
    )


def variables(args: AwsFunctionArgs) -> dict[str, pulumi.Input[str]]:
    """The function's whole environment."""
    own = {"BODY_LIMIT_BYTES": str(args.body_limit_bytes), "REQUEST_TIMEOUT_S": str(args.timeout_s)}
    return {**own, **args.environment}
