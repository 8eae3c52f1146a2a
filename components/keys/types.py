"""The encryption keys of a region, on any cloud."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class KeysOutputs:
    """One key a purpose, so that who may read logs may not therefore read secrets. On AWS each is a key's ARN."""

    secrets_key_arn: pulumi.Output[str]  # envelope encryption of Kubernetes secrets
    volumes_key_arn: pulumi.Output[str]  # node disks and volumes that pods claim
    logs_key_arn: pulumi.Output[str]  # log groups of the control plane and of the network
    images_key_arn: pulumi.Output[str]  # repositories of the registry
    weights_key_arn: pulumi.Output[str]  # the model store
    alarms_key_arn: pulumi.Output[str]  # messages of the alarm channel
