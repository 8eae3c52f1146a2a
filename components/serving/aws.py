"""What of a model's serving is AWS's own: its load balancer, and what it reaches when it calls AWS.

The load balancer is a Network Load Balancer that EKS makes for a Service, with the region's certificate.

EKS itself acts on these annotations. The AWS Load Balancer Controller is not needed; where it is installed, turn its
service mutator webhook off, or it claims every new Service of this kind and reads other annotations.
"""

from __future__ import annotations

from ipaddress import IPv4Network

import pulumi

from components.health_checkers import ROUTE53_HEALTH_CHECKERS
from components.labels import Labels
from components.serving.model import Exposure
from components.serving.surroundings import HTTPS_PORT, Reach
from components.serving.traffic import PUBLIC_PORT

_PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
# TLS 1.3, and 1.2 with forward secrecy and authenticated encryption only.
_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"

AWS_REACHES = (
    # The EKS Pod Identity agent of the pod's own node: it hands out the credentials of the model's role.
    Reach(cidr="169.254.170.23/32", port=80),
    # AWS's services. The addresses of S3 and DynamoDB are public and change, those of interface endpoints do not tell
    # which service they are of: the role, its boundary and the endpoints' policies say what may be called.
    Reach(cidr="0.0.0.0/0", port=HTTPS_PORT),
)
"""For a model that calls AWS: lookups, captures, weights, the password of its cache."""


def aws_exposure(
    *, networks: tuple[IPv4Network, ...], certificate_arn: pulumi.Input[str], labels: Labels
) -> Exposure | None:
    """The load balancer for callers from `networks`, or None when there are none.

    Route 53's health checkers are let in too. The rules come to stand in the nodes' security group: for each network
    one on the model's port and one for path MTU discovery, for each public subnet one for the balancer's own checks.
    The default quota of 60 rules is enough for one such model: before the second in a region, raise "inbound rules per
    security group" (200 serve seven).
    """
    if not networks:
        return None
    settings: dict[str, pulumi.Input[str]] = {
        "type": "nlb",
        "ssl-cert": certificate_arn,
        "ssl-ports": str(PUBLIC_PORT),
        "ssl-negotiation-policy": _TLS_POLICY,
        "backend-protocol": "tcp",
        "cross-zone-load-balancing-enabled": "true",
        "healthcheck-interval": "10",
        "healthcheck-healthy-threshold": "2",
        "healthcheck-unhealthy-threshold": "2",
        # EKS makes the balancer, so the default tags of the AWS provider do not reach it.
        "additional-resource-tags": ",".join(f"{key}={value}" for key, value in sorted(labels.tags().items())),
    }
    return Exposure(
        networks=(*networks, *ROUTE53_HEALTH_CHECKERS),
        annotations={f"{_PREFIX}{key}": value for key, value in settings.items()},
    )
