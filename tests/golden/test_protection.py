"""What a destroy leaves: in an environment without protection nothing, with it exactly what holds data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.golden.graphs import STACKS, graph_of
from tests.recorder import Recorded

HOLDS_DATA: Mapping[str, str] = {
    "aws:dynamodb/table:Table": "features of models, written by others",
    "aws:ecr/repository:Repository": "images that serve, and those to go back to",
    "aws:kinesis/stream:Stream": "messages that no worker has read yet",
    "aws:kms/key:Key": "without its key everything else is lost",
    "aws:msk/cluster:Cluster": "messages that no worker has read yet",
    "aws:route53/zone:Zone": "the delegation from the domain above, made by hand",
    "aws:s3/bucket:Bucket": "weights, answers, captured calls, logs of access",
    "aws:sqs/queue:Queue": "calls and messages that failed and wait for a person",
}
"""Every type that keeps what cannot be made anew, and why. ElastiCache is none: its answers are computed again."""

MADE_ANEW: Mapping[tuple[str, str], str] = {
    ("aws:sqs/queue:Queue", "-unsent-queue"): "starts of a batch that nobody heard; the schedule starts it again",
    ("aws:s3/bucket:Bucket", "-api-trust"): "certificates of callers' authorities, from a file of the project",
}
"""What a type of `HOLDS_DATA` keeps nothing in, by the end of its name."""

STAYS_WITH_IT: Mapping[str, str] = {
    "aws:cloudwatch/logGroup:LogGroup": "logs of what happened",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "a repository that stays stays closed",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "what ends in a bucket goes on ending",
    "aws:s3/bucketLogging:BucketLogging": "who reads it goes on being written down",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "a bucket that stays stays closed",
    "aws:s3/bucketPolicy:BucketPolicy": "a bucket that stays stays closed",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "a bucket that stays stays closed",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "its key stays its own",
    "aws:s3/bucketVersioning:BucketVersioning": "what is deleted in it can be brought back",
    "aws:msk/topic:Topic": "a topic of a cluster that stays",
    "aws:sqs/queuePolicy:QueuePolicy": "a queue that stays stays closed",
}
"""What may be protected beside it, and why; anything else that is protected would stand in the way of a destroy."""

EMPTIED: Mapping[str, Mapping[str, Any]] = {
    "aws:cloudwatch/logGroup:LogGroup": {"deletionProtectionEnabled": False},
    "aws:dynamodb/table:Table": {"deletionProtectionEnabled": False},
    "aws:ecr/repository:Repository": {"forceDelete": True},
    "aws:eks/cluster:Cluster": {"deletionProtection": False},
    "aws:elasticache/replicationGroup:ReplicationGroup": {"finalSnapshotIdentifier": None},
    "aws:kinesis/stream:Stream": {"enforceConsumerDeletion": True},
    "aws:lb/loadBalancer:LoadBalancer": {"enableDeletionProtection": False},
    "aws:s3/bucket:Bucket": {"forceDestroy": True},
}
"""What lets a thing go that is not empty, by type: without it AWS refuses to delete it, or keeps a copy that costs.

Not the account's zone: what others wrote into it is theirs, and ours go with their stacks.
"""


def _of(environment: str) -> Iterator[Recorded]:
    stacks = (stack for stack in STACKS if stack.split("-")[0] == environment)
    return (one for stack in stacks for one in graph_of(stack).resources if one.custom)


def _protected(one: Recorded) -> bool:
    return bool(one.options.get("protect"))


def _made_anew(one: Recorded) -> bool:
    return any(one.type == token and one.name.endswith(end) for token, end in MADE_ANEW)


def test_nothing_of_demo_is_protected() -> None:
    assert [one.urn for one in _of("demo") if _protected(one)] == []


def test_everything_of_demo_goes_though_it_is_full() -> None:
    left = [
        f"{one.urn}: {key} is {one.inputs.get(key)!r}; wanted: {wanted!r}"
        for one in _of("demo")
        for key, wanted in EMPTIED.get(one.type, {}).items()
        if (one.inputs.get(key) or None) != (wanted or None)
    ]
    assert left == []


@pytest.mark.parametrize("environment", ["demo", "prod"])
def test_the_types_meant_are_there(environment: str) -> None:
    """The tables name what exists: a type that nobody declares any more leaves them."""
    there = {one.type for one in _of(environment)}
    assert {"aws:ecr/repository:Repository", "aws:kms/key:Key", "aws:s3/bucket:Bucket"} <= there


def test_what_holds_data_is_protected_in_prod() -> None:
    holding = [one for one in _of("prod") if one.type in HOLDS_DATA and not _made_anew(one)]
    assert [one.urn for one in holding if not _protected(one)] == []
    assert len(holding) > 10


def test_logs_of_prod_are_kept_from_deletion() -> None:
    groups = [one for one in _of("prod") if one.type == "aws:cloudwatch/logGroup:LogGroup"]
    assert [one.urn for one in groups if not one.inputs.get("deletionProtectionEnabled")] == []


def test_only_what_holds_data_and_what_stays_with_it_is_protected() -> None:
    protected = {one.type for one in _of("prod") if _protected(one)}
    assert protected - HOLDS_DATA.keys() - STAYS_WITH_IT.keys() == set()
