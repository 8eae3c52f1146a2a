"""Where one model answers in one region."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class ServingOutputs:
    """`hostname`: of the public load balancer, None while the model takes no calls from outside the cluster.

    `address` is for callers inside the cluster: `http://fraud.model-fraud.svc`.
    """

    hostname: pulumi.Output[str | None]
    namespace: str
    service_account: str
    address: str
