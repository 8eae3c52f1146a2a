"""What is asked of a model's SageMaker endpoint, and what such an endpoint cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi

from components.aws_policies import Statement
from components.endpoint.aws_network import EndpointNetwork
from components.endpoint.machines import EndpointMachine, Size, smallest_machine
from components.endpoint.scale import EndpointScale
from components.endpoint.types import EndpointMode
from components.labels import Labels
from components.naming import physical_name

ENDPOINT_NAME_LONGEST = 63
SERVERLESS_MOST_GIB = 6  # whole GiB from 1 on: MemorySizeInMB of botocore 1.44.5
SERVERLESS_MOST_CALLS = 200  # MaxConcurrency
ALARMS_MOST = 10  # AlarmList
# "Serverless endpoints", feature exclusions, in the developer guide; shadow tests have a list of their own.
_NOT_SERVERLESS = "a serverless endpoint has none; use mode realtime"

Shift = Literal["all_at_once", "canary", "linear"]


@dataclass(frozen=True, kw_only=True)
class EndpointRelease:
    """`image`: NAME@sha256:DIGEST in the region's registry. `environment` holds no secrets."""

    image: pulumi.Input[str]
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


@dataclass(frozen=True, kw_only=True)
class EndpointFiles:
    """The region's bucket of predictions, and its key: captures, and questions and answers of asynchronous calls."""

    bucket: pulumi.Input[str]
    key_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class AwsEndpointArgs:
    """`needs_network`: why the containers call out, such as `cache`; without a reason they are cut off altogether.

    `rollback_alarms`: names of metric alarms, any of which takes an update back. Give them from the first deployment
    on: to the provider the first alarm, and the loss of the last, is another endpoint.
    """

    stack: str
    model: str
    account: str
    region: str
    mode: EndpointMode
    repository: str  # name in the registry, as in `homeport/fraud`
    stable: EndpointRelease
    candidate: EndpointRelease | None = None
    candidate_weight: int = 0  # percent of the calls
    shadow: bool = False  # the candidate sees copies of the calls and answers nobody
    size: Size
    scale: EndpointScale
    network: EndpointNetwork | None = None  # none for a serverless endpoint, which has no place in a VPC
    needs_network: tuple[str, ...] = ()
    shift: Shift = "canary"
    bake_s: int = 300  # how long each step of an update is watched
    rollback_alarms: tuple[pulumi.Input[str], ...] = ()
    files: EndpointFiles | None = None
    capture_percent: int | None = None
    concurrent_calls: int = 4  # asynchronous only: on one machine at once
    answers_topic: pulumi.Input[str] | None = None  # asynchronous only: hears of each answer and failure
    startup_s: int = 600  # how long a container may take until it answers /ping
    statements: pulumi.Input[tuple[Statement, ...]] = ()  # what the model's parts may do
    disk_key_arn: pulumi.Input[str] | None = None  # none: SageMaker's own key
    logs_key_arn: pulumi.Input[str]  # its policy must let CloudWatch Logs use it for `endpoint_log_group`
    log_days: int = 30
    permissions_boundary_arn: str
    labels: Labels
    protect: bool = False  # true: no `destroy` deletes the log group

    def __post_init__(self) -> None:
        for complaint in (*self._releases(), *self._numbers(), *self._form()):
            raise ValueError(complaint)
        self.scale.check(self.mode)

    @property
    def serverless(self) -> bool:
        return self.mode is EndpointMode.SERVERLESS

    @property
    def machine(self) -> EndpointMachine | None:
        """What one replica runs on; None where SageMaker finds that itself."""
        return None if self.serverless else smallest_machine(self.size)

    def _releases(self) -> Iterator[str]:
        if self.candidate is None and self.candidate_weight:
            yield f"candidate_weight: got {self.candidate_weight}; allowed: a weight with a candidate"
        if self.candidate is None and self.shadow:
            yield "shadow: got true; allowed: a shadow with a candidate"
        if self.shadow and self.candidate_weight:
            yield f"candidate_weight: got {self.candidate_weight}; allowed: 0, a shadow answers nobody"
        if not 0 <= self.candidate_weight <= 100:
            yield f"candidate_weight: got {self.candidate_weight}; allowed: 0 to 100"
        if self.candidate is not None and self.mode is not EndpointMode.REALTIME:
            yield f"candidate: got one in mode {self.mode.value}; allowed: one release, or mode realtime"

    def _numbers(self) -> Iterator[str]:
        if self.capture_percent is not None and not 1 <= self.capture_percent <= 100:
            yield f"capture_percent: got {self.capture_percent}; allowed: 1 to 100, or None"
        if not 0 <= self.bake_s <= 3600:
            yield f"bake_s: got {self.bake_s}; allowed: 0 to 3600"
        if not 60 <= self.startup_s <= 3600:
            yield f"startup_s: got {self.startup_s}; allowed: 60 to 3600"
        if not 1 <= self.concurrent_calls <= 1000:
            yield f"concurrent_calls: got {self.concurrent_calls}; allowed: 1 to 1000"
        if len(self.rollback_alarms) > ALARMS_MOST:
            yield f"rollback_alarms: got {len(self.rollback_alarms)}; allowed: at most {ALARMS_MOST}"

    def _form(self) -> Iterator[str]:
        if self.serverless:
            yield from self._serverless()
        elif self.network is None:
            yield "network: got None; allowed: subnets of a VPC, or mode serverless"
        else:
            smallest_machine(self.size)
        if self.files is None and (self.mode is EndpointMode.ASYNC or self.capture_percent is not None):
            what = "capture_percent" if self.capture_percent is not None else "mode async"
            yield f"files: got None; allowed: a bucket and its key, since {what} writes files"
        if self.answers_topic is not None and self.mode is not EndpointMode.ASYNC:
            yield f"answers_topic: got one in mode {self.mode.value}; allowed: with mode async only"

    def _serverless(self) -> Iterator[str]:
        if self.size.accelerator is not None:
            yield f"accelerator: got {self.size.accelerator!r}; allowed: none, {_NOT_SERVERLESS}"
        if self.size.memory_gib > SERVERLESS_MOST_GIB:
            yield f"memory_gib: got {self.size.memory_gib:g}; allowed: at most {SERVERLESS_MOST_GIB} in mode serverless"
        if self.scale.most > SERVERLESS_MOST_CALLS:
            yield f"scale: got {self.scale.most} at most; allowed: at most {SERVERLESS_MOST_CALLS} in mode serverless"
        for word, given in (
            ("network", self.network),
            ("needs_network", self.needs_network),
            ("capture_percent", self.capture_percent),
        ):
            if given:
                yield f"{word}: got {given if word != 'network' else 'one'}; allowed: none, {_NOT_SERVERLESS}"


def endpoint_name(stack: str, model: str) -> str:
    """The physical name of a model's endpoint."""
    return physical_name(stack, model, longest=ENDPOINT_NAME_LONGEST)


def endpoint_log_group(stack: str, model: str) -> str:
    """Where the containers' lines stand; SageMaker names it so, and the logs key must name it too."""
    return f"/aws/sagemaker/Endpoints/{endpoint_name(stack, model)}"
