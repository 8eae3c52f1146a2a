"""The certificate under which a region's models answer, on any cloud."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class CertificateOutputs:
    """`identifier` is what a load balancer takes (the ARN on AWS), known only once the certificate is issued."""

    identifier: pulumi.Output[str]
    domain: str  # `*.eu.demo.example.com`
