"""What SageMaker may do in an endpoint's name: fetch the image, write lines and metrics, use the VPC and the files."""

from __future__ import annotations

from collections.abc import Iterable

from components.aws_policies import Statement, arn
from components.predictions.aws_documents import reading, writing
from components.predictions.folders import async_folder, capture_folder


def image_rights(repository: str, *, account: str, region: str) -> tuple[Statement, ...]:
    """The layers of one repository. The token is one for every registry of the account: IAM takes nothing narrower."""
    pull = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    return (
        Statement(
            sid="Image",
            actions=pull,
            resources=(arn("ecr", f"repository/{repository}", region=region, account=account),),
        ),
        Statement(sid="RegistryLogin", actions=("ecr:GetAuthorizationToken",), resources=("*",)),
    )


def lines_and_metrics(log_group: str, *, account: str, region: str) -> tuple[Statement, ...]:
    """Lines into one log group, and SageMaker's own metrics."""
    group = arn("logs", f"log-group:{log_group}", region=region, account=account)
    return (
        Statement(
            sid="Lines",
            actions=("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            resources=(group, f"{group}:*"),
        ),
        Statement(
            sid="Metrics",
            actions=("cloudwatch:PutMetricData",),
            resources=("*",),
            conditions={"StringLike": {"cloudwatch:namespace": ("AWS/SageMaker", "/aws/sagemaker/*")}},
        ),
    )


def watching(alarms: Iterable[str], *, account: str, region: str) -> tuple[Statement, ...]:
    """Looking at the alarms that take an update back ("Auto-Rollback Configuration and Monitoring", developer guide,
    read 2026-11-24: SageMaker does so in the endpoint's name). Metric alarms only: composite ones would need `*`.
    """
    named = tuple(arn("cloudwatch", f"alarm:{alarm}", region=region, account=account) for alarm in alarms)
    return (Statement(sid="WatchRelease", actions=("cloudwatch:DescribeAlarms",), resources=named),) if named else ()


def network_rights(*, account: str, region: str) -> tuple[Statement, ...]:
    """Network interfaces, and their handing over to SageMaker's own account.

    A new interface has no name to tell it by; subnets and groups are those of the role's account and region ("Give
    SageMaker hosted endpoints access to resources in your VPC", developer guide, read 2026-11-24).
    """
    kinds = ("network-interface/*", "security-group/*", "subnet/*")
    return (
        Statement(
            sid="Interfaces",
            actions=("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"),
            resources=tuple(arn("ec2", kind, region=region, account=account) for kind in kinds),
        ),
        Statement(
            sid="LendInterfaces",
            actions=("ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterfacePermission"),
            resources=(arn("ec2", "network-interface/*", region=region, account=account),),
        ),
        Statement(
            sid="SeeNetwork",
            actions=(
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ),
            resources=("*",),
        ),
    )


def capture_rights(model: str, *, bucket: str, key: str, region: str) -> tuple[Statement, ...]:
    """Writing what was captured."""
    return writing("Captures", bucket=bucket, region=region, folder=capture_folder(model), key=key)


def async_rights(model: str, *, bucket: str, key: str, region: str, topic: str | None) -> tuple[Statement, ...]:
    """Reading questions and writing answers, and telling of them."""
    folder = async_folder(model)
    told = (Statement(sid="Tell", actions=("sns:Publish",), resources=(topic,)),) if topic else ()
    return (
        *reading("Questions", bucket=bucket, region=region, folder=folder, key=key),
        *writing("Answers", bucket=bucket, region=region, folder=folder, key=key),
        *told,
    )
