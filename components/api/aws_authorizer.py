"""Who judges the tokens of callers: a function of a few lines, between API Gateway and the issuer's published keys.

Its code is `authorizer/index.mjs`, as it stands there: Node.js brings all that it needs, so nothing is fetched or built
when a stack is applied. It stands outside the network, as it calls the issuer's public address and nothing of ours.

Owns the function, its role and its log group. Reserves no part of the account's concurrency, of which a new account has
little: what protects it is that API Gateway keeps a good answer for a minute, and refuses what has not the form of a
token by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.aws_policies import Statement, arn
from components.identity.aws_workload import AwsWorkloadRole, AwsWorkloadRoleArgs
from components.naming import physical_name

RETENTION_DAYS = 30
RUNTIME = "nodejs24.x"
_CODE = Path(__file__).parent / "authorizer" / "index.mjs"
_MEMORY_MIB = 256  # processor time comes with it: a signature is checked within milliseconds
_TIMEOUT_S = 10  # more than the two questions to the issuer may take
_LONGEST_NAME = 64


def authorizer_name(stack: str, model: str) -> str:
    """The function's name."""
    return physical_name(stack, model, "authorizer", longest=_LONGEST_NAME)


def authorizer_log_group(stack: str, model: str) -> str:
    """Why a call was refused, never with what. `stack`: the models stack. The logs key names it."""
    return f"/aws/lambda/{authorizer_name(stack, model)}"


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Whose tokens are taken: the issuer's URL as it stands in them, and the audience that they must name."""

    issuer: str
    audience: str

    def __post_init__(self) -> None:
        if not self.issuer.startswith("https://") or "?" in self.issuer or "#" in self.issuer:
            raise ValueError(f"issuer: got {self.issuer!r}; allowed: an https:// address without ? and #")
        if not self.audience:
            raise ValueError("audience: got nothing; allowed: the audience that tokens for this model name")


@dataclass(frozen=True, kw_only=True)
class AwsAuthorizerArgs:
    stack: str
    model: str
    account: str
    region: str
    tokens: Tokens
    logs_key_arn: pulumi.Input[str]  # its policy must let CloudWatch Logs use it for `authorizer_log_group`
    permissions_boundary_arn: str
    protect_logs: bool = False


class AwsAuthorizer(pulumi.ComponentResource):
    """`invoke_arn`: what an API calls. The API's right to do so is its own part, since it names the API."""

    invoke_arn: pulumi.Output[str]
    function_name: pulumi.Output[str]

    def __init__(self, name: str, args: AwsAuthorizerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:api:AwsAuthorizer", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=authorizer_log_group(args.stack, args.model),
            retention_in_days=RETENTION_DAYS,
            kms_key_id=args.logs_key_arn,
            deletion_protection_enabled=args.protect_logs,
            opts=child,
        )
        role = AwsWorkloadRole(f"{name}-identity", _role(args), child)
        function = aws.lambda_.Function(
            f"{name}-function",
            name=authorizer_name(args.stack, args.model),
            description=f"{args.stack}: judges tokens of callers of {args.model}",
            role=role.role_arn,
            runtime=RUNTIME,
            architectures=["arm64"],
            handler="index.handler",
            code=pulumi.AssetArchive({"index.mjs": pulumi.StringAsset(_CODE.read_text(encoding="utf-8"))}),
            memory_size=_MEMORY_MIB,
            timeout=_TIMEOUT_S,
            environment=aws.lambda_.FunctionEnvironmentArgs(
                variables={"ISSUER": args.tokens.issuer, "AUDIENCE": args.tokens.audience}
            ),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="Text", log_group=logs.name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs, *role.attachments]),
        )
        self.invoke_arn, self.function_name = function.invoke_arn, function.name
        self.register_outputs({"invoke_arn": function.invoke_arn, "function_name": function.name})


def _role(args: AwsAuthorizerArgs) -> AwsWorkloadRoleArgs:
    """It may write its log, and nothing else."""
    name = authorizer_name(args.stack, args.model)
    group = arn(
        "logs", f"log-group:{authorizer_log_group(args.stack, args.model)}:*", region=args.region, account=args.account
    )
    return AwsWorkloadRoleArgs(
        role_name=name,
        service="lambda.amazonaws.com",
        description=f"{args.stack}: judges tokens of callers of {args.model}",
        account=args.account,
        permissions_boundary_arn=args.permissions_boundary_arn,
        statements=(
            Statement(sid="WriteLogs", actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(group,)),
        ),
        source_arn=arn("lambda", f"function:{name}", region=args.region, account=args.account),
    )
