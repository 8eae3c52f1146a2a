"""Where the models of one AWS region run over files: AWS Batch, on spare capacity first, where it is asked for.

Models without an accelerator run on Fargate: no machine of ours, no image of one to keep, nothing that idles. Fargate
has no GPUs, so models with one get machines of EC2 for as long as jobs run (`aws_machines.py`); Batch mixes the two in
no queue. Each queue tries its environments in their order. A job that no environment can take is ended after a while
instead of waiting for ever: its end is an event, its waiting is not.

Batch works by its service-linked role, which AWS keeps: so nothing of ours must outlive an environment but what its
machines use. Owns no job (the models stack does).
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.batch.aws_machines import AwsBatchMachines, AwsBatchMachinesArgs
from components.batch.types import CPU, BatchOutputs, queue_key
from components.labels import Labels
from components.naming import physical_name
from components.network.types import NetworkOutputs

LOG_DAYS = 90
HTTPS = 443
# Why a job waits at the head of its queue, and how long it may ("Blocked job queue events", AWS Batch user guide).
_WAITS = {
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY": 6 * 3600,
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE": 600,
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT": 600,
}


def batch_log_group(stack: str) -> str:
    """The log group of all jobs in the region of platform stack `stack`: the logs key names it."""
    return f"/homeport/{stack}/batch"


@dataclass(frozen=True, kw_only=True)
class AwsBatchArgs:
    stack: str
    region: str
    needs: frozenset[str | None]  # accelerators that jobs need; None: jobs that need none
    network: NetworkOutputs
    logs_key_arn: pulumi.Input[str]
    volumes_key_arn: pulumi.Input[str]
    permissions_boundary_arn: str
    labels: Labels
    max_vcpus: int = 256  # of each environment
    protect_logs: bool = False  # the jobs' log group cannot be deleted until it is taken back

    def __post_init__(self) -> None:
        if not self.needs:
            raise ValueError("needs: got nothing; allowed: None or accelerators, one or more")
        if self.max_vcpus < 1:
            raise ValueError(f"max_vcpus: got {self.max_vcpus}; allowed: 1 or more")


class AwsBatch(pulumi.ComponentResource):
    """Environments, two queues for each need, the jobs' firewall and their log group."""

    outputs: BatchOutputs

    def __init__(self, name: str, args: AwsBatchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:batch:AwsBatch", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        aws.cloudwatch.LogGroup(
            f"{name}-jobs",
            name=batch_log_group(args.stack),
            retention_in_days=LOG_DAYS,
            kms_key_id=args.logs_key_arn,
            deletion_protection_enabled=args.protect_logs,
            opts=self._child,
        )
        private = args.network.private_subnet_ids
        subnets = tuple(private[zone] for zone in sorted(private))
        group, way_out = self._security_group()
        environments: dict[str, tuple[pulumi.Output[str], pulumi.Output[str]]] = {}
        if None in args.needs:
            environments[CPU] = (
                self._fargate("FARGATE_SPOT", subnets, group, way_out),
                self._fargate("FARGATE", subnets, group, way_out),
            )
        accelerators = tuple(sorted(need for need in args.needs if need is not None))
        if accelerators:
            machines = AwsBatchMachinesArgs(
                stack=args.stack,
                region=args.region,
                accelerators=accelerators,
                subnet_ids=subnets,
                security_group_id=group.id,
                volumes_key_arn=args.volumes_key_arn,
                permissions_boundary_arn=args.permissions_boundary_arn,
                max_vcpus=args.max_vcpus,
                labels=args.labels,
            )
            opts = pulumi.ResourceOptions(parent=self, depends_on=[way_out, *args.network.routes])
            environments |= AwsBatchMachines(f"{name}-machines", machines, opts).environments
        queues: dict[str, pulumi.Output[str]] = {}
        for need, (spare, ordinary) in environments.items():
            accelerator = None if need == CPU else need
            queues[queue_key(accelerator, spot=True)] = self._queue(need, "spot", (spare, ordinary))
            queues[queue_key(accelerator, spot=False)] = self._queue(need, "on-demand", (ordinary,))
        self.outputs = BatchOutputs(queues=queues)
        self.register_outputs({"queues": queues})

    def _security_group(self) -> tuple[aws.ec2.SecurityGroup, pulumi.Resource]:
        """Jobs call services by HTTPS; nobody calls jobs."""
        name = f"{self._args.stack}-batch"
        group = aws.ec2.SecurityGroup(
            f"{self._name}-firewall",
            name=name,
            description="Batch jobs: to services by HTTPS, from nobody",
            vpc_id=self._args.network.vpc_id,
            tags={"Name": name},
            opts=self._child,
        )
        way_out = aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-https",
            security_group_id=group.id,
            description="HTTPS to services",
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            opts=self._child,
        )
        return group, way_out

    def _fargate(
        self,
        kind: str,
        subnets: tuple[pulumi.Output[str], ...],
        group: aws.ec2.SecurityGroup,
        way_out: pulumi.Resource,
    ) -> pulumi.Output[str]:
        """Its name is AWS's to end: a changed one must stand before the queue lets the old one go."""
        word = kind.lower().replace("_", "-")
        return aws.batch.ComputeEnvironment(
            f"{self._name}-{word}",
            name_prefix=f"{self._args.stack}-{word}-",
            type="MANAGED",
            compute_resources=aws.batch.ComputeEnvironmentComputeResourcesArgs(
                type=kind,
                max_vcpus=self._args.max_vcpus,
                subnets=list(subnets),
                security_group_ids=[group.id],
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[way_out, *self._args.network.routes]),
        ).arn

    def _queue(self, need: str, kind: str, environments: tuple[pulumi.Output[str], ...]) -> pulumi.Output[str]:
        return aws.batch.JobQueue(
            f"{self._name}-{need}-{kind}",
            name=physical_name(self._args.stack, need, kind, longest=128),
            state="ENABLED",
            priority=1,
            compute_environment_orders=[
                aws.batch.JobQueueComputeEnvironmentOrderArgs(order=number, compute_environment=environment)
                for number, environment in enumerate(environments, start=1)
            ],
            job_state_time_limit_actions=[
                aws.batch.JobQueueJobStateTimeLimitActionArgs(
                    action="CANCEL", state="RUNNABLE", reason=reason, max_time_seconds=longest
                )
                for reason, longest in sorted(_WAITS.items())
            ],
            opts=self._child,
        ).arn
