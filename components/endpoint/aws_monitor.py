"""Drift of a managed endpoint: at full hours its captures are compared with what inputs looked like in training.

SageMaker Model Monitor runs AWS's own image over the captures of the last hours, cut off from every network, writes a
report beside the baseline, and tells CloudWatch how far each feature is off. The baseline, `statistics.json` and
`constraints.json`, is put there by whoever trains; a run without it fails, and no calls with it.

Owns the job's definition, its schedule, role and place in the VPC; neither captures nor baseline nor an alarm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import Statement, arn
from components.endpoint.aws_args import ENDPOINT_NAME_LONGEST, EndpointFiles
from components.endpoint.aws_documents import image_rights, lines_and_metrics, network_rights
from components.endpoint.aws_network import AwsEndpointNetwork, AwsEndpointNetworkArgs, EndpointNetwork
from components.identity.aws_workload import AwsWorkloadRole, AwsWorkloadRoleArgs
from components.labels import Labels
from components.naming import physical_name
from components.predictions.aws_documents import reading, writing
from components.predictions.folders import baselines_folder, capture_folder
from components.schedules import aws_cron

IMAGE_REPOSITORY = "sagemaker-model-monitor-analyzer"
"""AWS's image, in a registry of AWS's own in each region."""

# All that SageMaker takes ("The cron expression for monitoring schedule", developer guide, read 2026-11-24).
_TAKEN = re.compile(r"cron\(0 (\*|\d{1,2}(/\d{1,2})?) \? \* \* \*\)")
_TWICE = re.compile(r"cron\(0 (?P<first>\d{1,2}),(?P<second>\d{1,2}) \? \* \* \*\)")
_IMAGE = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\..+")
_MACHINE, _DISK_GIB, _LONGEST_S = "ml.m5.large", 20, 1800  # the longest is less than an hour: runs never meet
_LINES = "/aws/sagemaker/ProcessingJobs"  # one group for all such jobs of a region; SageMaker makes it
_IN, _OUT = "/opt/ml/processing/input/endpoint", "/opt/ml/processing/output"
_DEFINITION_LONGEST = 63 - len("-drift") - len("-0123456")


@dataclass(frozen=True, kw_only=True)
class AwsModelMonitorArgs:
    """`baseline`: a folder below the model's baselines. `schedule`: five fields of cron, in full hours."""

    stack: str
    model: str
    account: str
    region: str
    endpoint: pulumi.Input[str]  # its name; it captures
    baseline: str
    schedule: str
    image: pulumi.Input[str]  # AWS's own, of `IMAGE_REPOSITORY`
    files: EndpointFiles
    network: EndpointNetwork  # with a way to S3
    permissions_boundary_arn: str
    labels: Labels

    def __post_init__(self) -> None:
        monitor_cron(self.schedule)


def monitor_cron(schedule: str) -> str:
    """In AWS's form; raises ValueError for what monitors cannot do."""
    written = aws_cron(schedule)
    twice = _TWICE.fullmatch(written)
    if twice and int(twice["second"]) == int(twice["first"]) + 12:
        written = f"cron(0 {twice['first']}/12 ? * * *)"  # two hours are a list to AWS, which monitors do not take
    if not _TAKEN.fullmatch(written):
        raise ValueError(
            f"schedule: got {schedule!r}; allowed: every hour, every few hours or one hour of the day, such as "
            "'0 * * * *', '0 */6 * * *' or '0 6 * * *'"
        )
    return written


class AwsModelMonitor(pulumi.ComponentResource):
    """Job definition and schedule `{stack}-{model}-drift`."""

    schedule_name: pulumi.Output[str]

    def __init__(self, name: str, args: AwsModelMonitorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:endpoint:AwsModelMonitor", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._tags = args.labels.model_tags(args.model)
        self._physical = physical_name(args.stack, args.model, "drift", longest=ENDPOINT_NAME_LONGEST)
        network = AwsEndpointNetwork(
            f"{name}-network",
            AwsEndpointNetworkArgs(endpoint=self._physical, network=args.network, tags=self._tags),
            self._child,
        )
        definition = self._definition(self._work_role(), network)
        schedule = aws.sagemaker.MonitoringSchedule(
            f"{name}-schedule",
            name=self._physical,
            monitoring_schedule_config=aws.sagemaker.MonitoringScheduleMonitoringScheduleConfigArgs(
                monitoring_job_definition_name=definition.name,
                monitoring_type="DataQuality",
                schedule_config=aws.sagemaker.MonitoringScheduleMonitoringScheduleConfigScheduleConfigArgs(
                    schedule_expression=monitor_cron(args.schedule)
                ),
            ),
            tags=self._tags,
            opts=self._child,
        )
        self.schedule_name = schedule.name
        self.register_outputs({"schedule": schedule.name})

    def _work_role(self) -> AwsWorkloadRole:
        args = self._args
        given = pulumi.Output.all(args.files.bucket, args.files.key_arn, args.image)
        return AwsWorkloadRole(
            f"{self._name}-role",
            AwsWorkloadRoleArgs(
                role_name=physical_name(args.stack, args.model, "drift", longest=64),
                service="sagemaker.amazonaws.com",
                description=f"{args.stack}: monitor of model {args.model}",
                account=args.account,
                source_arn=arn("sagemaker", "*", region=args.region, account=args.account),
                permissions_boundary_arn=args.permissions_boundary_arn,
                statements=given.apply(lambda known: _rights(args, *known)),
            ),
            self._child,
        )

    def _definition(self, role: AwsWorkloadRole, network: AwsEndpointNetwork) -> aws.sagemaker.DataQualityJobDefinition:
        """Its name is made up, of its logical name: each change is another definition, made before the old one goes."""
        args = self._args
        prefix = physical_name(args.stack, args.model, longest=_DEFINITION_LONGEST)
        reports = pulumi.Output.format("s3://{0}/{1}", args.files.bucket, reports_folder(args.model))
        return aws.sagemaker.DataQualityJobDefinition(
            f"{prefix}-drift",
            role_arn=role.role_arn,
            data_quality_app_specification=aws.sagemaker.DataQualityJobDefinitionDataQualityAppSpecificationArgs(
                image_uri=args.image, environment={"publish_cloudwatch_metrics": "Enabled"}
            ),
            data_quality_baseline_config=_baseline(args),
            data_quality_job_input=_captures(args.endpoint),
            data_quality_job_output_config=_reports(reports, args.files.key_arn),
            job_resources=aws.sagemaker.DataQualityJobDefinitionJobResourcesArgs(
                cluster_config=aws.sagemaker.DataQualityJobDefinitionJobResourcesClusterConfigArgs(
                    instance_count=1, instance_type=_MACHINE, volume_size_in_gb=_DISK_GIB
                )
            ),
            stopping_condition=aws.sagemaker.DataQualityJobDefinitionStoppingConditionArgs(
                max_runtime_in_seconds=_LONGEST_S
            ),
            network_config=aws.sagemaker.DataQualityJobDefinitionNetworkConfigArgs(
                enable_network_isolation=True,
                vpc_config=aws.sagemaker.DataQualityJobDefinitionNetworkConfigVpcConfigArgs(
                    security_group_ids=[network.security_group_id], subnets=network.subnet_ids.apply(list)
                ),
            ),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*role.attachments, *network.rules]),
        )


def _baseline(args: AwsModelMonitorArgs) -> aws.sagemaker.DataQualityJobDefinitionDataQualityBaselineConfigArgs:
    """What the inputs of training looked like."""
    folder = pulumi.Output.format("s3://{0}/{1}{2}/", args.files.bucket, baselines_folder(args.model), args.baseline)
    return aws.sagemaker.DataQualityJobDefinitionDataQualityBaselineConfigArgs(
        constraints_resource=aws.sagemaker.DataQualityJobDefinitionDataQualityBaselineConfigConstraintsResourceArgs(
            s3_uri=folder.apply(lambda path: f"{path}constraints.json")
        ),
        statistics_resource=aws.sagemaker.DataQualityJobDefinitionDataQualityBaselineConfigStatisticsResourceArgs(
            s3_uri=folder.apply(lambda path: f"{path}statistics.json")
        ),
    )


def _captures(endpoint: pulumi.Input[str]) -> aws.sagemaker.DataQualityJobDefinitionDataQualityJobInputArgs:
    """What the endpoint captured since the last run."""
    return aws.sagemaker.DataQualityJobDefinitionDataQualityJobInputArgs(
        endpoint_input=aws.sagemaker.DataQualityJobDefinitionDataQualityJobInputEndpointInputArgs(
            endpoint_name=endpoint, local_path=_IN, s3_data_distribution_type="FullyReplicated", s3_input_mode="File"
        )
    )


def _reports(
    folder: pulumi.Input[str], key_arn: pulumi.Input[str]
) -> aws.sagemaker.DataQualityJobDefinitionDataQualityJobOutputConfigArgs:
    """Where what was found goes."""
    return aws.sagemaker.DataQualityJobDefinitionDataQualityJobOutputConfigArgs(
        kms_key_id=key_arn,
        monitoring_outputs=aws.sagemaker.DataQualityJobDefinitionDataQualityJobOutputConfigMonitoringOutputsArgs(
            s3_output=aws.sagemaker.DataQualityJobDefinitionDataQualityJobOutputConfigMonitoringOutputsS3OutputArgs(
                s3_uri=folder, local_path=_OUT, s3_upload_mode="EndOfJob"
            )
        ),
    )


def reports_folder(model: str) -> str:
    """Reports hold counts and distances, no calls; they stay with the baseline."""
    return f"{baselines_folder(model)}reports/"


def _rights(args: AwsModelMonitorArgs, bucket: str, key: str, image: str) -> tuple[Statement, ...]:
    """Captures and baseline in, reports out, and the image of AWS's own registry."""
    registry = _IMAGE.match(image)
    account = registry["account"] if registry else args.account
    found = ("sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig")
    ours = tuple(
        arn("sagemaker", f"{kind}/{args.stack}-*", region=args.region, account=args.account)
        for kind in ("endpoint", "endpoint-config")
    )
    return (
        *image_rights(IMAGE_REPOSITORY, account=account, region=args.region),
        *lines_and_metrics(_LINES, account=args.account, region=args.region),
        *network_rights(account=args.account, region=args.region),
        Statement(sid="Endpoint", actions=found, resources=ours),
        *reading("Captures", bucket=bucket, region=args.region, folder=capture_folder(args.model), key=key),
        *reading("Baseline", bucket=bucket, region=args.region, folder=baselines_folder(args.model), key=key),
        *writing("Reports", bucket=bucket, region=args.region, folder=reports_folder(args.model), key=key),
    )
