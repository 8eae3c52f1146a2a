"""One model of an AWS region run over files, by its schedule: the same image that answers calls, as a batch job.

The job reads below `batch/MODEL/input/` of the region's bucket of predictions and writes below `batch/MODEL/output/`.
A job that lost its spare machine is tried again; one that failed is not. What the schedule could not send lies in a
queue of dead letters. A running job keeps the image it began with, whatever is released meanwhile.

Owns no queue of jobs, no log group and no bucket (the platform does).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws_policies import Statement, arn, workload_role_arn
from components.batch.aws_documents import (
    ATTEMPTS,
    RETRIES,
    TIMEOUT_S,
    Job,
    container,
    fargate_size,
    start_statements,
    submission,
    submit_statement,
)
from components.identity.aws_workload import AwsWorkloadRole, AwsWorkloadRoleArgs
from components.labels import Labels
from components.naming import aws_partition, physical_name
from components.predictions.aws_documents import listing, reading, writing
from components.predictions.folders import batch_input_folder, batch_output_folder
from components.schedules import aws_cron
from components.serverless.aws_dead_letters import AwsDeadLetters, AwsDeadLettersArgs, queue_name, sending

_GROUP = "default"  # of schedules; every account has it
_SCHEDULE_RETRIES = 5
_SCHEDULE_PATIENCE_S = 3600


@dataclass(frozen=True, kw_only=True)
class AwsBatchJobArgs:
    stack: str
    model: str
    account: str
    region: str
    repository: pulumi.Input[str]  # address of the model's images
    digest: str  # sha256:...
    queue_arn: pulumi.Input[str]
    bucket: pulumi.Input[str]  # of predictions
    bucket_key_arn: pulumi.Input[str]
    dead_letters_key_arn: pulumi.Input[str]
    log_group: str
    permissions_boundary_arn: str
    cpu: float
    memory_gib: float
    schedule: str  # five fields of cron
    labels: Labels
    accelerators: int = 0
    timezone: str = "UTC"
    statements: pulumi.Input[tuple[Statement, ...]] = ()  # what else the model may do: look up features, read weights
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])

    def __post_init__(self) -> None:
        if not self.digest.startswith("sha256:"):
            raise ValueError(f"digest: got {self.digest!r}; allowed: sha256:...")
        aws_cron(self.schedule)
        if not self.accelerators:
            fargate_size(self.cpu, self.memory_gib)
        taken = [name for name in self.environment if name.startswith("AWS_BATCH")]
        if taken:
            raise ValueError(f"environment: got {', '.join(taken)}; allowed: names not beginning with AWS_BATCH")


class AwsBatchJob(pulumi.ComponentResource):
    """The job's definition, its three roles, its schedule and its dead letters."""

    definition_arn: pulumi.Output[str]
    dead_letters: str  # name of the queue

    def __init__(self, name: str, args: AwsBatchJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:batch:AwsBatchJob", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._definition_name = physical_name(args.stack, args.model, longest=128)
        definition = self._definition()
        self._schedule(definition)
        self.definition_arn = definition.arn
        self.register_outputs({"definition_arn": definition.arn, "dead_letters": self.dead_letters})

    def _definition(self) -> aws.batch.JobDefinition:
        args = self._args
        job_rights = pulumi.Output.all(
            bucket=args.bucket, key=args.bucket_key_arn, others=pulumi.Output.from_input(args.statements)
        ).apply(lambda known: (*_on_files(args, known["bucket"], known["key"]), *known["others"]))
        work = self._role("work", "ecs-tasks", "job", job_rights, self._tasks)
        start = self._role(
            "start",
            "ecs-tasks",
            "start of the job",
            start_statements(model=args.model, log_group=args.log_group, region=args.region, account=args.account),
            self._tasks,
        )
        properties = pulumi.Output.all(
            repository=args.repository,
            bucket=args.bucket,
            # As they will be: so a preview knows the whole definition, and its image can be judged there.
            work=self._role_arn("work"),
            start=self._role_arn("start"),
            environment=pulumi.Output.from_input(dict(args.environment)),
        ).apply(lambda known: container(_job(args, **known)))
        return aws.batch.JobDefinition(
            f"{self._name}-job",
            name=self._definition_name,
            type="container",
            platform_capabilities=["EC2" if args.accelerators else "FARGATE"],
            container_properties=properties,
            propagate_tags=True,  # else the bill does not tell whose job it was
            retry_strategy=aws.batch.JobDefinitionRetryStrategyArgs(
                attempts=ATTEMPTS,
                evaluate_on_exits=[
                    aws.batch.JobDefinitionRetryStrategyEvaluateOnExitArgs(
                        action=action,
                        on_status_reason=words if when == "on_status_reason" else None,
                        on_reason=words if when == "on_reason" else None,
                    )
                    for when, words, action in RETRIES
                ],
            ),
            timeout=aws.batch.JobDefinitionTimeoutArgs(attempt_duration_seconds=TIMEOUT_S),
            tags=args.labels.model_tags(args.model),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*work.attachments, *start.attachments]),
        )

    def _schedule(self, definition: aws.batch.JobDefinition) -> None:
        args = self._args
        letters = AwsDeadLetters(
            f"{self._name}-unsent",
            AwsDeadLettersArgs(
                queue=queue_name(args.stack, args.model, "batch"),
                account=args.account,
                region=args.region,
                key_arn=args.dead_letters_key_arn,
                tags=args.labels.model_tags(args.model),
            ),
            self._child,
        )
        self.dead_letters = letters.queue
        rights = pulumi.Output.all(queue=args.queue_arn, letters=letters.arn, key=args.dead_letters_key_arn).apply(
            lambda known: (
                submit_statement(
                    queue_arn=known["queue"],
                    definition=self._definition_name,
                    region=args.region,
                    account=args.account,
                ),
                *sending(known["letters"], known["key"]),
            )
        )
        group = arn("scheduler", f"schedule-group/{_GROUP}", region=args.region, account=args.account)
        role = self._role("schedule", "scheduler", "schedule of the job", rights, group)
        partition = aws_partition(args.region).name
        aws.scheduler.Schedule(
            f"{self._name}-schedule",
            name=physical_name(args.stack, args.model, "batch", longest=64),
            group_name=_GROUP,
            description=f"{args.model} over new files",
            schedule_expression=aws_cron(args.schedule),
            schedule_expression_timezone=args.timezone,
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            state="ENABLED",
            target=aws.scheduler.ScheduleTargetArgs(
                arn=f"arn:{partition}:scheduler:::aws-sdk:batch:submitJob",
                role_arn=role.role_arn,
                input=pulumi.Output.from_input(args.queue_arn).apply(
                    lambda queue: submission(model=args.model, queue_arn=queue, definition=self._definition_name)
                ),
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_retry_attempts=_SCHEDULE_RETRIES, maximum_event_age_in_seconds=_SCHEDULE_PATIENCE_S
                ),
                dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=letters.arn),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[definition, *role.attachments]),
        )

    def _role(
        self, key: str, service: str, words: str, statements: pulumi.Input[tuple[Statement, ...]], source: str
    ) -> AwsWorkloadRole:
        args = self._args
        return AwsWorkloadRole(
            f"{self._name}-{key}",
            AwsWorkloadRoleArgs(
                role_name=self._role_name(key),
                service=f"{service}.amazonaws.com",
                description=f"{args.model} over files: {words}",
                account=args.account,
                permissions_boundary_arn=args.permissions_boundary_arn,
                statements=statements,
                source_arn=source,
            ),
            self._child,
        )

    def _role_name(self, key: str) -> str:
        return physical_name(self._args.stack, self._args.model, "batch", key, longest=64)

    def _role_arn(self, key: str) -> str:
        return workload_role_arn(self._role_name(key), region=self._args.region, account=self._args.account)

    @property
    def _tasks(self) -> str:
        """Whatever ECS runs in the account and region: Batch makes the cluster, under a name of its own."""
        return arn("ecs", "*", region=self._args.region, account=self._args.account)


def _on_files(args: AwsBatchJobArgs, bucket: str, key: str) -> tuple[Statement, ...]:
    source, target = batch_input_folder(args.model), batch_output_folder(args.model)
    return (
        *reading("Input", bucket=bucket, region=args.region, folder=source, key=key),
        # The runner looks which answers are there already.
        listing("Output", bucket=bucket, region=args.region, folder=target),
        *writing("Output", bucket=bucket, region=args.region, folder=target, key=key),
    )


def _job(
    args: AwsBatchJobArgs, *, repository: str, bucket: str, work: str, start: str, environment: Mapping[str, str]
) -> Job:
    return Job(
        image=f"{repository}@{args.digest}",
        input=f"s3://{bucket}/{batch_input_folder(args.model)}",
        output=f"s3://{bucket}/{batch_output_folder(args.model)}",
        cpu=args.cpu,
        memory_gib=args.memory_gib,
        accelerators=args.accelerators,
        job_role_arn=work,
        start_role_arn=start,
        log_group=args.log_group,
        region=args.region,
        model=args.model,
        environment=tuple(sorted(environment.items())),
    )
