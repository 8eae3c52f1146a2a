"""What the monitoring of one model gives to the rest of its stack and to the front door, on any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class ModelMonitoringOutputs:
    """`alarms`: the model's own, by what they watch (on AWS ARNs).

    `roll_back`: the one alarm that means "take the release back"; None where nothing counts calls or replicas.
    `health_alarm`: the name of the alarm that a front door may follow; None where no API counts calls.
    """

    alarms: Mapping[str, pulumi.Output[str]]
    roll_back: pulumi.Output[str] | None
    health_alarm: str | None
    dashboard: pulumi.Output[str]  # its name
