"""What a model's API gives to the rest of its stack and to the front door, on any cloud."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class ApiOutputs:
    """`hostname`: to which the model's public name leads in this region.

    `health_host` and `health_path`: where its health is asked, over HTTPS; an empty path means by connecting only.
    `name` and `stage`: what the cloud's metrics call it; `arn` is the stage's.
    """

    hostname: pulumi.Output[str]
    health_host: pulumi.Output[str]
    health_path: str
    name: str
    stage: str
    arn: pulumi.Output[str]
