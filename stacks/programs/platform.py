"""The platform stack: one region, ready for models."""

from __future__ import annotations

import pulumi

from stacks.contracts import PLATFORM_OUTPUT
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
    registry = kit.registry(settings, keys)
    model_store = kit.model_store(settings, keys)
    certificate = kit.certificate(settings)
    monitoring = kit.monitoring(settings, keys, network, cluster, certificate)
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
        "certificate": certificate.identifier,
        "alarm_channel": monitoring.alarm_channel,
        "registry": {"host": registry.host, "repositories": dict(registry.repositories)},
        "model_store": {"bucket": model_store.bucket, "key": model_store.key},
    }
    pulumi.export(PLATFORM_OUTPUT, contract)
