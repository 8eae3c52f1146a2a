"""One model on a Kubernetes cluster of any cloud: its namespace and everything in it.

Owns no node, no certificate and no public name (cluster, certificate, front door), and no rights in the cloud
(identity): its service account is there to be given some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_kubernetes as kubernetes

from components.serving.model import ModelDeploymentArgs, labels_of, namespace_of
from components.serving.pods import deployment_spec
from components.serving.scaling import autoscaler_spec, disruption_budget_spec
from components.serving.traffic import (
    closed_policy_spec,
    model_policy_spec,
    public_service_spec,
    service_spec,
)
from components.serving.types import ServingOutputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict

# With these, `up` does not wait for pods. One that waits for a scarce accelerator would hold the whole stack up.
_DO_NOT_WAIT = {"pulumi.com/skipAwait": "true"}
# Waits for the balancer's name only, since the front door needs it whether or not a pod runs yet.
_WAIT_FOR_ADDRESS = {"pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0]}"}


class ModelDeployment(pulumi.ComponentResource):
    """The objects of one model, each under its own explicit name."""

    outputs: ServingOutputs

    def __init__(self, name: str, args: ModelDeploymentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:serving:ModelDeployment", name, None, opts)
        self._name, self._args = name, args
        space = self._namespace()
        self._inside = pulumi.ResourceOptions(parent=self, depends_on=[space])
        self._pods(after=self._policies())
        hostname = self._services()
        self.outputs = ServingOutputs(
            hostname=hostname,
            namespace=namespace_of(args.model),
            service_account=args.model,
            address=f"http://{args.model}.{namespace_of(args.model)}.svc",
        )
        self.register_outputs(vars(self.outputs))

    def _namespace(self) -> kubernetes.core.v1.Namespace:
        levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("audit", "enforce", "warn")}
        metadata: ObjectMetaArgsDict = {
            "name": namespace_of(self._args.model),
            "labels": {**labels_of(self._args), **levels},
        }
        return kubernetes.core.v1.Namespace(
            f"{self._name}-namespace", metadata=metadata, opts=pulumi.ResourceOptions(parent=self)
        )

    def _policies(self) -> list[pulumi.Resource]:
        """The namespace is closed before its first pod starts."""
        specs = {"closed": closed_policy_spec(), "model": model_policy_spec(self._args)}
        return [
            kubernetes.networking.v1.NetworkPolicy(
                f"{self._name}-{role}", metadata=self._metadata(role), spec=spec, opts=self._inside
            )
            for role, spec in specs.items()
        ]

    def _pods(self, after: list[pulumi.Resource]) -> None:
        args = self._args
        account = kubernetes.core.v1.ServiceAccount(
            f"{self._name}-account",
            metadata=self._metadata(args.model),
            automount_service_account_token=False,
            opts=self._inside,
        )
        deployment = kubernetes.apps.v1.Deployment(
            f"{self._name}-deployment",
            metadata=self._metadata(args.model, self._patience()),
            spec=deployment_spec(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[account, *after]),
        )
        kubernetes.policy.v1.PodDisruptionBudget(
            f"{self._name}-budget",
            metadata=self._metadata(args.model),
            spec=disruption_budget_spec(args),
            opts=self._inside,
        )
        if args.scale.automatic:
            kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
                f"{self._name}-autoscaler",
                metadata=self._metadata(args.model),
                spec=autoscaler_spec(args),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[deployment]),
            )

    def _services(self) -> pulumi.Output[str | None]:
        args = self._args
        kubernetes.core.v1.Service(
            f"{self._name}-service",
            metadata=self._metadata(args.model, _DO_NOT_WAIT),
            spec=service_spec(args.model),
            opts=self._inside,
        )
        if args.exposure is None:
            return pulumi.Output.from_input(None)
        public = kubernetes.core.v1.Service(
            f"{self._name}-public",
            metadata=self._metadata(f"{args.model}-public", {**args.exposure.annotations, **_WAIT_FOR_ADDRESS}),
            spec=public_service_spec(args.model, args.exposure),
            opts=self._inside,
        )
        return public.status.apply(_hostname)

    def _patience(self) -> Mapping[str, str]:
        return {} if self._args.resources.accelerator is None else _DO_NOT_WAIT

    def _metadata(self, name: str, annotations: Mapping[str, pulumi.Input[str]] | None = None) -> ObjectMetaArgsDict:
        metadata: ObjectMetaArgsDict = {
            "name": name,
            "namespace": namespace_of(self._args.model),
            "labels": labels_of(self._args),
        }
        if annotations:
            metadata["annotations"] = annotations
        return metadata


def _hostname(status: kubernetes.core.v1.outputs.ServiceStatus | None) -> str | None:
    """The balancer's host name, or its address where the cloud gives addresses; None while there is none."""
    balancer = None if status is None else status.load_balancer
    ingress = None if balancer is None else balancer.ingress
    if not ingress:
        return None
    return ingress[0].hostname or ingress[0].ip
