"""What exists once an account and the stacks of its regions build upon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class AccountOutputs:
    """The domain's zone, the ceiling of what regional stacks may make, and who may preview and apply.

    `name_servers` must be entered at the parent domain by hand, once: until then no certificate is issued. The ARNs of
    the roles are None where no repository deploys to the account.
    """

    zone_id: pulumi.Output[str]
    name_servers: pulumi.Output[list[str]]
    workload_boundary_arns: Mapping[str, pulumi.Output[str]]  # by jurisdiction
    preview_role_arn: pulumi.Output[str] | None
    apply_role_arn: pulumi.Output[str] | None
