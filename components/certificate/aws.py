"""The certificate of one jurisdiction in one AWS region: `*.{jurisdiction}.{domain}`, issued and renewed by ACM.

Owns no DNS record: ACM asks for the same record in every region of an account, so the account stack holds it, for as
long as the certificate is to renew.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.certificate.types import CertificateOutputs
from components.naming import jurisdiction_domain

# ACM needs a few minutes once the record stands. Without the record it would wait 75 minutes (the provider's default).
_ISSUED_WITHIN = "15m"


@dataclass(frozen=True, kw_only=True)
class AwsCertificateArgs:
    """The domain of the environment, such as `demo.example.com`, and the jurisdiction below it."""

    domain: str
    jurisdiction: str


class AwsCertificate(pulumi.ComponentResource):
    """Fails after 15 minutes where the account stack's validation record or its zone's delegation is missing."""

    outputs: CertificateOutputs

    def __init__(self, name: str, args: AwsCertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:certificate:AwsCertificate", name, None, opts)
        domain = f"*.{jurisdiction_domain(args.jurisdiction, args.domain)}"
        certificate = aws.acm.Certificate(
            name, domain_name=domain, validation_method="DNS", opts=pulumi.ResourceOptions(parent=self)
        )
        issued = aws.acm.CertificateValidation(
            name,
            certificate_arn=certificate.arn,
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=pulumi.CustomTimeouts(create=_ISSUED_WITHIN)),
        )
        self.outputs = CertificateOutputs(identifier=issued.certificate_arn, domain=domain)
        self.register_outputs(vars(self.outputs))
