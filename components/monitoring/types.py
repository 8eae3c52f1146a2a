"""What a region's monitoring gives to the rest of the region and to its models stack, on any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class MonitoringOutputs:
    """Where alarms go (on AWS the topic's ARN), and the alarms of the platform, by what they watch."""

    alarm_channel: pulumi.Output[str]
    alarms: Mapping[str, pulumi.Output[str]]
    dashboard: pulumi.Output[str]  # its name
