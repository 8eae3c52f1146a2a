"""AWS streams and queues: Kinesis, Amazon MSK, SQS, and Application Auto Scaling of what is not a machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties, Value

_KAFKA = "arn:{partition}:kafka:{place}:{account}:"
_IAM_PORT = 9098


def _cluster(asked: Asked) -> Properties:
    """Its ARN ends with an id of its own; the brokers' names are one a subnet."""
    words = Words(asked)
    name, own = asked.inputs.get("clusterName"), words["uuid"]
    info = cast("Mapping[str, Value]", asked.inputs.get("brokerNodeGroupInfo") or {})
    subnets = cast("list[Value]", info.get("clientSubnets") or [])
    domain = f"{name}.{words['hash'][:6]}.c2.kafka.{words['region']}.{words['dns']}"
    brokers = [f"b-{number}.{domain}:{_IAM_PORT}" for number, _ in enumerate(subnets, start=1)]
    arn = f"{_KAFKA.format_map(words)}cluster/{name}/{own}-2"
    return {
        "id": arn,
        "arn": arn,
        "bootstrapBrokersSaslIam": ",".join(brokers),
        "clusterUuid": f"{own}-2",
        "currentVersion": "K1",
    }


def _topic(asked: Asked) -> Properties:
    """A topic's ARN is its cluster's with its own name."""
    name = asked.inputs.get("name")
    arn = f"{asked.inputs.get('clusterArn')}".replace(":cluster/", ":topic/") + f"/{name}"
    return {"id": f"{asked.inputs.get('clusterArn')},{name}", "arn": arn}


KINDS: dict[str, Kind] = {
    "aws:kinesis/stream:Stream": Kind(
        source="kinesis/stream.go",
        replaces=("name",),
        id="arn:{partition}:kinesis:{place}:{account}:stream/{input[name]}",
        outputs={"arn": "arn:{partition}:kinesis:{place}:{account}:stream/{input[name]}"},
        imported_as="{name}",
        identity=("name",),
        named="name",
    ),
    "aws:msk/cluster:Cluster": Kind(
        source="kafka/cluster.go",
        replaces=(
            "brokerNodeGroupInfo.azDistribution",
            "brokerNodeGroupInfo.clientSubnets",
            "brokerNodeGroupInfo.securityGroups",
            "clusterName",
            "encryptionInfo.encryptionAtRestKmsKeyArn",
            "encryptionInfo.encryptionInTransit.inCluster",
        ),
        compute=_cluster,
        imported_as="{arn}",
        identity=("clusterName",),
        named="clusterName",
    ),
    "aws:msk/configuration:Configuration": Kind(
        source="kafka/configuration.go",
        replaces=("kafkaVersions", "name"),
        id=_KAFKA + "configuration/{input[name]}/{uuid}-2",
        arn="{id}",
        counted=("latestRevision",),
        identity=("name",),
        named="name",
    ),
    "aws:msk/topic:Topic": Kind(
        source="kafka/topic.go",
        replaces=("clusterArn", "name", "replicationFactor"),
        compute=_topic,
        identity=("clusterArn", "name"),
        named="name",
    ),
    "aws:sqs/queue:Queue": Kind(
        source="sqs/queue.go",
        replaces=("fifoQueue", "name", "namePrefix"),
        id="https://sqs.{place}.{dns}/{account}/{input[name]}",
        arn="arn:{partition}:sqs:{place}:{account}:{input[name]}",
        outputs={"url": "https://sqs.{place}.{dns}/{account}/{input[name]}"},
        identity=("name",),
        named="name",
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Kind(
        source="sqs/queue_policy.go",
        replaces=("queueUrl",),
        id="{input[queueUrl]}",
        identity=("queueUrl",),
    ),
}
