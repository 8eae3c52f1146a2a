"""What a model in a region of AWS is made of, beside the Kubernetes objects that all clouds share."""

from __future__ import annotations

import pulumi

from components.identity.aws_model import AwsModelIdentity, AwsModelIdentityArgs
from components.serving.aws import aws_exposure
from components.serving.model import Exposure
from stacks.contracts import PlatformContract
from stacks.kits.aws import AwsKit
from stacks.settings import ModelSettings, ModelsSettings


class AwsModels(AwsKit):
    """The components of a models stack."""

    def model_identity(
        self, settings: ModelsSettings, model: str, platform: pulumi.Output[PlatformContract], namespace: str
    ) -> AwsModelIdentity:
        """Who the model's pods are; its service account bears the model's name."""
        args = AwsModelIdentityArgs(
            stack=self.stack,
            model=model,
            account=self.account,
            cluster_name=platform.apply(lambda contract: contract.cluster.name),
            cluster_arn=platform.apply(lambda contract: contract.cluster.identifier),
            namespace=namespace,
            service_account=model,
            permissions_boundary_arn=self.boundary(settings.jurisdiction),
        )
        return AwsModelIdentity(f"{model}-identity", args, self.opts)

    def exposure(self, model: ModelSettings, platform: pulumi.Output[PlatformContract]) -> Exposure | None:
        """The load balancer through which callers from outside reach the model, if any may."""
        return aws_exposure(
            networks=model.access.networks,
            certificate_arn=platform.apply(lambda contract: contract.certificate),
            labels=self.labels.for_model(model.name),
        )

    def login(self, cluster: str) -> tuple[str, tuple[str, ...]]:
        """The command that gives whoever runs Pulumi a token for the cluster: the AWS CLI and its arguments."""
        arguments = ("--output", "json", "--region", self.region, "--cluster-name", cluster)
        return "aws", ("eks", "get-token", *arguments)
