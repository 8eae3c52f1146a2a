"""Who may call a cluster's API: EKS access entries, one a role, and nothing else.

The cluster is in mode API and admits nobody by itself, not even who created it: what is not listed here has no access.
Nodes are let in by EKS (managed node groups bring their own entry).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.naming import aws_partition

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")

# Access policies of EKS ("Review access policy permissions"); the viewer reads no Secret.
_ADMIN = "AmazonEKSClusterAdminPolicy"
_VIEWER = "AmazonEKSViewPolicy"


@dataclass(frozen=True, kw_only=True)
class AwsAccessArgs:
    """Role ARNs, plain, since they name children. `admins` may do everything, `viewers` read all but Secrets."""

    cluster_name: pulumi.Input[str]
    place: str
    admins: tuple[str, ...]
    viewers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.admins:
            raise ValueError("admins: got none; allowed: at least one role ARN, or nobody could ever reach the cluster")
        roles = self.admins + self.viewers
        for arn in roles:
            if not _ROLE_ARN.fullmatch(arn):
                raise ValueError(f"admins, viewers: got {arn!r}; allowed: ARNs of IAM roles, arn:aws:iam::...")
        twice = [role for role, count in Counter(map(role_name, roles)).items() if count > 1]
        if twice:
            raise ValueError(f"admins, viewers: got {', '.join(twice)} twice; allowed: each role in one of the two")


class AwsAccess(pulumi.ComponentResource):
    """One access entry a role, with one policy over the whole cluster.

    `associations`: give them to `depends_on` of what is put into the cluster by its own API.
    """

    associations: tuple[pulumi.Resource, ...]

    def __init__(self, name: str, args: AwsAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:cluster:AwsAccess", name, None, opts)
        partition = aws_partition(args.place).name
        associations: list[pulumi.Resource] = []
        for policy, roles in ((_ADMIN, args.admins), (_VIEWER, args.viewers)):
            for arn in roles:
                entry = aws.eks.AccessEntry(
                    f"{name}-{role_name(arn)}",
                    cluster_name=args.cluster_name,
                    principal_arn=arn,
                    type="STANDARD",
                    opts=pulumi.ResourceOptions(parent=self),
                )
                association = aws.eks.AccessPolicyAssociation(
                    f"{name}-{role_name(arn)}",
                    cluster_name=args.cluster_name,
                    principal_arn=entry.principal_arn,
                    policy_arn=f"arn:{partition}:eks::aws:cluster-access-policy/{policy}",
                    access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[entry]),
                )
                associations.append(association)
        self.associations = tuple(associations)
        self.register_outputs({"admins": list(args.admins), "viewers": list(args.viewers)})


def role_name(arn: str) -> str:
    """The role's own name, without account and path: `arn:aws:iam::123456789012:role/ci/apply` is `apply`."""
    return arn.rsplit("/", 1)[-1]
