"""A model's deployment with one field changed, and its recorded graph."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.accelerators import ACCELERATORS
from components.labels import Labels
from components.serving.arms import Arm, arms_of
from components.serving.aws import aws_exposure
from components.serving.kubernetes import ModelDeployment
from components.serving.model import Candidate, Exposure, ModelDeploymentArgs, Resources, Scale
from tests.recorder import Graph, record

CLUSTER = "arn:aws:eks:eu-west-1:123456789012:cluster/demo-aws-eu-west-1"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/homeport/fraud"
DIGEST = f"sha256:{'a' * 64}"
CANDIDATE_DIGEST = f"sha256:{'b' * 64}"
NODES = "10.0.0.0/16"
LABELS = Labels(environment="demo", stack="demo-aws-eu-west-1-models", jurisdiction="eu")
OFFICE = IPv4Network("203.0.113.0/24")
ON_CPU = Resources(cpu=2, memory_gib=4)
ON_GPU = Resources(cpu=2, memory_gib=4, accelerator=ACCELERATORS["l4"], accelerators=1)
FIXED = Scale(min=2, max=2)
AUTOMATIC = Scale(min=2, max=20, cpu_utilization=70, memory_utilization=80)


def exposure() -> Exposure:
    found = aws_exposure(networks=(OFFICE,), certificate_arn=CERTIFICATE, labels=LABELS)
    assert found is not None
    return found


def model_args(**changes: Any) -> ModelDeploymentArgs:
    fields: dict[str, Any] = {
        "model": "fraud",
        "repository": REPOSITORY,
        "digest": DIGEST,
        "resources": ON_CPU,
        "scale": AUTOMATIC,
        "labels": LABELS,
    }
    return ModelDeploymentArgs(**{**fields, **changes})


def arm_of(args: ModelDeploymentArgs, suffix: str = "") -> Arm:
    return next(arm for arm in arms_of(args) if arm.suffix == suffix)


def candidate(weight: int = 10) -> Candidate:
    return Candidate(digest=CANDIDATE_DIGEST, weight=weight)


def record_model(*, preview: bool = False, **changes: Any) -> Graph:
    def program() -> None:
        provider = kubernetes.Provider("cluster", cluster_identifier=CLUSTER, kubeconfig="{}")
        made = ModelDeployment("fraud", model_args(**changes), pulumi.ResourceOptions(provider=provider))
        pulumi.export("hostname", made.outputs.hostname)
        pulumi.export("address", made.outputs.address)
        pulumi.export("candidate_address", made.outputs.candidate_address)
        pulumi.export("link_port", made.outputs.link_port)
        pulumi.export("candidate_link_port", made.outputs.candidate_link_port)

    return record(program, preview=preview)
