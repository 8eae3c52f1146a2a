"""The platform stack: one region, ready for models."""

from __future__ import annotations

import pulumi

from stacks.contracts import PLATFORM_OUTPUT
from stacks.kits.aws_cluster import install_services
from stacks.kits.aws_optional import optional_parts, published_keys
from stacks.kits.aws_platform import AwsPlatform
from stacks.settings import PlatformSettings


def declare(settings: PlatformSettings) -> None:
    """Declares the region's resources and publishes its `PlatformContract`."""
    region = settings.region
    kit = AwsPlatform(settings.stack.text, region=region.place, account=region.account, labels=settings.labels)
    keys = kit.keys(settings)
    network = kit.network(settings, keys)
    identity = kit.identity(settings, keys)
    cluster = kit.cluster(settings, network, identity, keys)
    install_services(kit, settings, cluster)
    registry = kit.registry(settings, keys)
    model_store = kit.model_store(settings, keys)
    certificate = kit.certificate(settings)
    monitoring = kit.monitoring(settings, keys, network, cluster, certificate)
    asked_for = optional_parts(kit, settings, keys, network, cluster)
    contract = {
        "cloud": region.cloud.value,
        "place": region.place,
        "account": region.account,
        "jurisdiction": settings.jurisdiction,
        "cluster": {
            "name": cluster.name,
            "identifier": cluster.identifier,
            "endpoint": cluster.endpoint,
            "certificate_authority": cluster.certificate_authority,
            "version": cluster.version,
        },
        "network": {
            "vpc": network.vpc_id,
            "cidr": str(network.cidr),
            "private_subnets": dict(network.private_subnet_ids),
            "cluster_security_group": cluster.security_group_id,
        },
        "node_groups": {pool: list(groups) for pool, groups in cluster.scaling_groups.items()},
        "certificate": certificate.identifier,
        "alarm_channel": monitoring.alarm_channel,
        "registry": {"host": registry.host, "repositories": dict(registry.repositories)},
        "model_store": {"bucket": model_store.bucket, "key": model_store.key},
        "keys": published_keys(keys),
        **asked_for,
    }
    pulumi.export(PLATFORM_OUTPUT, contract)
