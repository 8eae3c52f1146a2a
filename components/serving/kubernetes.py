"""One model on a Kubernetes cluster of any cloud: its namespace and everything in it.

Owns no node, no certificate and no public name (cluster, certificate, front door), and no rights in the cloud
(identity): its service account is there to be given some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_kubernetes as kubernetes

from components.serving.arms import Arm, arms_of, labels_of
from components.serving.limits import limit_range_spec, quota_spec
from components.serving.model import BehindApi, Exposure, ModelDeploymentArgs, namespace_of
from components.serving.pods import deployment_spec
from components.serving.scaling import autoscaler_spec, disruption_budget_spec
from components.serving.traffic import (
    closed_policy_spec,
    link_service_spec,
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
    """The objects of one model, each under its own explicit name; those of a candidate end in `-candidate`."""

    outputs: ServingOutputs

    def __init__(self, name: str, args: ModelDeploymentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:serving:ModelDeployment", name, None, opts)
        self._name, self._args, self._arms = name, args, arms_of(args)
        space = self._namespace()
        self._inside = pulumi.ResourceOptions(parent=self, depends_on=[space])
        account = kubernetes.core.v1.ServiceAccount(
            f"{name}-account",
            metadata=self._metadata(args.model),
            automount_service_account_token=False,
            opts=self._inside,
        )
        before = [account, *self._policies(), *self._limits()]
        for arm in self._arms:
            self._pods(arm, before)
            self._service(arm)
        hostname = self._public()
        links = [self._link(arm) for arm in self._arms] if isinstance(args.exposure, BehindApi) else []
        addresses = [f"http://{arm.name}.{namespace_of(args.model)}.svc" for arm in self._arms]
        self.outputs = ServingOutputs(
            hostname=hostname,
            link_port=links[0] if links else None,
            candidate_link_port=links[1] if len(links) > 1 else None,
            namespace=namespace_of(args.model),
            service_account=args.model,
            address=addresses[0],
            candidate_address=addresses[1] if len(addresses) > 1 else None,
        )
        self.register_outputs(vars(self.outputs))

    def _namespace(self) -> kubernetes.core.v1.Namespace:
        levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("audit", "enforce", "warn")}
        metadata: ObjectMetaArgsDict = {
            "name": namespace_of(self._args.model),
            "labels": {**labels_of(self._args, self._arms[0]), **levels},
        }
        return kubernetes.core.v1.Namespace(
            f"{self._name}-namespace", metadata=metadata, opts=pulumi.ResourceOptions(parent=self)
        )

    def _policies(self) -> list[pulumi.Resource]:
        """The namespace is closed before its first pod starts."""
        specs = {"closed": closed_policy_spec()}
        specs |= {f"model{arm.suffix}": model_policy_spec(self._args, arm) for arm in self._arms}
        return [
            kubernetes.networking.v1.NetworkPolicy(
                f"{self._name}-{role}", metadata=self._metadata(role), spec=spec, opts=self._inside
            )
            for role, spec in specs.items()
        ]

    def _limits(self) -> list[pulumi.Resource]:
        """Before the pods, since a quota that grows for a candidate has to grow first."""
        quota = kubernetes.core.v1.ResourceQuota(
            f"{self._name}-quota",
            metadata=self._metadata(self._args.model),
            spec=quota_spec(self._args),
            opts=self._inside,
        )
        limits = kubernetes.core.v1.LimitRange(
            f"{self._name}-limits",
            metadata=self._metadata(self._args.model),
            spec=limit_range_spec(),
            opts=self._inside,
        )
        return [quota, limits]

    def _pods(self, arm: Arm, before: list[pulumi.Resource]) -> None:
        deployment = kubernetes.apps.v1.Deployment(
            f"{self._name}-deployment{arm.suffix}",
            metadata=self._metadata(arm.name, self._patience(), arm=arm),
            spec=deployment_spec(self._args, arm),
            opts=pulumi.ResourceOptions(parent=self, depends_on=before),
        )
        kubernetes.policy.v1.PodDisruptionBudget(
            f"{self._name}-budget{arm.suffix}",
            metadata=self._metadata(arm.name, arm=arm),
            spec=disruption_budget_spec(arm),
            opts=self._inside,
        )
        if arm.scale.automatic:
            kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
                f"{self._name}-autoscaler{arm.suffix}",
                metadata=self._metadata(arm.name, arm=arm),
                spec=autoscaler_spec(arm),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[deployment]),
            )

    def _service(self, arm: Arm) -> None:
        kubernetes.core.v1.Service(
            f"{self._name}-service{arm.suffix}",
            metadata=self._metadata(arm.name, _DO_NOT_WAIT, arm=arm),
            spec=service_spec(arm),
            opts=self._inside,
        )

    def _public(self) -> pulumi.Output[str | None]:
        exposure = self._args.exposure
        if not isinstance(exposure, Exposure):
            return pulumi.Output.from_input(None)
        public = kubernetes.core.v1.Service(
            f"{self._name}-public",
            metadata=self._metadata(f"{self._args.model}-public", {**exposure.annotations, **_WAIT_FOR_ADDRESS}),
            spec=public_service_spec(self._arms[0], exposure),
            opts=self._inside,
        )
        return public.status.apply(_hostname)

    def _link(self, arm: Arm) -> pulumi.Output[int]:
        """The port of the nodes on which the arm answers.

        After the id, which is unknown until the Service stands: a preview on the API server answers with a port that
        is not the one to come.
        """
        link = kubernetes.core.v1.Service(
            f"{self._name}-link{arm.suffix}",
            metadata=self._metadata(f"{self._args.model}-link{arm.suffix}", _DO_NOT_WAIT, arm=arm),
            spec=link_service_spec(arm),
            opts=self._inside,
        )
        return link.id.apply(lambda _: link.spec.apply(_node_port))

    def _patience(self) -> Mapping[str, str]:
        return {} if self._args.resources.accelerator is None else _DO_NOT_WAIT

    def _metadata(
        self, name: str, annotations: Mapping[str, pulumi.Input[str]] | None = None, arm: Arm | None = None
    ) -> ObjectMetaArgsDict:
        metadata: ObjectMetaArgsDict = {
            "name": name,
            "namespace": namespace_of(self._args.model),
            "labels": labels_of(self._args, arm or self._arms[0]),
        }
        if annotations:
            metadata["annotations"] = annotations
        return metadata


def _node_port(spec: kubernetes.core.v1.outputs.ServiceSpec) -> int:
    port = spec.ports[0].node_port if spec.ports else None
    if port is None:
        raise ValueError(
            "a Service of type NodePort: got no node port from the API server; is the cluster's API sound?"
        )
    return port


def _hostname(status: kubernetes.core.v1.outputs.ServiceStatus | None) -> str | None:
    """The balancer's host name, or its address where the cloud gives addresses; None while there is none."""
    balancer = None if status is None else status.load_balancer
    ingress = None if balancer is None else balancer.ingress
    if not ingress:
        return None
    return ingress[0].hostname or ingress[0].ip
