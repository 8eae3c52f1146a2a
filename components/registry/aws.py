"""Images of one AWS region: an ECR repository a model that may run there.

A tag never moves, every push is scanned, and each repository is encrypted with the region's key for images. Only the
named roles push or delete; only they, the roles of workloads and, where it serves a model, Lambda pull: to others both
are refused here, whatever IAM allows elsewhere. Old images leave by `lifecycle_policy`, which cannot know what serves:
releases name digests.

Owns nothing of the registry as a whole (its replication, scanning and policy are the account's) and no replication: an
image reaches another region by being pushed there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import WORKLOAD_PATH, Statement, arn, document, iam_arn
from components.labels import Labels
from components.naming import aws_registry_host, repository_name
from components.registry.types import RegistryOutputs

_PUSH = tuple(
    f"ecr:{action}"
    for action in "BatchDeleteImage CompleteLayerUpload InitiateLayerUpload PutImage UploadLayerPart".split()
)
_PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_ANYONE = {"AWS": "*"}  # in a refusal


@dataclass(frozen=True, kw_only=True)
class AwsRegistryArgs:
    stack: str
    account: str
    region: str
    models: tuple[str, ...]  # keys of child names: their order does not matter
    key_arn: pulumi.Input[str]  # its policy must let ECR make grants
    pushers: tuple[str, ...]  # ARNs of roles
    untagged_days: int  # an image without a tag is deleted after so many days
    keep_images: int  # the newest so many images stay
    labels: Labels
    protect: bool = False  # true: no `destroy` deletes a repository, nor does a model that leaves the environment
    served_by_lambda: tuple[str, ...] = ()  # models whose images Lambda pulls in its own name

    def __post_init__(self) -> None:
        if not self.pushers or "*" in "".join(self.pushers):
            raise ValueError(f"pushers: got {self.pushers!r}; allowed: one or more full ARNs of roles")
        if len(set(self.models)) != len(self.models):
            raise ValueError(f"models: got {self.models!r}; allowed: each model once")
        if not set(self.served_by_lambda) <= set(self.models):
            raise ValueError(f"served_by_lambda: got {self.served_by_lambda!r}; allowed: of {self.models!r}")
        for field, value in (("untagged_days", self.untagged_days), ("keep_images", self.keep_images)):
            if value < 1:
                raise ValueError(f"{field}: got {value}; allowed: 1 or more")


class AwsRegistry(pulumi.ComponentResource):
    """Repositories `homeport/MODEL`."""

    outputs: RegistryOutputs

    def __init__(self, name: str, args: AwsRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:registry:AwsRegistry", name, None, opts)
        kept = pulumi.ResourceOptions(parent=self, protect=args.protect)  # a repository that stays stays closed
        # To the provider a changed policy is a replacement. Made first, the new one would go with the old one.
        old_goes_first = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        lifecycle = lifecycle_policy(untagged_days=args.untagged_days, keep_images=args.keep_images)
        access = {
            by_lambda: repository_policy(
                account=args.account, region=args.region, pushers=args.pushers, served_by_lambda=by_lambda
            )
            for by_lambda in (False, True)
        }
        addresses: dict[str, pulumi.Output[str]] = {}
        for model in sorted(args.models):
            repository = aws.ecr.Repository(
                f"{name}-{model}",
                name=repository_name(model),
                image_tag_mutability="IMMUTABLE",
                image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
                encryption_configurations=[
                    aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=args.key_arn)
                ],
                force_delete=not args.protect,
                tags=args.labels.model_tags(model),
                opts=kept,
            )
            own = access[model in args.served_by_lambda]
            aws.ecr.RepositoryPolicy(f"{name}-{model}", repository=repository.name, policy=own, opts=kept)
            aws.ecr.LifecyclePolicy(
                f"{name}-{model}", repository=repository.name, policy=lifecycle, opts=old_goes_first
            )
            addresses[model] = repository.repository_url
        self.outputs = RegistryOutputs(
            host=aws_registry_host(account=args.account, place=args.region), repositories=addresses
        )
        self.register_outputs({"host": self.outputs.host, "repositories": addresses})


def lifecycle_policy(*, untagged_days: int, keep_images: int) -> str:
    """First what has no tag, then all but the newest.

    The rule for any tag is ECR's last: it must have the highest number. Parts of an image index are kept with it.
    """
    untagged = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days"}
    surplus = {"tagStatus": "any", "countType": "imageCountMoreThan"}
    rules = [
        (f"without a tag for {untagged_days} days", {**untagged, "countNumber": untagged_days}),
        (f"all but the newest {keep_images}", {**surplus, "countNumber": keep_images}),
    ]
    body = {
        "rules": [
            {"rulePriority": number, "description": text, "selection": selection, "action": {"type": "expire"}}
            for number, (text, selection) in enumerate(rules, start=1)
        ]
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def repository_policy(*, account: str, region: str, pushers: tuple[str, ...], served_by_lambda: bool = False) -> str:
    """Refusals, and of services of AWS that pull in their own name a grant to Lambda where it serves the model.

    What a role of the account may do stands in its own policies, and other accounts have no right. The refusal to pull
    lets services through: without a grant they may nothing either.
    """
    pullers = (
        *pushers,
        iam_arn(f"role{WORKLOAD_PATH}*", region=region, account=account),
        iam_arn("role/aws-service-role/*", region=region, account=account),  # scanners; only services take these
    )
    return document(
        Statement(
            sid="NeverPushByOthers",
            effect="Deny",
            actions=_PUSH,
            principal=_ANYONE,
            conditions={"ArnNotEquals": {"aws:PrincipalArn": pushers}},
        ),
        Statement(
            sid="NeverPullByOthers",
            effect="Deny",
            actions=_PULL,
            principal=_ANYONE,
            conditions={
                "ArnNotLike": {"aws:PrincipalArn": pullers},
                "Bool": {"aws:PrincipalIsAWSService": "false"},
            },
        ),
        *((_pull_by_lambda(account, region),) if served_by_lambda else ()),
    )


def _pull_by_lambda(account: str, region: str) -> Statement:
    """Lambda pulls when a function gets an image, and again before it wakes one that nobody called for weeks.

    Without this statement Lambda adds one of its own through a caller who may change the policy, and the next `up`
    takes that away ("Amazon ECR permissions" in the Lambda guide, read 2026-11-24).
    """
    return Statement(
        sid="PullByLambda",
        actions=_PULL,
        principal={"Service": "lambda.amazonaws.com"},
        conditions={
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": arn("lambda", "function:*", region=region, account=account)},
        },
    )
