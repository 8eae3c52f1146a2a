"""The AWS identity of one model's pods: a role that its service account alone can take, and the association that
gives it.

Without statements the role may do nothing, and still tells in CloudTrail which model called. Owns neither the service
account nor the data that the statements name.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import WORKLOAD_PATH, Statement, document, pod_trust
from components.identity.types import ModelIdentityOutputs
from components.naming import physical_name


@dataclass(frozen=True, kw_only=True)
class AwsModelIdentityArgs:
    stack: str
    model: str
    account: str
    cluster_name: pulumi.Input[str]
    cluster_arn: pulumi.Input[str]
    namespace: str
    service_account: str
    permissions_boundary_arn: str
    statements: tuple[Statement, ...] = ()  # what the model may do: none by default

    def __post_init__(self) -> None:
        for statement in self.statements:
            named = statement.actions and statement.resources and "*" not in statement.resources
            if not named or any("*" in action for action in statement.actions):
                raise ValueError(
                    f"statement {statement.sid} of model {self.model}: got actions {statement.actions} on "
                    f"{statement.resources}; allowed: full names of actions, on named resources"
                )


class AwsModelIdentity(pulumi.ComponentResource):
    """Role `{stack}-{model}` below `/homeport/`, under the account's permissions boundary."""

    outputs: ModelIdentityOutputs

    def __init__(self, name: str, args: AwsModelIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:identity:AwsModelIdentity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)

        def trust(cluster_arn: str) -> str:
            return pod_trust(
                account=args.account,
                cluster_arn=cluster_arn,
                namespace=args.namespace,
                service_account=args.service_account,
            )

        role = aws.iam.Role(
            f"{name}-role",
            name=physical_name(args.stack, args.model, longest=64),
            path=WORKLOAD_PATH,
            description=f"{args.stack}: pods of model {args.model}",
            assume_role_policy=pulumi.Output.from_input(args.cluster_arn).apply(trust),
            permissions_boundary=args.permissions_boundary_arn,
            opts=child,
        )
        if args.statements:
            aws.iam.RolePolicy(
                f"{name}-policy", name="model", role=role.name, policy=document(*args.statements), opts=child
            )
        aws.eks.PodIdentityAssociation(
            f"{name}-association",
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=args.service_account,
            role_arn=role.arn,
            opts=child,
        )
        self.outputs = ModelIdentityOutputs(role_arn=role.arn, role_name=role.name)
        self.register_outputs({"role_arn": role.arn, "role_name": role.name})
