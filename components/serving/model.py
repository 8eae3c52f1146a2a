"""What is said of one model that runs on a Kubernetes cluster, whichever cloud the cluster is in.

The image keeps the contract of our own images: HTTP on port 8080; `/readyz` is 200 once the model has answered a
warm-up row; `/livez` is 200 while the process is sound, whatever it depends on; on SIGTERM it turns unready, finishes
what is in flight and ends. It runs as any user, on a read-only root with a writable `/tmp`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import pulumi

from components.accelerators import Accelerator
from components.labels import Labels
from components.serving.surroundings import Reach, check_cidr, check_environment

PORT = 8080
PORT_NAME = "http"
READY_PATH = "/readyz"
LIVE_PATH = "/livez"

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What each replica gets. Memory is both asked for and the limit; CPU is asked for, and idle CPU may be used."""

    cpu: float  # cores
    memory_gib: float
    accelerator: Accelerator | None = None
    accelerators: int = 0

    def __post_init__(self) -> None:
        if self.cpu <= 0 or self.memory_gib <= 0:
            raise ValueError(
                f"resources: got cpu {self.cpu}, memory_gib {self.memory_gib}; allowed: more than 0 of both"
            )
        if (self.accelerator is None) != (self.accelerators == 0) or self.accelerators < 0:
            raise ValueError(
                f"resources: got {self.accelerators} accelerators; allowed: 1 or more of a named kind, or none"
            )


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Fewest and most replicas, and the average utilisation in percent of what was asked for that adds or removes one.

    `min` equal to `max` is a fixed number, and the targets have no effect.
    """

    min: int
    max: int
    cpu_utilization: int | None = None
    memory_utilization: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.min <= self.max:
            raise ValueError(f"scale: got {self.min} to {self.max} replicas; allowed: 1 <= min <= max")
        if self.automatic and not self.targets:
            raise ValueError(f"scale: got {self.min} to {self.max} replicas and no metric; allowed: one metric or more")

    @property
    def automatic(self) -> bool:
        """Whether the autoscaler owns the number of replicas."""
        return self.min < self.max

    @property
    def targets(self) -> dict[str, int]:
        """Percent by resource, in the words of Kubernetes."""
        given = {"cpu": self.cpu_utilization, "memory": self.memory_utilization}
        return {name: percent for name, percent in given.items() if percent is not None}


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """A load balancer of the cloud in front of the model: who may call, and the Service annotations that make it."""

    networks: tuple[IPv4Network, ...]  # callers, and the health checkers of the front door
    annotations: Mapping[str, pulumi.Input[str]]

    def __post_init__(self) -> None:
        if not self.networks:
            raise ValueError("exposure.networks: got none; allowed: at least one, since none would mean everyone")
        for network in self.networks:
            if network.prefixlen == 0:
                raise ValueError(f"exposure.networks: got {network}; allowed: networks smaller than the whole internet")


@dataclass(frozen=True, kw_only=True)
class BehindApi:
    """An API gateway in front of the model, which reaches it over a port of the nodes.

    `cidr`: the network from which the nodes are reached. Traffic that one node hands on to another carries the node's
    address, so the network policy admits this range; who may call is the gateway's to say.
    """

    cidr: pulumi.Input[str]

    def __post_init__(self) -> None:
        check_cidr("exposure.cidr", self.cidr, smallest_prefix=8)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A release on trial beside the stable one. `weight`: its share of the calls in percent, for its number of pods.

    Who splits the calls is in front of the model, never here. 0 keeps it warm for testers, 100 is the end of a
    blue/green release; the stable pods all stay, so that going back is a weight and nothing else.
    """

    digest: str
    weight: int

    def __post_init__(self) -> None:
        _check_digest("candidate.digest", self.digest)
        if not 0 <= self.weight <= 100:
            raise ValueError(f"candidate.weight: got {self.weight}; allowed: 0 to 100 percent")


@dataclass(frozen=True, kw_only=True)
class ModelDeploymentArgs:
    """`repository`: an image's address without digest. `exposure` None: only pods of the same cluster may call.

    `environment`: variables of the container. No secrets: who may read the Deployment reads them.
    `reaches`: what the model may call; without any it may only ask for names.
    `priority_class`: name of a PriorityClass (`ServingPriority` makes ours); None is the cluster's default.
    """

    model: str
    repository: pulumi.Input[str]
    digest: str
    resources: Resources
    scale: Scale
    labels: Labels
    exposure: Exposure | BehindApi | None = None
    candidate: Candidate | None = None
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    reaches: tuple[Reach, ...] = ()
    priority_class: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        _check_digest("digest", self.digest)
        check_environment(self.environment)
        weight = 0 if self.candidate is None else self.candidate.weight
        if weight and isinstance(self.exposure, Exposure):
            raise ValueError(
                f"candidate.weight: got {weight} behind a load balancer, which cannot split calls; allowed: 0, or "
                "callers who come through an API (BehindApi)"
            )


def _check_digest(name: str, digest: str) -> None:
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{name}: got {digest!r}; allowed: sha256: and 64 hexadecimal digits")


def namespace_of(model: str) -> str:
    """A namespace a model: quotas, policies and rights end at its border."""
    return f"model-{model}"
