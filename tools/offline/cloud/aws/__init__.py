"""The AWS table: one row a resource type.

Sources are files below `internal/service/` of hashicorp/terraform-provider-aws: an argument marked ForceNew, or with
the plan modifier RequiresReplace, is in `replaces`. Types without a row answer by the names of their outputs and are
never replaced, so a type that a component uses deserves a row.
"""

from __future__ import annotations

from tools.offline.cloud.aws import access, cluster, names, network, storage
from tools.offline.cloud.kind import Kind

KINDS: dict[str, Kind] = {**network.KINDS, **access.KINDS, **cluster.KINDS, **names.KINDS, **storage.KINDS}
