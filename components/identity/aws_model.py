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
from components.identity.aws_workload import check_statements
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
    statements: pulumi.Input[tuple[Statement, ...]] = ()  # what the model may do: nothing by default

    def __post_init__(self) -> None:
        if isinstance(self.statements, tuple):
            check_statements(f"model {self.model}", self.statements)


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
        if args.statements != ():
            policy = pulumi.Output.from_input(args.statements).apply(lambda given: _document(args.model, given))
            aws.iam.RolePolicy(f"{name}-policy", name="model", role=role.name, policy=policy, opts=child)
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


def _document(model: str, statements: tuple[Statement, ...]) -> str:
    check_statements(f"model {model}", statements)
    return document(*statements)
