"""What a region keeps for its models and what it puts before them: the sections `registry`, `model_store`, `cache`,
`streams` and `gateway`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stacks.settings.fields import CacheNodeType, Section

Days = Annotated[int, Field(ge=1, le=3650)]


class Registry(Section):
    """The region's repositories of model images, one a model that may run there."""

    untagged_days: Annotated[
        Days,
        Field(description="Days until an image without a tag is deleted, even one that serves: push releases by tag."),
    ] = 90
    keep_images: Annotated[
        int,
        Field(
            ge=10,
            le=10000,
            description="How many images of a model stay, the newest ones; lists of contents and records count too.",
        ),
    ] = 500


class ModelStore(Section):
    """The region's bucket of weights."""

    deleted_days: Annotated[
        Days, Field(description="Days until weights that were deleted or overwritten are lost for good.")
    ] = 90
    access_log_days: Annotated[Days, Field(description="Days that the log of who read and wrote is kept.")] = 365


class Cache(Section):
    """The region's Valkey, there when a model asks for a cache."""

    node_type: Annotated[CacheNodeType, Field(description="Node type of ElastiCache.")] = "cache.t4g.small"
    replicas: Annotated[
        int, Field(ge=1, le=5, description="Copies beside the first node, in other zones; one takes over.")
    ] = 1


class Streams(Section):
    """The region's streams, there when a model names one."""

    kind: Annotated[
        Literal["kinesis", "msk"], Field(description="Kinesis Data Streams, or Kafka (Amazon MSK, three brokers).")
    ] = "kinesis"
    retention_hours: Annotated[int, Field(ge=24, le=8760, description="Hours that a record can be read again.")] = 24


class Gateway(Section):
    """What stands in front of all APIs of the region, there when a model is called by one."""

    requests_per_5_minutes: Annotated[
        int,
        Field(
            ge=10, le=2_000_000_000, description="Requests of one address in five minutes; further ones are blocked."
        ),
    ] = 10_000
