"""KMS keys of one AWS region: one a purpose, each usable by its purpose only.

The account's administrators manage the keys through IAM but cannot use them: every use stands in the key's own
policy, so a role with `kms:Decrypt` on everything still reads nothing here. That does not stop an administrator who
rewrites a key policy, or makes a grant on the secrets key; CloudTrail shows both.

Owns no key of the state backend (made before the first `up`) and no multi-region key: a key never leaves its region.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import Statement, arn, document, iam_arn
from components.keys.aws_alarms import alarms_use
from components.keys.aws_data import bucket_use, images_use
from components.keys.aws_services import cache_use, features_use, functions_use, queues_use, streams_use
from components.keys.types import KeyPurpose, KeysOutputs
from components.naming import aws_partition

DELETION_WINDOW_DAYS = 30  # the longest that KMS offers: a deleted key is lost data

# Without kms:CreateGrant: a grant hands out use. Without wildcards: what KMS adds later is not given by itself.
_ADMINISTRATION = tuple(
    f"kms:{action}"
    for action in """
    CancelKeyDeletion CreateAlias DeleteAlias DescribeKey DisableKey DisableKeyRotation EnableKey EnableKeyRotation
    GetKeyPolicy GetKeyRotationStatus ListGrants ListKeyPolicies ListKeyRotations ListResourceTags PutKeyPolicy
    RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateKeyDescription
    """.split()
)
_USE = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
_GRANT = ("kms:CreateGrant",)
_THIS_KEY = ("*",)  # in a key policy the resource is the key itself; its ARN is not known before it exists
_FOR_A_SERVICE = {"kms:GrantIsForAWSResource": "true"}


@dataclass(frozen=True, kw_only=True)
class AwsKeysArgs:
    """What may use the keys, by names that are known before the users exist."""

    stack: str
    account: str
    region: str
    cluster_role_arn: str
    log_groups: tuple[str, ...]  # names; CloudWatch may use the logs key for these and no others
    alarm_topic: str  # the topic's name: the alarms key serves it and no other
    store_bucket: str  # the name of the model store's bucket: the weights key serves it and no other
    purposes: frozenset[KeyPurpose] = frozenset()  # keys beyond those that every region has
    predictions_bucket: str | None = None  # its name: the predictions key serves it and no other
    protect: bool = False  # true: no `destroy` deletes the keys, and with them the data

    def __post_init__(self) -> None:
        if not self.log_groups or "*" in "".join(self.log_groups):
            raise ValueError(f"log_groups: got {self.log_groups!r}; allowed: one or more full names of log groups")
        asked = KeyPurpose.PREDICTIONS in self.purposes
        if asked != bool(self.predictions_bucket):
            allowed = "the bucket's name" if asked else "None, since purposes has no predictions"
            raise ValueError(f"predictions_bucket: got {self.predictions_bucket!r}; allowed: {allowed}")


class AwsKeys(pulumi.ComponentResource):
    """Keys for Kubernetes secrets, volumes, logs, images, weights, alarms and `purposes`, rotated every year."""

    outputs: KeysOutputs

    def __init__(self, name: str, args: AwsKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:keys:AwsKeys", name, None, opts)
        arns: dict[str, pulumi.Output[str]] = {}
        for purpose, (description, policy) in key_policies(args).items():
            key = aws.kms.Key(
                f"{name}-{purpose}",
                description=f"{args.stack}: {description}",
                policy=policy,
                enable_key_rotation=True,
                deletion_window_in_days=DELETION_WINDOW_DAYS,
                multi_region=False,
                tags={"Name": f"{args.stack}-{purpose}"},
                opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
            )
            aws.kms.Alias(
                f"{name}-{purpose}",
                name=f"alias/{args.stack}-{purpose}",
                target_key_id=key.key_id,
                opts=pulumi.ResourceOptions(parent=self),
            )
            arns[purpose] = key.arn
        self.outputs = KeysOutputs(
            secrets_key_arn=arns["secrets"],
            volumes_key_arn=arns["volumes"],
            logs_key_arn=arns["logs"],
            images_key_arn=arns["images"],
            weights_key_arn=arns["weights"],
            alarms_key_arn=arns["alarms"],
            cache_key_arn=arns.get(KeyPurpose.CACHE),
            streams_key_arn=arns.get(KeyPurpose.STREAMS),
            features_key_arn=arns.get(KeyPurpose.FEATURES),
            predictions_key_arn=arns.get(KeyPurpose.PREDICTIONS),
            queues_key_arn=arns.get(KeyPurpose.QUEUES),
            functions_key_arn=arns.get(KeyPurpose.FUNCTIONS),
        )
        self.register_outputs({f"{purpose}_key_arn": value for purpose, value in arns.items()})


def key_policies(args: AwsKeysArgs) -> Mapping[str, tuple[str, str]]:
    """Purpose -> description and key policy."""
    administration = Statement(
        sid="AdministerThroughIam", actions=_ADMINISTRATION, resources=_THIS_KEY, principal=_account(args)
    )
    return {
        "secrets": ("envelope encryption of Kubernetes secrets", document(administration, *_secrets_use(args))),
        "volumes": ("disks of nodes and volumes of pods", document(administration, *_volumes_use(args))),
        "logs": ("CloudWatch log groups", document(administration, _logs_use(args))),
        "images": ("repositories of model images", document(administration, images_use(args.account, args.region))),
        "weights": (
            "weights in the model store",
            document(administration, bucket_use(args.account, args.region, args.store_bucket)),
        ),
        "alarms": (
            "messages of the alarm topic",
            document(administration, *alarms_use(args.account, args.region, args.alarm_topic)),
        ),
        **{
            purpose.value: (description, document(administration, *use))
            for purpose, (description, use) in _asked_for(args).items()
        },
    }


def _asked_for(args: AwsKeysArgs) -> Mapping[KeyPurpose, tuple[str, tuple[Statement, ...]]]:
    """The optional purposes that are asked for: description and who uses the key."""
    account, region, stack = args.account, args.region, args.stack
    known = {
        KeyPurpose.CACHE: ("answers kept for equal questions", cache_use(account, region)),
        KeyPurpose.STREAMS: ("records of streams", streams_use(account, region, stack)),
        KeyPurpose.FEATURES: ("tables of features", features_use(account, region, stack)),
        KeyPurpose.PREDICTIONS: (
            "what models got and answered",
            (bucket_use(account, region, args.predictions_bucket or ""),),
        ),
        KeyPurpose.QUEUES: ("messages that nobody could take", queues_use(account, region, stack)),
        KeyPurpose.FUNCTIONS: ("functions, their settings and images", functions_use(account, region, stack)),
    }
    return {purpose: use for purpose, use in known.items() if purpose in args.purposes}


def _secrets_use(args: AwsKeysArgs) -> tuple[Statement, ...]:
    """The control plane's role, and whoever creates the cluster for the one grant that EKS makes in their name.

    The principal is the account with a condition, not the role: KMS refuses a policy that names a role not made yet.
    That the grant is for a service cannot be asked for: with `kms:GrantIsForAWSResource` CreateCluster fails (EKS user
    guide, "Encrypt Kubernetes secrets with KMS", read 2026-11-24).
    """
    return (
        Statement(
            sid="UseByControlPlane",
            actions=("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"),
            resources=_THIS_KEY,
            principal=_account(args),
            conditions={"ArnEquals": {"aws:PrincipalArn": args.cluster_role_arn}},
        ),
        Statement(
            sid="GrantToEks",
            actions=_GRANT,
            resources=_THIS_KEY,
            principal=_account(args),
            conditions={"StringEquals": {"kms:CallerAccount": args.account}},
        ),
    )


def _volumes_use(args: AwsKeysArgs) -> tuple[Statement, ...]:
    """EC2 Auto Scaling launches nodes with encrypted disks; the volume driver asks EC2 for volumes.

    Auto Scaling's service-linked role has no rights of its own on keys, so it must be granted here; it appears with an
    account's first Auto Scaling group, after the key, so it is named by a condition (as the `aws/ebs` key of AWS does).
    """
    role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    scaling = {
        "StringEquals": {"kms:CallerAccount": args.account},
        "ArnEquals": {"aws:PrincipalArn": iam_arn(role, region=args.region, account=args.account)},
    }
    through_ec2 = {
        "kms:CallerAccount": args.account,
        "kms:ViaService": f"ec2.{args.region}.{aws_partition(args.region).dns_suffix}",
    }
    anyone = {"AWS": "*"}  # narrowed to one role of this account by `scaling`
    return (
        Statement(sid="UseByAutoScaling", actions=_USE, resources=_THIS_KEY, principal=anyone, conditions=scaling),
        Statement(
            sid="GrantByAutoScaling",
            actions=_GRANT,
            resources=_THIS_KEY,
            principal=anyone,
            conditions={**scaling, "Bool": _FOR_A_SERVICE},
        ),
        Statement(
            sid="UseThroughEc2",
            actions=_USE,
            resources=_THIS_KEY,
            principal=_account(args),
            conditions={"StringEquals": through_ec2},
        ),
        Statement(
            sid="GrantThroughEc2",
            actions=_GRANT,
            resources=_THIS_KEY,
            principal=_account(args),
            conditions={"StringEquals": through_ec2, "Bool": _FOR_A_SERVICE},
        ),
    )


def _logs_use(args: AwsKeysArgs) -> Statement:
    """CloudWatch Logs, for the named log groups only: it puts the group's ARN into the encryption context."""
    groups = tuple(
        arn("logs", f"log-group:{group}", region=args.region, account=args.account) for group in args.log_groups
    )
    return Statement(
        sid="UseByCloudWatchLogs",
        actions=tuple(action for action in _USE if action != "kms:DescribeKey"),  # it carries no encryption context
        resources=_THIS_KEY,
        principal={"Service": f"logs.{args.region}.{aws_partition(args.region).dns_suffix}"},
        conditions={"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": groups}},
    )


def _account(args: AwsKeysArgs) -> dict[str, str]:
    """The account as principal: whoever of the account has the right by IAM too."""
    return {"AWS": iam_arn("root", region=args.region, account=args.account)}
