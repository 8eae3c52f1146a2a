"""A model as an AWS Lambda function: one function, a published version a release, one alias that callers name.

The alias `live` leads to the stable version, and to the candidate's for its share of the calls. A version is what the
function was at a moment, so the image of the function is the candidate's while one is on trial, and the stable version
must be known by its number, from the deployment before: a release cannot begin with a candidate. Going back is a
weight; versions that no alias names stay, and cost nothing (docs/decisions/0018).

Owns role, log group, queue of dead letters, and in a VPC its security group. Owns no API in front of it and no right of
others to call it. How large an image is nobody here knows: Lambda takes up to 10 GiB unpacked and refuses the update
otherwise, and a digest of an image index: `up` fails, callers stay with the version that they have.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.identity.aws_workload import AwsWorkloadRole, AwsWorkloadRoleArgs
from components.monitoring.aws_model_logs import ModelLogs, model_log_group
from components.naming import physical_name
from components.serverless.aws_args import AwsFunctionArgs, function_name, log_group_name, own_statements, variables
from components.serverless.aws_dead_letters import AwsDeadLetters, AwsDeadLettersArgs, queue_name
from components.serverless.aws_limits import memory_mib
from components.serverless.aws_network import AwsFunctionNetwork, AwsFunctionNetworkArgs
from components.serverless.aws_warm import AwsWarm, AwsWarmArgs
from components.serverless.types import FunctionOutputs

ALIAS = "live"
_ARCHITECTURE = "x86_64"  # what model_images builds
_WAITING_S = 6 * 3600  # how long a call that nobody waits for may wait for a free environment
_TRIES_AGAIN = 2


class AwsFunction(pulumi.ComponentResource):
    """`outputs.target` is the alias's ARN."""

    outputs: FunctionOutputs

    def __init__(self, name: str, args: AwsFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:serverless:AwsFunction", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._tags = args.labels.model_tags(args.model)
        dead = AwsDeadLetters(
            f"{name}-dead",
            AwsDeadLettersArgs(
                queue=queue_name(args.stack, args.model),
                account=args.account,
                region=args.region,
                key_arn=args.queues_key_arn,
                tags=self._tags,
                protect=args.protect,
            ),
            self._child,
        )
        logs = self._logs()
        role = self._role(dead)
        function = self._function(role, logs)
        versions = _versions(args, function)
        warm = [self._warm(function, digest, version) for digest, version in versions.items()]
        alias = self._alias(function, versions, [one.ready for one in warm if one])
        self._calls_that_nobody_waits_for(function, alias, dead)
        self.outputs = FunctionOutputs(
            name=function.name,
            target=alias.arn,
            integration=alias.invoke_arn,
            versions=versions,
            role=role.role_arn,
            log_group=log_group_name(args.stack, args.model),
            dead_letters=dead.arn,
            metrics={"FunctionName": function_name(args.stack, args.model), "Resource": _resource(args)},
        )
        self.register_outputs({"name": function.name, "target": alias.arn, "versions": dict(versions)})

    def _logs(self) -> aws.cloudwatch.LogGroup:
        args = self._args
        asked = ModelLogs(
            group=log_group_name(args.stack, args.model),
            key_arn=args.logs_key_arn,
            days=args.log_days,
            tags=self._tags,
            protect=args.protect,
        )
        return model_log_group(f"{self._name}-logs", asked, self)

    def _role(self, dead: AwsDeadLetters) -> AwsWorkloadRole:
        args = self._args
        statements = pulumi.Output.all(args.statements, dead.arn, args.queues_key_arn).apply(
            lambda known: (*own_statements(args, *known[1:]), *known[0])
        )
        return AwsWorkloadRole(
            f"{self._name}-role",
            AwsWorkloadRoleArgs(
                role_name=physical_name(args.stack, args.model, "function", longest=64),
                service="lambda.amazonaws.com",
                description=f"{args.stack}: function of model {args.model}",
                account=args.account,
                permissions_boundary_arn=args.permissions_boundary_arn,
                statements=statements,
            ),
            self._child,
        )

    def _function(self, role: AwsWorkloadRole, logs: aws.cloudwatch.LogGroup) -> aws.lambda_.Function:
        args = self._args
        network = self._network()
        digest = args.candidate.digest if args.candidate else args.stable
        return aws.lambda_.Function(
            f"{self._name}-function",
            name=function_name(args.stack, args.model),
            description=f"{args.stack}: model {args.model}",
            package_type="Image",
            image_uri=pulumi.Output.concat(args.repository, "@", digest),
            architectures=[_ARCHITECTURE],
            publish=True,
            role=role.role_arn,
            memory_size=memory_mib(args.memory_gib),
            timeout=args.timeout_s,
            reserved_concurrent_executions=args.most,
            ephemeral_storage=aws.lambda_.FunctionEphemeralStorageArgs(size=args.scratch_mib),
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=variables(args)),
            kms_key_arn=args.environment_key_arn,
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=logs.name),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active"),
            vpc_config=network.vpc_config if network else None,
            replace_security_groups_on_destroy=True if network else None,
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*role.attachments, *(network.rules if network else ())]
            ),
        )

    def _network(self) -> AwsFunctionNetwork | None:
        args = self._args
        if args.network is None:
            return None
        function = function_name(args.stack, args.model)
        asked = AwsFunctionNetworkArgs(function=function, network=args.network, tags=self._tags)
        return AwsFunctionNetwork(f"{self._name}-network", asked, self._child)

    def _warm(self, function: aws.lambda_.Function, digest: str, version: pulumi.Output[str]) -> AwsWarm | None:
        """Named by the digest: a candidate that becomes stable keeps what is warm of it."""
        args = self._args
        on_trial = args.candidate is not None and digest == args.candidate.digest
        fewest, most = (args.warm_on_trial,) * 2 if on_trial else (args.warm, args.most - args.warm_on_trial)
        if fewest == 0:
            return None
        asked = AwsWarmArgs(function=function.name, version=version, fewest=fewest, most=most)
        return AwsWarm(f"{self._name}-{digest.removeprefix('sha256:')[:12]}", asked, self._child)

    def _alias(
        self, function: aws.lambda_.Function, versions: Mapping[str, pulumi.Output[str]], ready: list[pulumi.Resource]
    ) -> aws.lambda_.Alias:
        args, candidate = self._args, self._args.candidate
        weights = None
        if candidate is not None:
            share = candidate.weight / 100
            weights = aws.lambda_.AliasRoutingConfigArgs(
                additional_version_weights=versions[candidate.digest].apply(lambda version: {version: share})
            )
        return aws.lambda_.Alias(
            f"{self._name}-{ALIAS}",
            name=ALIAS,
            description=f"What answers for model {args.model}",
            function_name=function.name,
            function_version=versions[args.stable],
            routing_config=weights,
            opts=pulumi.ResourceOptions(parent=self, depends_on=ready),
        )

    def _calls_that_nobody_waits_for(
        self, function: aws.lambda_.Function, alias: aws.lambda_.Alias, dead: AwsDeadLetters
    ) -> None:
        """Tried three times in all; then what was asked, and why it failed, waits in the queue."""
        aws.lambda_.FunctionEventInvokeConfig(
            f"{self._name}-unawaited",
            function_name=function.name,
            qualifier=alias.name,
            maximum_event_age_in_seconds=_WAITING_S,
            maximum_retry_attempts=_TRIES_AGAIN,
            destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
                on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(destination=dead.arn)
            ),
            opts=self._child,
        )
        aws.lambda_.FunctionRecursionConfig(
            f"{self._name}-loops", function_name=function.name, recursive_loop="Terminate", opts=self._child
        )


def _versions(args: AwsFunctionArgs, function: aws.lambda_.Function) -> dict[str, pulumi.Output[str]]:
    if args.candidate is None:
        return {args.stable: function.version}
    return {
        args.stable: pulumi.Output.from_input(args.candidate.stable_version),
        args.candidate.digest: function.version,
    }


def _resource(args: AwsFunctionArgs) -> str:
    """The dimension `Resource` of an alias's metrics."""
    return f"{function_name(args.stack, args.model)}:{ALIAS}"
