"""The AWS table: one row a resource type.

Sources are files below `internal/service/` of hashicorp/terraform-provider-aws: an argument marked ForceNew, or with
the plan modifier RequiresReplace, is in `replaces`. Read again on 2026-11-24 at version 6: EKS clusters, node groups
and add-ons, certificates, records, health checks, security group rules, log groups, NAT gateways, VPC endpoints, KMS
keys, OpenID Connect providers, repositories of images and their documents, metric alarms, cost allocation tags and
anomaly monitors; at older versions subscriptions, event targets, budgets and anomaly subscriptions. The other rows are
from knowledge of version 6: check one before you lean on it.

A type without a row answers by the names of its outputs and is never replaced, so a type that a component uses
deserves a row.
"""

from __future__ import annotations

from tools.offline.cloud.aws import (
    access,
    batch,
    cluster,
    data,
    endpoint,
    functions,
    gateway,
    monitoring,
    names,
    network,
    registry,
    scaling,
    storage,
    streams,
)
from tools.offline.cloud.kind import Kind

KINDS: dict[str, Kind] = {
    **network.KINDS,
    **access.KINDS,
    **batch.KINDS,
    **cluster.KINDS,
    **data.KINDS,
    **endpoint.KINDS,
    **functions.KINDS,
    **gateway.KINDS,
    **monitoring.KINDS,
    **names.KINDS,
    **registry.KINDS,
    **scaling.KINDS,
    **storage.KINDS,
    **streams.KINDS,
}
