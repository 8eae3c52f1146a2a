"""The encryption keys of a region, on any cloud."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pulumi


class KeyPurpose(StrEnum):
    """What a region has a key for only when a model in it asks for such a thing."""

    CACHE = "cache"  # answers kept for equal questions
    STREAMS = "streams"  # records on their way to a model and from it
    FEATURES = "features"  # tables of values that models look up
    PREDICTIONS = "predictions"  # what models got and answered, in files
    QUEUES = "queues"  # messages that nobody could take
    FUNCTIONS = "functions"  # settings of functions, and their images as Lambda unpacks them


@dataclass(frozen=True, kw_only=True)
class KeysOutputs:
    """One key a purpose, so that who may read logs may not therefore read secrets. On AWS each is a key's ARN.

    None: nothing in the region needs that key.
    """

    secrets_key_arn: pulumi.Output[str]  # envelope encryption of Kubernetes secrets
    volumes_key_arn: pulumi.Output[str]  # node disks and volumes that pods claim
    logs_key_arn: pulumi.Output[str]  # log groups of the control plane and of the network
    images_key_arn: pulumi.Output[str]  # repositories of the registry
    weights_key_arn: pulumi.Output[str]  # the model store
    alarms_key_arn: pulumi.Output[str]  # messages of the alarm channel
    cache_key_arn: pulumi.Output[str] | None = None
    streams_key_arn: pulumi.Output[str] | None = None
    features_key_arn: pulumi.Output[str] | None = None
    predictions_key_arn: pulumi.Output[str] | None = None
    queues_key_arn: pulumi.Output[str] | None = None
    functions_key_arn: pulumi.Output[str] | None = None
