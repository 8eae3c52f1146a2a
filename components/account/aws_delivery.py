"""Who may preview and apply from GitHub Actions in one AWS account, without any stored key.

Owns GitHub's OIDC provider (one an account: adopt an older one with `pulumi import`), the delivery boundary and two
roles with sessions of one hour. Owns no user, no access key, and no right to change the account stack: that stack is
applied by people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.account.aws_boundaries import DELIVERY_PATH, delivery_boundary
from components.account.aws_delivery_data import deployed_profiles
from components.account.aws_delivery_gateway import readable_files
from components.account.aws_delivery_policies import (
    apply_policy,
    deployed_roles,
    part_policies,
    preview_policy,
    service_roles,
)
from components.account.aws_github import AUDIENCE, ISSUER, GitHubRepository, apply_trust, preview_trust
from components.account.aws_state import States, StateStore
from components.aws_policies import iam_arn
from components.naming import physical_name

SESSION_SECONDS = 3600


def delivery_role_arn(role: str, *, environment: str, region: str, account: str) -> str:
    """The ARN of the `preview` or `apply` role: clusters give access to it by name."""
    name = _role_name(environment, role)
    return iam_arn(f"role{DELIVERY_PATH}{name}", region=region, account=account)


@dataclass(frozen=True, kw_only=True)
class AwsDeliveryArgs:
    environment: str
    account: str
    region: str  # any of the account's partition
    regions: tuple[str, ...]  # with those of the state, the only ones in which anything may be read or changed
    source: GitHubRepository
    zone_arn: pulumi.Input[str]
    names: tuple[str, ...]  # patterns of DNS names that front doors may change
    boundary_arns: tuple[pulumi.Input[str], ...]  # every role made by a deployment carries one of them
    state: tuple[StateStore, ...] = ()  # none: the state is not in this account


class AwsDelivery(pulumi.ComponentResource):
    """The provider, the ceiling, and the roles `{environment}-preview` and `{environment}-apply`."""

    preview_role_arn: pulumi.Output[str]
    apply_role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: AwsDeliveryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:account:AwsDelivery", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        states = States(stores=args.state, account=args.account, region=args.region)
        provider = aws.iam.OpenIdConnectProvider(
            f"{name}-github", url=f"https://{ISSUER}", client_id_lists=[AUDIENCE], opts=self._child
        )
        boundary = self._boundary(states)

        def trusting(write: Callable[[str, GitHubRepository], str]) -> pulumi.Output[str]:
            return provider.arn.apply(lambda provider_arn: write(provider_arn, args.source))

        preview = self._role(
            "preview", trusting(preview_trust), boundary, preview_policy(environment=args.environment, states=states)
        )
        may_apply = pulumi.Output.from_input(args.zone_arn).apply(
            lambda zone_arn: apply_policy(
                environment=args.environment, zone_arn=zone_arn, names=args.names, states=states
            )
        )
        apply = self._role("apply", trusting(apply_trust), boundary, may_apply)
        self._parts(apply)
        self.preview_role_arn, self.apply_role_arn = preview.arn, apply.arn
        self.register_outputs({"preview_role_arn": preview.arn, "apply_role_arn": apply.arn})

    def _boundary(self, states: States) -> aws.iam.Policy:
        args = self._args
        roles = (
            deployed_roles(args.environment, region=args.region, account=args.account),
            service_roles(region=args.region, account=args.account),
            deployed_profiles(args.environment, region=args.region, account=args.account),
        )

        regions = tuple(sorted({*args.regions, *states.regions}))
        readable = readable_files(args.environment, region=args.region, account=args.account)

        def write(boundaries: list[str]) -> str:
            return delivery_boundary(
                roles=roles, boundaries=tuple(boundaries), regions=regions, states=states, readable=readable
            )

        return aws.iam.Policy(
            f"{self._name}-boundary",
            name=physical_name(args.environment, "delivery", longest=128),
            path=DELIVERY_PATH,
            description=f"{args.environment}: what GitHub's roles may do at most",
            policy=pulumi.Output.all(*args.boundary_arns).apply(write),
            opts=self._child,
        )

    def _parts(self, apply: aws.iam.Role) -> None:
        """What one document of the role has no room for."""
        args = self._args
        texts = part_policies(environment=args.environment, region=args.region, account=args.account)
        for part, text in texts.items():
            made = aws.iam.Policy(
                f"{self._name}-apply-{part}",
                name=physical_name(args.environment, "apply", part, longest=128),
                path=DELIVERY_PATH,
                description=f"{args.environment}: what applying changes of a region's {part}",
                policy=text,
                opts=self._child,
            )
            aws.iam.RolePolicyAttachment(
                f"{self._name}-apply-{part}", role=apply.name, policy_arn=made.arn, opts=self._child
            )

    def _role(
        self, role: str, trust: pulumi.Output[str], boundary: aws.iam.Policy, policy: pulumi.Input[str]
    ) -> aws.iam.Role:
        args = self._args
        made = aws.iam.Role(
            f"{self._name}-{role}",
            name=_role_name(args.environment, role),
            path=DELIVERY_PATH,
            description=f"{args.environment}: {role} from {args.source.repository} on GitHub",
            assume_role_policy=trust,
            permissions_boundary=boundary.arn,
            max_session_duration=SESSION_SECONDS,
            opts=self._child,
        )
        aws.iam.RolePolicy(f"{self._name}-{role}", name=role, role=made.name, policy=policy, opts=self._child)
        return made


def _role_name(environment: str, role: str) -> str:
    return physical_name(environment, role, longest=64)
