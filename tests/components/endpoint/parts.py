"""What the tests of endpoints build on."""

from __future__ import annotations

from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws

from components.endpoint.aws import AwsEndpoint
from components.endpoint.aws_args import AwsEndpointArgs, EndpointFiles, EndpointRelease
from components.endpoint.aws_network import EndpointNetwork, ToGroup, ToPrefixList
from components.endpoint.machines import Size
from components.endpoint.scale import EndpointScale
from components.endpoint.types import EndpointMode
from components.labels import Labels
from tests.recorder import Graph, record

STACK = "demo-aws-eu-west-1-models"
NAME = f"{STACK}-fraud"
REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/homeport/fraud"
STABLE, CANDIDATE = (f"{REPOSITORY}@sha256:{digit * 64}" for digit in "ab")
KEY = "arn:aws:kms:eu-west-1:123456789012:key/predictions"
BOUNDARY = "arn:aws:iam::123456789012:policy/homeport-delivery/demo-eu-workload"
FILES = EndpointFiles(bucket="demo-predictions", key_arn=KEY)
NETWORK = EndpointNetwork(
    vpc_id="vpc-0123456789abcdef0",
    subnet_ids=("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"),
    reach={
        "s3": ToPrefixList(prefix_list="pl-0123456789abcdef0"),
        "cache": ToGroup(security_group="sg-0123456789abcdef0", port=6379),
    },
)
LOGS_KEY = "arn:aws:kms:eu-west-1:123456789012:key/logs"
ARGS = AwsEndpointArgs(
    stack=STACK,
    model="fraud",
    account="123456789012",
    region="eu-west-1",
    mode=EndpointMode.REALTIME,
    repository="homeport/fraud",
    stable=EndpointRelease(image=STABLE, environment={"MODEL_VERSION": "1"}),
    size=Size(cpu=2, memory_gib=3),
    scale=EndpointScale(fewest=2, most=8, targets={"cpu_utilization": 70}),
    network=NETWORK,
    rollback_alarms=("fraud-errors",),
    permissions_boundary_arn=BOUNDARY,
    logs_key_arn=LOGS_KEY,
    labels=Labels(environment="demo", stack=STACK, jurisdiction="eu"),
)
TRIAL = EndpointRelease(image=CANDIDATE)


@cache
def _recorded(args: AwsEndpointArgs, preview: bool) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsEndpoint("fraud-endpoint", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("name", made.outputs.name)
        pulumi.export("variants", list(made.outputs.variants))

    return record(program, preview=preview)


_KNOWN: dict[int, Graph] = {}


def endpoint(args: AwsEndpointArgs = ARGS, *, preview: bool = False) -> Graph:
    """What this endpoint declares; args hold mappings, so they are told apart by their text."""
    key = hash((repr(args), preview))
    if key not in _KNOWN:
        _KNOWN[key] = _recorded.__wrapped__(args, preview)
    return _KNOWN[key]


def configuration(graph: Graph) -> dict[str, Any]:
    """The inputs of the one configuration."""
    return dict(graph.one("EndpointConfiguration").inputs)
