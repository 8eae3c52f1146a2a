"""The arms of a model: the stable release, and beside it the candidate on trial, each with objects of its own.

Both lie in the model's namespace and have one shape; weights between them are all that a release changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import pulumi

from components.serving.model import ModelDeploymentArgs, Scale


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One release of a model. `name`: of its Deployment and what belongs to it, and the value of its pods' label.

    `suffix` tells its objects from those of the stable arm, whose names and selectors are older than candidates.
    """

    name: str
    suffix: str
    digest: str
    scale: Scale

    @property
    def selector(self) -> dict[str, str]:
        """What tells this arm's pods from all others. Never changes: a Deployment's selector cannot."""
        return {"app.kubernetes.io/name": self.name}


def arms_of(args: ModelDeploymentArgs) -> tuple[Arm, ...]:
    """The stable arm first."""
    stable = Arm(name=args.model, suffix="", digest=args.digest, scale=args.scale)
    if args.candidate is None:
        return (stable,)
    suffix = "-candidate"
    scale = share_of(args.scale, args.candidate.weight)
    return stable, Arm(name=f"{args.model}{suffix}", suffix=suffix, digest=args.candidate.digest, scale=scale)


def share_of(scale: Scale, percent: int) -> Scale:
    """So many percent of the replicas, rounded up, and never none: a candidate is warm before it gets calls.

    What scales by itself goes on doing so at any share. If a weight turned the autoscaler on, the Deployment would
    drop its own number of replicas, and for a moment there would be one.
    """
    fewest = max(1, ceil(scale.min * percent / 100))
    most = max(1, ceil(scale.max * percent / 100))
    if scale.automatic:
        most = max(most, fewest + 1)
    return replace(scale, min=fewest, max=most)


def image_of(args: ModelDeploymentArgs, arm: Arm) -> pulumi.Input[str]:
    """The arm's image by digest; plain text if the repository is."""
    if isinstance(args.repository, str):
        return f"{args.repository}@{arm.digest}"
    return pulumi.Output.concat(args.repository, "@", arm.digest)


def labels_of(args: ModelDeploymentArgs, arm: Arm) -> dict[str, str]:
    """The labels of every object of the arm."""
    ours = args.labels.for_model(args.model).labels()
    return {**ours, **arm.selector, "app.kubernetes.io/managed-by": "homeport"}
