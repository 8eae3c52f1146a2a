"""A region's streams, by the names that models give them, on any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class StreamOutputs:
    """`streams`: by name, how the cloud calls each (on AWS an ARN).

    Where the streams stand in a network: `brokers` are their addresses, `security_group` guards them. `ready`: give
    it to `depends_on` of who reads or writes in the same stack.
    """

    streams: Mapping[str, pulumi.Output[str]]
    brokers: pulumi.Output[str] | None = None
    security_group: pulumi.Output[str] | None = None
    ready: tuple[pulumi.Resource, ...] = ()
