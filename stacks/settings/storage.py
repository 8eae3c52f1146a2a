"""The sections `registry` and `model_store` of a region: how long images and weights that nobody keeps stay."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stacks.settings.fields import Section

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
