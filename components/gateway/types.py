"""What stands in front of every model's API in a region, on any cloud."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class GatewayOutputs:
    """`web_acl` and `access_logs` are ARNs on AWS. `link` leads into the network of the cluster: its id, and of the
    balancer behind it the ARN, the host name and the security group. All are None where no model on Kubernetes has an
    API or reads a stream.
    """

    web_acl: pulumi.Output[str]
    access_logs: pulumi.Output[str]
    link: pulumi.Output[str] | None = None
    balancer: pulumi.Output[str] | None = None
    balancer_host: pulumi.Output[str] | None = None
    balancer_security_group: pulumi.Output[str] | None = None
