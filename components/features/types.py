"""Tables of values that a region's models look up when a call comes, on any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class FeaturesOutputs:
    """By the table's name in model files, its identifier (on AWS its ARN), and the key that encrypts them all."""

    tables: Mapping[str, pulumi.Output[str]]
    key: pulumi.Output[str]
