"""What one stack publishes for the stacks above it: small, without secrets, one output each, read in one place.

Data flows down only: account -> platform -> models -> front door. A contract is published as a plain mapping, so that
`pulumi stack output` shows it, and checked when it is read: a stack that was last deployed by another version of this
program is named, with the command that brings it up to date.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import pulumi
from pydantic import BaseModel, ConfigDict, ValidationError


class Contract(BaseModel):
    """Frozen, no unknown keys: what is not written here does not flow."""

    model_config = ConfigDict(frozen=True, extra="forbid")


C = TypeVar("C", bound="Contract")


class ClusterContract(Contract):
    """How a models stack reaches its cluster. `identifier` tells clusters apart for good: the ARN on AWS."""

    name: str
    identifier: str
    endpoint: str
    certificate_authority: str
    version: str


class RegistryContract(Contract):
    """Where images lie: `host` to log in to, and by model the address to which `@sha256:...` names an image."""

    host: str
    repositories: dict[str, str]


class ModelStoreContract(Contract):
    """Where weights lie, as objects `sha256/HEX` of a bucket, and the key that they are encrypted with (an ARN)."""

    bucket: str
    key: str


class PlatformContract(Contract):
    """One region, as its models stack needs to know it.

    `certificate` is the regional certificate's ARN, `alarm_channel` the ARN of the topic to which alarms go.
    """

    cloud: str
    place: str
    account: str
    jurisdiction: str
    cluster: ClusterContract
    certificate: str
    alarm_channel: str
    registry: RegistryContract
    model_store: ModelStoreContract

    def repository(self, model: str, stack: str) -> str:
        """The address of a model's images; raises `pulumi.RunError` if the platform `stack` has none for it."""
        found = self.registry.repositories.get(model)
        if found is None:
            raise pulumi.RunError(
                f"stack {stack} has no repository for {model}: it was deployed before the model was added. "
                f"Bring it up to date first: pulumi up -s {stack}"
            )
        return found


class ServedModel(Contract):
    """One model in one region. `hostname` is its load balancer's name, None while it takes no calls from outside.

    None is the default since the engine drops nulls from what a stack publishes.
    """

    hostname: str | None = None


class ModelsContract(Contract):
    """Every model served in one region, by name."""

    cloud: str
    place: str
    models: dict[str, ServedModel]


PLATFORM_OUTPUT = "platform"
MODELS_OUTPUT = "models"


def read_platform(stack: str) -> pulumi.Output[PlatformContract]:
    """The contract of platform stack `stack`, read by stack reference.

    Raises `pulumi.RunError` while the program runs if the stack has not been deployed or speaks another version.
    """
    return _read(stack, PLATFORM_OUTPUT).apply(lambda output: parse_platform(stack, output))


def read_models(stack: str) -> pulumi.Output[ModelsContract]:
    """The contract of models stack `stack`; raises as `read_platform` does."""
    return _read(stack, MODELS_OUTPUT).apply(lambda output: parse_models(stack, output))


def parse_platform(stack: str, output: object) -> PlatformContract:
    """`output` as it stands in the state of `stack`, checked."""
    return _parse(PlatformContract, stack, PLATFORM_OUTPUT, output)


def parse_models(stack: str, output: object) -> ModelsContract:
    """`output` as it stands in the state of `stack`, checked."""
    return _parse(ModelsContract, stack, MODELS_OUTPUT, output)


def _read(stack: str, name: str) -> pulumi.Output[object]:
    return pulumi.StackReference(stack).get_output(name)


def _parse(kind: type[C], stack: str, name: str, output: object) -> C:
    if not isinstance(output, Mapping):
        raise pulumi.RunError(
            f"stack {stack} has no output {name!r}: it has not been deployed yet. Deploy it first: pulumi up -s {stack}"
        )
    try:
        return kind.model_validate(output)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise pulumi.RunError(
            f"stack {stack}, output {name!r}: does not fit this version of the program ({fields}). "
            f"Bring it up to date first: pulumi up -s {stack}"
        ) from error
