"""Where a region keeps the images of its models, on any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class RegistryOutputs:
    """`host` is where to log in; `repositories` are addresses by model, to which `@sha256:...` names an image."""

    host: str
    repositories: Mapping[str, pulumi.Output[str]]
