"""What cannot be deleted while something else uses it: the order in which a destroy must go.

Most holders have network interfaces, which AWS deletes with them and not before: a security group or subnet deleted too
early is refused for as long as the holder stands. Refusals are from knowledge, by the words of each service. Whatever a
row does not name may go at any time; a holder holds what its inputs name by id, ARN or name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from tools.offline.cloud.store import Thing
from tools.offline.protocol.values import Value

_WITH_INTERFACES = (
    "aws:batch/computeEnvironment:ComputeEnvironment",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:eks/cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:elasticache/subnetGroup:SubnetGroup",
    "aws:lambda/function:Function",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:msk/cluster:Cluster",
    "aws:sagemaker/model:Model",
)


@dataclass(frozen=True, kw_only=True)
class Held:
    """`by`: types that hold it; `code`: what AWS answers first."""

    by: tuple[str, ...]
    code: str


HELD: Mapping[str, Held] = {
    "aws:apigateway/deployment:Deployment": Held(
        by=("aws:apigateway/stage:Stage",), code="BadRequestException: Active stages pointing to this deployment"
    ),
    "aws:batch/computeEnvironment:ComputeEnvironment": Held(
        by=("aws:batch/jobQueue:JobQueue",), code="ClientException: Cannot delete, found existing JobQueue relationship"
    ),
    "aws:ec2/securityGroup:SecurityGroup": Held(by=_WITH_INTERFACES, code="DependencyViolation"),
    "aws:ec2/subnet:Subnet": Held(by=_WITH_INTERFACES, code="DependencyViolation"),
    "aws:ec2/vpc:Vpc": Held(
        by=("aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup"), code="DependencyViolation"
    ),
    "aws:eks/cluster:Cluster": Held(by=("aws:eks/nodeGroup:NodeGroup",), code="ResourceInUseException"),
    "aws:elasticache/parameterGroup:ParameterGroup": Held(
        by=("aws:elasticache/replicationGroup:ReplicationGroup",), code="InvalidCacheParameterGroupState"
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": Held(
        by=("aws:elasticache/replicationGroup:ReplicationGroup",), code="CacheSubnetGroupInUse"
    ),
    "aws:elasticache/userGroup:UserGroup": Held(
        by=("aws:elasticache/replicationGroup:ReplicationGroup",), code="InvalidUserGroupState"
    ),
    "aws:lb/loadBalancer:LoadBalancer": Held(by=("aws:apigateway/vpcLink:VpcLink",), code="ResourceInUse"),
    "aws:lb/targetGroup:TargetGroup": Held(by=("aws:lb/listener:Listener",), code="ResourceInUse"),
}


def refusal_to_delete(thing: Thing, others: Iterable[Thing]) -> str | None:
    """Why the cloud would not delete this now, naming what must go first; None if it would."""
    held = HELD.get(thing.key.token)
    if held is None:
        return None
    called = {str(name) for name in (thing.key.id, thing.outputs.get("arn")) if name}
    holders = sorted(_words(one) for one in others if one.key.token in held.by and called & set(texts(one.inputs)))
    if not holders:
        return None
    return f"{held.code}: {_words(thing)} is in use by {', '.join(holders)}"


def _words(thing: Thing) -> str:
    return f"{thing.key.token.rpartition(':')[2]} {thing.key.id}"


def texts(value: Value) -> Iterator[str]:
    """Every text in it, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in cast("Mapping[str, Value]", value).values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in cast("list[Value]", value):
            yield from texts(inner)
