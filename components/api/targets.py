"""To what an API passes its calls: a model in the cluster, a managed endpoint, or a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import pulumi

# What a body may be at most: API Gateway's own limit, and Lambda's for a call that waits, in which bytes that are no
# text take a third more.
LARGEST_BODY_MB = 10
LARGEST_FUNCTION_BODY_MB = 6
MANAGED_CALL = "sagemaker:InvokeEndpoint"
MANAGED_CALL_LATER = "sagemaker:InvokeEndpointAsync"


@dataclass(frozen=True, kw_only=True)
class LinkTarget:
    """A model on Kubernetes, by the region's private link. `host`: the name of the balancer behind the link.

    `candidate_port` gets `candidate_weight` percent of the calls, drawn by chance: fifty is turn about.
    """

    link_id: pulumi.Input[str]
    host: pulumi.Input[str]
    stable_port: pulumi.Input[int]
    candidate_port: pulumi.Input[int] | None = None
    candidate_weight: int = 0

    def __post_init__(self) -> None:
        if self.candidate_port is None and self.candidate_weight:
            raise ValueError(f"candidate_weight: got {self.candidate_weight} without a candidate; allowed: 0")
        if not 0 <= self.candidate_weight <= 100:
            raise ValueError(f"candidate_weight: got {self.candidate_weight}; allowed: 0 to 100")


@dataclass(frozen=True, kw_only=True)
class EndpointTarget:
    """A managed endpoint (SageMaker); its own variants share the calls. `name` is plain, as its right is by name.

    `asynchronous`: a caller names an object with its question, and gets the name of the object with the answer.
    """

    name: str
    asynchronous: bool = False

    @property
    def action(self) -> str:
        """The one right that the API needs on the endpoint."""
        return MANAGED_CALL_LATER if self.asynchronous else MANAGED_CALL


@dataclass(frozen=True, kw_only=True)
class FunctionTarget:
    """A function, by its alias, whose weights share the calls. It answers `/ping` itself."""

    alias_arn: pulumi.Input[str]
    alias_name: str
    function_name: pulumi.Input[str]


Target: TypeAlias = LinkTarget | EndpointTarget | FunctionTarget


def largest_body_mb(target: Target) -> int:
    """The largest body that gets through to the target."""
    return LARGEST_FUNCTION_BODY_MB if isinstance(target, FunctionTarget) else LARGEST_BODY_MB
