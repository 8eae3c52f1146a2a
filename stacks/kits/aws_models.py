"""What a model in a region of AWS is made of, beside the Kubernetes objects that all clouds share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.api.targets import Target
from components.api.types import ApiOutputs
from components.cache.aws import PORT as CACHE_PORT
from components.identity.aws_model import AwsModelIdentity, AwsModelIdentityArgs
from components.model_monitoring.aws import AwsModelMonitoring
from components.serving.aws import AWS_REACHES, aws_exposure
from components.serving.model import BehindApi, Exposure
from components.serving.surroundings import Reach
from components.serving.types import ServingOutputs
from components.stream_worker import aws_parts as worker
from stacks.contracts import PlatformContract
from stacks.kits import aws_api, aws_batch, aws_endpoint, aws_functions, aws_watching
from stacks.kits.aws import AwsKit
from stacks.kits.aws_surroundings import Surroundings, surroundings
from stacks.settings import ModelSettings, ModelsSettings, Release


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a model is reached: by its API, by the worker of its stream, and by `hostname` where callers need no API.

    `versions`: of a function, what was published, by image digest.
    """

    api: Target | None = None
    worker: worker.Target | None = None
    hostname: pulumi.Output[str | None] | None = None
    versions: Mapping[str, pulumi.Output[str]] = field(default_factory=dict[str, pulumi.Output[str]])


class AwsModels(AwsKit):
    """The components of a models stack. `platform` is the contract of the stack below."""

    def __init__(self, settings: ModelsSettings, platform: pulumi.Output[PlatformContract]) -> None:
        super().__init__(
            settings.stack.text, region=settings.place.name, account=settings.account, labels=settings.labels
        )
        self.settings, self.platform = settings, platform

    def watch(self, model: ModelSettings, release: Release) -> AwsModelMonitoring:
        """Alarms and dashboard of a model. They stand first: what they watch is held to them from its first call."""
        return aws_watching.model_monitoring(
            self, self.settings, model, release, self.platform, function_timeout_s=aws_functions.timeout_s(model)
        )

    def around(self, model: ModelSettings) -> Surroundings:
        """What the model's container is told, and what its role may do."""
        return surroundings(
            platform_stack=self.settings.platform,
            region=self.region,
            account=self.account,
            model=model,
            platform=self.platform,
        )

    def model_identity(self, model: str, namespace: str, around: Surroundings) -> AwsModelIdentity:
        """Who the model's pods are; its service account bears the model's name."""
        args = AwsModelIdentityArgs(
            stack=self.stack,
            model=model,
            account=self.account,
            cluster_name=self.platform.apply(lambda contract: contract.cluster.name),
            cluster_arn=self.platform.apply(lambda contract: contract.cluster.identifier),
            namespace=namespace,
            service_account=model,
            permissions_boundary_arn=self.boundary(self.settings.jurisdiction),
            statements=around.statements,
        )
        return AwsModelIdentity(f"{model}-identity", args, self.opts)

    def exposure(self, model: ModelSettings) -> Exposure | BehindApi | None:
        """How pods are reached from outside the cluster, if they are: behind the API, or by a balancer of their own."""
        if model.by_api or model.stream is not None:
            return BehindApi(cidr=self.platform.apply(lambda contract: contract.network.cidr))
        return aws_exposure(
            networks=model.access.networks,
            certificate_arn=self.platform.apply(lambda contract: contract.certificate),
            labels=self.labels.for_model(model.name),
        )

    def reaches(self, around: Surroundings) -> tuple[Reach, ...]:
        """What pods may call: services of AWS, whose addresses change, and the cache in the network."""
        if not around.calls_aws:
            return ()
        network = self.platform.apply(lambda contract: contract.network.cidr)
        return (*AWS_REACHES, Reach(cidr=network, port=CACHE_PORT)) if around.cached else AWS_REACHES

    def way_to_pods(self, model: ModelSettings, release: Release, serving: ServingOutputs) -> Way:
        """Through the region's private link, or straight to the model's own balancer."""
        if serving.link_port is None:
            return Way(hostname=serving.hostname)
        link = aws_api.linked(self, model, release, serving, self.platform)
        asked = aws_functions.balancer_target(self.platform, port=link.stable_port)
        return Way(api=link, worker=asked)

    def way_to_managed(
        self, model: ModelSettings, release: Release, around: Surroundings, watch: AwsModelMonitoring
    ) -> Way:
        """Makes the endpoint or the function that serves the model without a cluster."""
        if model.serve_on.aws == "lambda":
            made = aws_functions.model_function(self, self.settings, model, release, self.platform, around)
            asked = worker.FunctionTarget(alias_arn=made.target)
            return Way(api=aws_api.by_function(made), worker=asked, versions=made.versions)
        endpoint = aws_endpoint.endpoint(
            self, self.settings, model, release, self.platform, around, rollback_alarms=watch.rollback_alarms
        )
        asked = worker.EndpointTarget(name=endpoint.name, arn=endpoint.arn)
        return Way(api=aws_api.managed(self, model), worker=asked)

    def open(self, model: ModelSettings, release: Release, way: Way, watch: AwsModelMonitoring) -> dict[str, object]:
        """What stands in front of the model and beside it; the model's part of the contract."""
        if model.stream is not None and way.worker is not None:
            kafka = self.settings.streams == "msk"
            aws_functions.stream_worker(self, self.settings, model, self.platform, way.worker, kafka=kafka)
        if model.batch is not None:
            aws_batch.batch_job(self, self.settings, model, release, self.platform)
        api: ApiOutputs | None = None
        if model.by_api and way.api is not None:
            api = aws_api.model_api(self, self.settings, model, self.platform, way.api)
        return {
            "hostname": api.hostname if api else way.hostname,
            "health_host": api.health_host if api else None,
            "health_path": api.health_path if api else "/ping",
            "alarm": watch.outputs.health_alarm,
            "versions": dict(way.versions),
        }
