"""Kept answers of one AWS region's models: Valkey on ElastiCache, in several zones, over TLS, with one user a model.

A node is lost without the cache: a replica in another zone takes over. Nothing in it is worth keeping: no snapshots,
and it goes with any destroy. Its logs are not delivered: the slow log holds keys and answers.

The version is ours to move: where AWS raises it by itself, the next refresh would see a version to go back to, and the
provider goes back by making a new cache.

Owns no right to log in (each model's role has its own: `aws_users.connect_statement`) and not the key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.cache.aws_users import access, cache_name, cache_user
from components.cache.types import CacheOutputs
from components.naming import physical_name

ENGINE = "valkey"
ENGINE_VERSION = "9.0"  # the newest that pulumi_aws 7.51 speaks of
FAMILY = "valkey9"
PORT = 6379
MAINTENANCE = "sun:03:00-sun:04:00"  # UTC; a replica takes over meanwhile
REPLICAS_MOST = 5
_NODE_TYPE = re.compile(r"cache\.[a-z][a-z0-9-]*\.[a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class AwsCacheArgs:
    stack: str
    models: tuple[str, ...]  # that may use it
    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone
    clients: Mapping[str, pulumi.Input[str]]  # security groups whose wearers may connect, by a name of ours
    key_arn: pulumi.Input[str]  # its policy must let ElastiCache take a grant
    node_type: str = "cache.t4g.small"
    replicas: int = 1  # beside the one that is written to

    def __post_init__(self) -> None:
        if not self.models or len(set(self.models)) != len(self.models):
            raise ValueError(f"models: got {self.models!r}; allowed: one or more, each once")
        if len(self.subnet_ids) < 2:
            raise ValueError(f"subnet_ids: got zones {sorted(self.subnet_ids)}; allowed: two zones or more")
        if not 1 <= self.replicas <= REPLICAS_MOST:
            raise ValueError(f"replicas: got {self.replicas}; allowed: 1 to {REPLICAS_MOST} (one must take over)")
        if not _NODE_TYPE.fullmatch(self.node_type):
            raise ValueError(f"node_type: got {self.node_type!r}; allowed: a type of ElastiCache, as cache.t4g.small")


class AwsCache(pulumi.ComponentResource):
    """The cache with its users, its network and its settings."""

    outputs: CacheOutputs

    def __init__(self, name: str, args: AwsCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:cache:AwsCache", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        group = self._security_group()
        subnets = aws.elasticache.SubnetGroup(
            f"{name}-subnets",
            name=cache_name(args.stack),
            description=f"{args.stack}: where the cache stands",
            subnet_ids=[args.subnet_ids[zone] for zone in sorted(args.subnet_ids)],
            opts=self._child,
        )
        # Another family is another group: it stands before the old one goes, so its name must differ.
        settings = aws.elasticache.ParameterGroup(
            f"{name}-settings",
            name=physical_name(args.stack, "cache", FAMILY, longest=255),
            family=FAMILY,
            description=f"{args.stack}: full means that the answers asked for least recently go",
            parameters=[aws.elasticache.ParameterGroupParameterArgs(name="maxmemory-policy", value="allkeys-lru")],
            opts=self._child,
        )
        users = self._users()
        cache = aws.elasticache.ReplicationGroup(
            f"{name}-group",
            replication_group_id=cache_name(args.stack),
            description=f"{args.stack}: kept answers of models",
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            auto_minor_version_upgrade=False,
            node_type=args.node_type,
            cluster_mode="disabled",
            num_cache_clusters=args.replicas + 1,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            port=PORT,
            parameter_group_name=settings.name,
            subnet_group_name=subnets.name,
            security_group_ids=[group.id],
            user_group_ids=[users.user_group_id],
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            at_rest_encryption_enabled=True,
            kms_key_id=args.key_arn,
            snapshot_retention_limit=0,
            maintenance_window=MAINTENANCE,
            apply_immediately=True,  # else `up` ends before what it asked for is so
            tags={"Name": cache_name(args.stack)},
            opts=self._child,
        )
        self.outputs = CacheOutputs(
            name=cache.replication_group_id,
            host=cache.primary_endpoint_address,
            port=PORT,
            security_group_id=group.id,
        )
        self.register_outputs({"name": cache.replication_group_id, "host": cache.primary_endpoint_address})

    def _security_group(self) -> aws.ec2.SecurityGroup:
        """Lets clients in at the one port; the cache itself calls nobody."""
        args = self._args
        name = f"{args.stack}-cache"
        group = aws.ec2.SecurityGroup(
            f"{self._name}-firewall",
            name=name,
            description=f"{args.stack}: who may reach the cache",
            vpc_id=args.vpc_id,
            tags={"Name": name},
            opts=self._child,
        )
        for client, wearer in args.clients.items():
            aws.vpc.SecurityGroupIngressRule(
                f"{self._name}-from-{client}",
                security_group_id=group.id,
                referenced_security_group_id=wearer,
                ip_protocol="tcp",
                from_port=PORT,
                to_port=PORT,
                description=f"{client} to the cache",
                opts=self._child,
            )
        return group

    def _users(self) -> aws.elasticache.UserGroup:
        """No user named default is among them: who brings no name of ours is turned away."""
        args = self._args
        users = [
            aws.elasticache.User(
                f"{self._name}-{model}",
                user_id=cache_user(args.stack, model),
                user_name=cache_user(args.stack, model),
                engine=ENGINE,
                access_string=access(model),
                authentication_mode=aws.elasticache.UserAuthenticationModeArgs(type="iam"),
                opts=self._child,
            )
            for model in sorted(args.models)
        ]
        return aws.elasticache.UserGroup(
            f"{self._name}-users",
            user_group_id=cache_name(args.stack),
            engine=ENGINE,
            user_ids=[user.user_id for user in users],
            opts=self._child,
        )
