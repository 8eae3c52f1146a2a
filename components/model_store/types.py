"""Where a region keeps weights that are too large for an image, on any cloud."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class ModelStoreOutputs:
    """The bucket, in which weights lie as `sha256/HEX`, and the key that encrypts them (on AWS an ARN)."""

    bucket: pulumi.Output[str]
    key: pulumi.Output[str]
