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


class NetworkContract(Contract):
    """Where endpoints and functions of models get their addresses. `private_subnets`: ids by zone."""

    vpc: str
    cidr: str
    private_subnets: dict[str, str]
    cluster_security_group: str


class GatewayContract(Contract):
    """What stands in front of every API: ARNs of the web access list and of the access-log group.

    With a model on Kubernetes behind an API also the private link to the cluster: id of the VPC link; ARN, host name
    and security group of its balancer.
    """

    web_acl: str
    access_logs: str
    link: str | None = None
    balancer: str | None = None
    balancer_host: str | None = None
    balancer_security_group: str | None = None


class CacheContract(Contract):
    """The region's Valkey: who connects names `name` when logging in."""

    name: str
    host: str
    port: int
    security_group: str


class KafkaContract(Contract):
    """Where a region's streams are topics: addresses of the brokers, and the security group that guards them."""

    brokers: str
    security_group: str


class BucketContract(Contract):
    """A bucket and the key that it is encrypted with (an ARN)."""

    bucket: str
    key: str


class BatchContract(Contract):
    """Job queues by what a job needs: `cpu`, or an accelerator's name; `SPOT` before its name takes spare machines."""

    queues: dict[str, str]


class PlatformContract(Contract):
    """One region, as its models stack needs to know it.

    `certificate` is the regional certificate's ARN, `alarm_channel` the ARN of the topic to which alarms go, `keys` the
    ARNs of keys by purpose. `node_groups`: by pool, what the cloud's scaling calls its nodes. `streams` and `features`
    are ARNs by name. What no model of the region asks for is not there.
    """

    cloud: str
    place: str
    account: str
    jurisdiction: str
    cluster: ClusterContract
    network: NetworkContract
    node_groups: dict[str, list[str]]
    certificate: str
    alarm_channel: str
    registry: RegistryContract
    model_store: ModelStoreContract
    keys: dict[str, str]
    gateway: GatewayContract | None = None
    cache: CacheContract | None = None
    streams: dict[str, str] = {}
    kafka: KafkaContract | None = None
    features: dict[str, str] = {}
    predictions: BucketContract | None = None
    batch: BatchContract | None = None

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
    """One model in one region. `hostname`: to which its public name leads, None while it takes no calls from outside.

    `health_host` and `health_path`: where its health is asked (without: at `hostname`, by connecting only where
    `health_path` is empty). `alarm`: the alarm that says that it does not answer well, for the front door to follow.
    `versions`: of a function, by image digest, the version that was published of it; the next release reads them.
    None is the default since the engine drops nulls from what a stack publishes.
    """

    hostname: str | None = None
    health_host: str | None = None
    health_path: str = "/ping"
    alarm: str | None = None
    versions: dict[str, str] = {}


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
