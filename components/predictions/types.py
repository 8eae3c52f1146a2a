"""Where a region keeps what its models got and answered, on any cloud."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class PredictionsOutputs:
    """The bucket, whose folders are those of `folders.py`, and the key that encrypts them (on AWS an ARN)."""

    bucket: pulumi.Output[str]
    key: pulumi.Output[str]
