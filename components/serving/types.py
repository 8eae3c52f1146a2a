"""Where one model answers in one region."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class ServingOutputs:
    """`hostname`: of the public load balancer, None where there is none.

    `link_port`, `candidate_link_port`: the port of every node on which the stable release and the candidate answer an
    API gateway, None without a gateway or a candidate.
    `address`, `candidate_address` are for callers inside the cluster: `http://fraud.model-fraud.svc`.
    """

    hostname: pulumi.Output[str | None]
    link_port: pulumi.Output[int] | None
    candidate_link_port: pulumi.Output[int] | None
    namespace: str
    service_account: str
    address: str
    candidate_address: str | None
