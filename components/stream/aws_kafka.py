"""The streams of one AWS region as topics of Apache Kafka: one provisioned Amazon MSK cluster over three zones.

Provisioned, since MSK Serverless takes no key of ours. Callers show IAM identities over TLS, and there is no other way
in; a topic is there because a model names it, never because somebody wrote to it. Owns no consumer, and its group of
hosts no door but the one for Lambda's pollers, which stand inside it: who reads or writes brings a door of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.naming import physical_name
from components.stream.aws_kinesis import check_streams
from components.stream.types import StreamOutputs

IAM_PORT = 9098
_HTTPS = 443
_ZONES = 3
_IN_SYNC = 2
_VERSION = "3.9.x.kraft"
_LONGEST_CLUSTER_NAME = 64
_LOG_DAYS = 30
_HOUR_MS = 3_600_000
# A broker that is lost costs no message that was acknowledged, and nobody makes topics by writing to them.
_PROPERTIES: Mapping[str, str] = {
    "auto.create.topics.enable": "false",
    "default.replication.factor": str(_ZONES),
    "min.insync.replicas": str(_IN_SYNC),
    "unclean.leader.election.enable": "false",
}


@dataclass(frozen=True, kw_only=True)
class AwsKafkaArgs:
    """`subnet_ids`: private ones, by zone; the first three zones by name are taken. `disk_gib`: of each broker."""

    stack: str
    streams: tuple[str, ...]  # keys of child names: their order does not matter
    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]
    key_arn: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    retention_hours: int = 24
    partitions: int = 6
    broker: str = "kafka.m7g.large"
    disk_gib: int = 100
    protect: bool = False  # true: no `destroy` deletes the cluster with what nobody has read yet

    def __post_init__(self) -> None:
        check_streams(self.streams, self.retention_hours)
        if len(self.subnet_ids) < _ZONES:
            raise ValueError(f"subnet_ids: got {sorted(self.subnet_ids)}; allowed: {_ZONES} zones or more")
        for field, value, most in (("partitions", self.partitions, 100), ("disk_gib", self.disk_gib, 16384)):
            if not 1 <= value <= most:
                raise ValueError(f"{field}: got {value}; allowed: 1 to {most}")


class AwsKafka(pulumi.ComponentResource):
    """Topics with the names of the streams; each has three copies, of which two must have a message."""

    outputs: StreamOutputs

    def __init__(self, name: str, args: AwsKafkaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:stream:AwsKafka", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._kept = pulumi.ResourceOptions(parent=self, protect=args.protect)
        group, rules = self._group()
        cluster = self._cluster(group, rules)
        topics = {stream: self._topic(stream, cluster) for stream in sorted(args.streams)}
        self.outputs = StreamOutputs(
            streams={stream: topic.arn for stream, topic in topics.items()},
            brokers=cluster.bootstrap_brokers_sasl_iam,
            security_group=group.id,
            ready=(*rules, *topics.values()),
        )
        self.register_outputs({"streams": dict(self.outputs.streams), "brokers": self.outputs.brokers})

    def _group(self) -> tuple[aws.ec2.SecurityGroup, tuple[pulumi.Resource, ...]]:
        """Brokers, and in the same group the pollers by which Lambda reads; these call AWS's services too."""
        named = f"{self._args.stack}-streams"
        group = aws.ec2.SecurityGroup(
            f"{self._name}-group",
            name=named,
            description="Brokers of Kafka, and Lambda's pollers",
            vpc_id=self._args.vpc_id,
            tags={"Name": named},
            opts=self._child,
        )
        rules = (
            aws.vpc.SecurityGroupIngressRule(
                f"{self._name}-pollers-in",
                security_group_id=group.id,
                referenced_security_group_id=group.id,
                ip_protocol="tcp",
                from_port=IAM_PORT,
                to_port=IAM_PORT,
                description="From Lambda's pollers",
                opts=self._child,
            ),
            aws.vpc.SecurityGroupEgressRule(
                f"{self._name}-pollers-out",
                security_group_id=group.id,
                referenced_security_group_id=group.id,
                ip_protocol="tcp",
                from_port=IAM_PORT,
                to_port=IAM_PORT,
                description="To brokers",
                opts=self._child,
            ),
            aws.vpc.SecurityGroupEgressRule(
                f"{self._name}-services",
                security_group_id=group.id,
                cidr_ipv4="0.0.0.0/0",
                ip_protocol="tcp",
                from_port=_HTTPS,
                to_port=_HTTPS,
                description="To Lambda, STS and SQS",
                opts=self._child,
            ),
        )
        return group, rules

    def _cluster(self, group: aws.ec2.SecurityGroup, rules: tuple[pulumi.Resource, ...]) -> aws.msk.Cluster:
        args, named = self._args, cluster_name(self._args.stack)
        settings = aws.msk.Configuration(
            f"{self._name}-settings",
            name=named,
            description=f"{args.stack}: no topic by accident, no message lost with a broker",
            server_properties=server_properties(),
            opts=self._child,
        )
        logs = aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=broker_log_group(args.stack),
            kms_key_id=args.logs_key_arn,
            retention_in_days=_LOG_DAYS,
            deletion_protection_enabled=args.protect,
            opts=self._kept,
        )
        zones = sorted(args.subnet_ids)[:_ZONES]
        return aws.msk.Cluster(
            f"{self._name}-cluster",
            cluster_name=named,
            kafka_version=_VERSION,
            number_of_broker_nodes=_ZONES,
            broker_node_group_info=aws.msk.ClusterBrokerNodeGroupInfoArgs(
                instance_type=args.broker,
                client_subnets=[args.subnet_ids[zone] for zone in zones],
                security_groups=[group.id],
                storage_info=aws.msk.ClusterBrokerNodeGroupInfoStorageInfoArgs(
                    ebs_storage_info=aws.msk.ClusterBrokerNodeGroupInfoStorageInfoEbsStorageInfoArgs(
                        volume_size=args.disk_gib
                    )
                ),
            ),
            client_authentication=aws.msk.ClusterClientAuthenticationArgs(
                sasl=aws.msk.ClusterClientAuthenticationSaslArgs(iam=True, scram=False), unauthenticated=False
            ),
            encryption_info=aws.msk.ClusterEncryptionInfoArgs(
                encryption_at_rest_kms_key_arn=args.key_arn,
                encryption_in_transit=aws.msk.ClusterEncryptionInfoEncryptionInTransitArgs(
                    client_broker="TLS", in_cluster=True
                ),
            ),
            configuration_info=aws.msk.ClusterConfigurationInfoArgs(
                arn=settings.arn, revision=settings.latest_revision
            ),
            enhanced_monitoring="PER_TOPIC_PER_BROKER",
            logging_info=aws.msk.ClusterLoggingInfoArgs(
                broker_logs=aws.msk.ClusterLoggingInfoBrokerLogsArgs(
                    cloudwatch_logs=aws.msk.ClusterLoggingInfoBrokerLogsCloudwatchLogsArgs(
                        enabled=True, log_group=logs.name
                    )
                )
            ),
            tags={"Name": named},
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=list(rules)),
        )

    def _topic(self, stream: str, cluster: aws.msk.Cluster) -> aws.msk.Topic:
        retention = {"retention.ms": str(self._args.retention_hours * _HOUR_MS)}
        return aws.msk.Topic(
            f"{self._name}-{stream}",
            name=stream,
            cluster_arn=cluster.arn,
            partition_count=self._args.partitions,
            replication_factor=_ZONES,
            configs=json.dumps(retention, sort_keys=True),
            opts=self._kept,
        )


def cluster_name(stack: str) -> str:
    """The physical name of the region's cluster, and of its settings."""
    return physical_name(stack, "streams", longest=_LONGEST_CLUSTER_NAME)


def broker_log_group(stack: str) -> str:
    """Where brokers' lines stand; the logs key names it."""
    return f"/aws/msk/{cluster_name(stack)}"


def server_properties() -> str:
    """Kafka's own form, in a fixed order."""
    return "".join(f"{key}={value}\n" for key, value in sorted(_PROPERTIES.items()))


def topic_parts(topic_arn: str) -> tuple[str, str]:
    """The cluster's ARN and the topic's name, of the ARN of a topic."""
    head, _, topic = topic_arn.rpartition("/")
    if ":topic/" not in head:
        raise ValueError(f"stream: got {topic_arn!r}; allowed: the ARN of a topic")
    return head.replace(":topic/", ":cluster/", 1), topic
