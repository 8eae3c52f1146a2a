"""The cache of a region's models, on any cloud."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class CacheOutputs:
    """Where models find kept answers. They log in to `name` with their cloud identity, over TLS only.

    On AWS `security_group_id` is worn by the cache: who else is to reach it gets a rule there.
    """

    name: pulumi.Output[str]
    host: pulumi.Output[str]
    port: int
    security_group_id: pulumi.Output[str]
