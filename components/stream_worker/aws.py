"""The worker of a model's stream on AWS: a Lambda function that reads batches, asks the model, and writes predictions.

The function's code is components/stream_worker/worker, which says what happens to each record; boto3 comes with
Lambda's runtime. Order is kept by shard and by key; what fails for good goes to a queue, with its place in the stream.

Owns the worker's role, logs, queue, network group and its tie to the input stream. Owns neither the streams (the
platform does), nor the target, nor alarms: `outputs.lag` says what to watch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.aws_policies import Statement, arn
from components.identity.aws_workload import AwsWorkloadRole, AwsWorkloadRoleArgs
from components.labels import Labels
from components.monitoring.aws_model_logs import ModelLogs, model_log_group
from components.naming import physical_name
from components.serverless.aws_dead_letters import AwsDeadLetters, AwsDeadLettersArgs, queue_name, sending
from components.serverless.aws_network import AwsFunctionNetwork, AwsFunctionNetworkArgs, FunctionNetwork, interfaces
from components.stream_worker.aws_parts import (
    HttpTarget,
    KafkaStreams,
    Known,
    Streams,
    Target,
    output_told,
    streams_inputs,
    streams_rights,
    target_inputs,
    target_rights,
    target_told,
)
from components.stream_worker.aws_reading import Reading, lag, read_kafka, read_kinesis
from components.stream_worker.types import StreamWorkerOutputs

RUNTIME = "python3.14"
_FOLDER = Path(__file__).parent / "worker"
_PACKAGE = "components/stream_worker/worker"  # the same path in the archive, so the imports hold in both places
_LONGEST_FUNCTION_NAME = 64
_MEMORY_MIB = 512
_SHARE_OF_TIME = 0.4  # of the worker's time that one request may take, so that it can ask again
_OLDEST_S = 604_800  # the most that Lambda takes


@dataclass(frozen=True, kw_only=True)
class AwsStreamWorkerArgs:
    """`retention_hours`: of the input stream; an hour before a record leaves it, its place goes to the queue instead.

    A batch is up to `batch` records that came within `window_s`; `rows` of them go to the target at once. While the
    target is away a batch waits inside the worker, at most `timeout_s`, and is tried `tries_again` times more.
    `parallel`: batches of one shard at once; each key's records stay in order.
    """

    stack: str
    model: str
    account: str
    region: str
    streams: Streams
    target: Target
    retention_hours: int = 24
    batch: int = 500
    window_s: int = 1
    rows: int = 100
    parallel: int = 1
    most: int = 50
    timeout_s: int = 300
    tries_again: int = 100
    logs_key_arn: pulumi.Input[str]
    log_days: int = 30
    environment_key_arn: pulumi.Input[str]
    queues_key_arn: pulumi.Input[str]
    permissions_boundary_arn: str
    labels: Labels
    protect: bool = False  # true: no `destroy` deletes logs and dead letters

    def __post_init__(self) -> None:
        limits = {
            "batch": (self.batch, 1, 10_000),
            "window_s": (self.window_s, 0, 300),
            "rows": (self.rows, 1, 10_000),
            "parallel": (self.parallel, 1, 10),
            "most": (self.most, 1, 10_000),
            "timeout_s": (self.timeout_s, 30, 900),
            "tries_again": (self.tries_again, 0, 10_000),
            "retention_hours": (self.retention_hours, 24, 8760),
        }
        for field, (value, least, most) in limits.items():
            if not least <= value <= most:
                raise ValueError(f"{field}: got {value}; allowed: {least} to {most}")

    @property
    def network(self) -> FunctionNetwork | None:
        """The worker's way to what stands inside the network, if something does: target, brokers, or both."""
        ways = [
            *([self.target.network] if isinstance(self.target, HttpTarget) else []),
            *([self.streams.network] if isinstance(self.streams, KafkaStreams) else []),
        ]
        if not ways:
            return None
        return replace(ways[0], reach={word: one for way in ways for word, one in way.reach.items()})


class AwsStreamWorker(pulumi.ComponentResource):
    """`outputs` as any cloud's worker gives them."""

    outputs: StreamWorkerOutputs

    def __init__(self, name: str, args: AwsStreamWorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:stream_worker:AwsStreamWorker", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._tags = args.labels.model_tags(args.model)
        queue = queue_name(args.stack, args.model, "stream")
        dead = AwsDeadLetters(
            f"{name}-dead",
            AwsDeadLettersArgs(
                queue=queue,
                account=args.account,
                region=args.region,
                key_arn=args.queues_key_arn,
                tags=self._tags,
                protect=args.protect,
            ),
            self._child,
        )
        role = self._role(dead)
        function = self._function(role, self._logs(), dead)
        self._reading(role, function, dead)
        worker = worker_name(args.stack, args.model)
        self.outputs = StreamWorkerOutputs(
            name=function.name,
            dead_letters=dead.arn,
            dead_letter_queue=queue,
            log_group=worker_log_group(args.stack, args.model),
            lag=lag(worker, kafka=isinstance(args.streams, KafkaStreams)),
        )
        self.register_outputs({"name": function.name, "dead_letters": dead.arn})

    def _logs(self) -> aws.cloudwatch.LogGroup:
        args = self._args
        asked = ModelLogs(
            group=worker_log_group(args.stack, args.model),
            key_arn=args.logs_key_arn,
            days=args.log_days,
            tags=self._tags,
            protect=args.protect,
        )
        return model_log_group(f"{self._name}-logs", asked, self)

    def _role(self, dead: AwsDeadLetters) -> AwsWorkloadRole:
        args = self._args
        statements = pulumi.Output.all(
            target=target_inputs(args.target),
            streams=streams_inputs(args.streams),
            queue=[dead.arn, args.queues_key_arn],
        ).apply(lambda known: worker_rights(args, known["target"], known["streams"], tuple(known["queue"])))
        return AwsWorkloadRole(
            f"{self._name}-role",
            AwsWorkloadRoleArgs(
                role_name=physical_name(args.stack, args.model, "stream", longest=64),
                service="lambda.amazonaws.com",
                description=f"{args.stack}: stream worker of model {args.model}",
                account=args.account,
                permissions_boundary_arn=args.permissions_boundary_arn,
                statements=statements,
            ),
            self._child,
        )

    def _function(
        self, role: AwsWorkloadRole, logs: aws.cloudwatch.LogGroup, dead: AwsDeadLetters
    ) -> aws.lambda_.Function:
        args = self._args
        network = self._network()
        return aws.lambda_.Function(
            f"{self._name}-function",
            name=worker_name(args.stack, args.model),
            description=f"{args.stack}: stream of model {args.model}",
            runtime=RUNTIME,
            handler=f"{_PACKAGE}/handler.handle",
            code=pulumi.AssetArchive({path: pulumi.StringAsset(text) for path, text in code().items()}),
            architectures=["arm64"],
            role=role.role_arn,
            memory_size=_MEMORY_MIB,
            timeout=args.timeout_s,
            reserved_concurrent_executions=args.most,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=self._variables(dead)),
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

    def _variables(self, dead: AwsDeadLetters) -> dict[str, pulumi.Input[str]]:
        args = self._args

        def target(known: Known) -> str:
            return json.dumps(target_told(args.target, known), sort_keys=True)

        def output(known: Known) -> str:
            return json.dumps(output_told(args.streams, known), sort_keys=True)

        return {
            "DEAD_LETTERS": dead.url,
            "MODEL": args.model,
            "OUTPUT": pulumi.Output.all(**streams_inputs(args.streams)).apply(output),
            "ROWS": str(args.rows),
            "TARGET": pulumi.Output.all(**target_inputs(args.target)).apply(target),
            "TARGET_TIMEOUT_S": str(round(args.timeout_s * _SHARE_OF_TIME)),
        }

    def _network(self) -> AwsFunctionNetwork | None:
        args = self._args
        if args.network is None:
            return None
        function = worker_name(args.stack, args.model)
        asked = AwsFunctionNetworkArgs(function=function, network=args.network, tags=self._tags)
        return AwsFunctionNetwork(f"{self._name}-network", asked, self._child)

    def _reading(self, role: AwsWorkloadRole, function: aws.lambda_.Function, dead: AwsDeadLetters) -> None:
        args = self._args
        shared = Reading(
            function_arn=function.arn, dead_letters=dead.arn, batch=args.batch, window_s=args.window_s, tags=self._tags
        )
        opts = pulumi.ResourceOptions(parent=self, depends_on=list(role.attachments))
        if isinstance(args.streams, KafkaStreams):
            group = worker_name(args.stack, args.model)
            read_kafka(f"{self._name}-reading", shared, args.streams.input_arn, group, opts)
            return
        age = min((args.retention_hours - 1) * 3600, _OLDEST_S)
        how = {"parallel": args.parallel, "tries_again": args.tries_again, "oldest_s": age}
        read_kinesis(f"{self._name}-reading", shared, args.streams.input_arn, opts, **how)


def worker_name(stack: str, model: str) -> str:
    """The physical name of a model's stream worker."""
    return physical_name(stack, model, "stream", longest=_LONGEST_FUNCTION_NAME)


def worker_log_group(stack: str, model: str) -> str:
    """Where the worker's lines stand; the logs key names it."""
    return f"/aws/lambda/{worker_name(stack, model)}"


def code() -> dict[str, str]:
    """The worker's files, by their path in the archive."""
    return {f"{_PACKAGE}/{path.name}": path.read_text(encoding="utf-8") for path in sorted(_FOLDER.glob("*.py"))}


def worker_rights(
    args: AwsStreamWorkerArgs, target: Known, streams: Known, queue: tuple[str, ...]
) -> tuple[Statement, ...]:
    """Input, output, target, dead letters, lines and traces, and no more."""
    group = arn(
        "logs", f"log-group:{worker_log_group(args.stack, args.model)}:*", region=args.region, account=args.account
    )
    traces = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
    return (
        Statement(sid="Lines", actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(group,)),
        Statement(sid="Traces", actions=traces, resources=("*",)),  # IAM knows no resource of these
        *streams_rights(args.streams, streams, worker_name(args.stack, args.model)),
        *sending(*queue),
        *target_rights(args.target, target),
        *(interfaces(args.account, args.region) if args.network else ()),
    )
