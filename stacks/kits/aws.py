"""Homeport's components of AWS, and how settings become their args: what every kit shares, the account, the front door.

The kits of platforms and of models stand beside it (`aws_platform`, `aws_models`).

Every component gets the kit's one provider, which refuses any other account and labels whatever takes tags. What is
asked of AWS while the graph is built stands in `aws_lookups`.
"""

from __future__ import annotations

from functools import partial

import pulumi
import pulumi_aws as aws

from components.account.aws import AwsAccount, AwsAccountArgs
from components.account.aws_boundaries import workload_boundary_arn
from components.account.aws_github import GitHubRepository
from components.account.aws_state import StateStore
from components.account.types import AccountOutputs
from components.front_door.aws import AwsFrontDoor, AwsFrontDoorArgs, FrontDoorTarget
from components.front_door.types import FrontDoorOutputs
from components.labels import Labels
from stacks.contracts import ServedModel
from stacks.kits.aws_lookups import AwsLookups
from stacks.kits.kubeconfig import Login
from stacks.settings import AccountSettings, FrontDoorSettings, ModelSettings

Answering = dict[str, dict[str, pulumi.Output[ServedModel]]]
"""By model, by region, where it answers there."""


class AwsKit:
    """One stack's components in one region of one account."""

    def __init__(self, stack: str, *, region: str, account: str, labels: Labels) -> None:
        self.stack, self.region, self.account, self.labels = stack, region, account, labels
        self.provider = aws.Provider(
            "aws",
            region=region,
            allowed_account_ids=[account],
            default_tags=aws.ProviderDefaultTagsArgs(tags=labels.tags()),
        )
        self.opts = pulumi.ResourceOptions(provider=self.provider)
        self.lookups = AwsLookups(region, self.provider)

    def account_of(self, settings: AccountSettings) -> AccountOutputs:
        """Zone, validation records, boundaries, delivery."""
        github = settings.github
        source = GitHubRepository(**github.model_dump()) if github else None
        args = AwsAccountArgs(
            environment=settings.stack.environment,
            account=self.account,
            home_region=self.region,
            domain=settings.domain,
            jurisdictions=settings.jurisdictions,
            source=source,
            cost_tags=settings.cost_tags,
            state=tuple(
                StateStore(bucket=bucket.bucket, key_alias=key.alias, region=bucket.region)
                for bucket, key in settings.state.values()
            ),
            protect=settings.protect_data,
        )
        return AwsAccount("account", args, self.opts).outputs

    def front_door(self, settings: FrontDoorSettings, served: Answering) -> FrontDoorOutputs:
        """Names, health checks and records of one jurisdiction."""
        models = {model.name: model for model in settings.models}
        args = AwsFrontDoorArgs(
            domain=settings.domain,
            jurisdiction=settings.jurisdiction,
            zone_id=self.lookups.zone_id(settings.domain),
            targets={
                name: {place: target_of(models[name], answering) for place, answering in regions.items()}
                for name, regions in served.items()
            },
            places=settings.places,
        )
        return AwsFrontDoor("front-door", args, self.opts).outputs

    def login(self, cluster: str) -> Login:
        """The command that gives whoever runs Pulumi a token for the cluster: the AWS CLI and its arguments."""
        arguments = ("--output", "json", "--region", self.region, "--cluster-name", cluster)
        return "aws", ("eks", "get-token", *arguments)

    def boundary(self, jurisdiction: str) -> str:
        """The ARN of the permissions boundary of every role of a regional stack."""
        return workload_boundary_arn(
            environment=self.labels.environment, jurisdiction=jurisdiction, region=self.region, account=self.account
        )


def target_of(model: ModelSettings, answering: pulumi.Output[ServedModel]) -> FrontDoorTarget:
    """Where a checker does not reach the model, an alarm on its calls is followed too: the API of a managed endpoint
    answers whether or not the endpoint does, and where callers show a certificate, which a checker has none of, it sees
    only that something takes connections.
    """
    blind = model.serve_on.aws == "sagemaker" or model.access.mutual_tls is not None
    return FrontDoorTarget(
        hostname=answering.apply(lambda served: served.hostname or ""),
        health_host=answering.apply(lambda served: served.health_host or served.hostname or ""),
        health_path=answering.apply(lambda served: served.health_path),
        alarm=answering.apply(partial(_alarm_of, model.name)) if blind else None,
        tcp=model.access.mutual_tls is not None,
    )


def _alarm_of(model: str, served: ServedModel) -> str:
    if served.alarm is None:
        raise pulumi.RunError(
            f"{model} has no alarm that the front door could follow: its models stack was deployed before it had an "
            "API. Bring that stack up to date first: pulumi up"
        )
    return served.alarm
