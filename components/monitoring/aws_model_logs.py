"""The log group of one piece of work for a model: made before AWS would make it, without our key and for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class ModelLogs:
    """`group`: the name that whoever writes there looks for. `protect`: no `destroy` deletes what is in it."""

    group: str
    key_arn: pulumi.Input[str]  # its policy must let CloudWatch Logs use it for `group`
    days: int
    tags: Mapping[str, str]
    protect: bool


def model_log_group(name: str, asked: ModelLogs, parent: pulumi.Resource) -> aws.cloudwatch.LogGroup:
    """Declares it as a child of `parent`."""
    return aws.cloudwatch.LogGroup(
        name,
        name=asked.group,
        kms_key_id=asked.key_arn,
        retention_in_days=asked.days,
        deletion_protection_enabled=asked.protect,
        tags=asked.tags,
        opts=pulumi.ResourceOptions(parent=parent, protect=asked.protect),
    )
