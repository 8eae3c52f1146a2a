"""The rank of models among the pods of a cluster: they push out what is not urgent, such as batch work.

One for all models of a cluster. Owns no pod; a pod takes the rank by naming the class.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.labels import Labels

CLASS_NAME = "homeport-model"
# Above 0, which pods without a class have, and below what the cluster keeps for itself (2,000,000,000). The API server
# refuses to change the value of a class that exists: another value needs another name.
RANK = 1_000_000


@dataclass(frozen=True, kw_only=True)
class ServingPriorityArgs:
    labels: Labels


class ServingPriority(pulumi.ComponentResource):
    """The PriorityClass; `class_name` is what pods name."""

    class_name: pulumi.Output[str]

    def __init__(self, name: str, args: ServingPriorityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:serving:ServingPriority", name, None, opts)
        made = kubernetes.scheduling.v1.PriorityClass(
            f"{name}-class",
            metadata={
                "name": CLASS_NAME,
                "labels": {**args.labels.labels(), "app.kubernetes.io/managed-by": "homeport"},
            },
            value=RANK,
            description="Models that answer callers.",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.class_name = made.metadata.apply(lambda metadata: metadata.name or CLASS_NAME)
        self.register_outputs({"class_name": self.class_name})
