"""The public name of a model's API in one region, with the region's certificate.

The name is the same in every region of a jurisdiction; which of them answers is the front door's part. On this name
`/ping` is answered by API Gateway itself, whatever the model does: it keeps that path of every name for its own checks
("Amazon API Gateway important notes", read 2026-11-24). Health is asked at the API's own host.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.api.aws_definition import ACCESS_MODE, MUTUAL_TLS_POLICY, TLS_POLICY
from components.api.aws_trust_store import AwsTrustStore


@dataclass(frozen=True, kw_only=True)
class AwsPublicNameArgs:
    """`trust` given: callers show a certificate of an authority in it. `after`: what guards the API; the name leads
    there once that stands.
    """

    host: str
    certificate_arn: pulumi.Input[str]
    api_id: pulumi.Input[str]
    stage: pulumi.Input[str]
    trust: AwsTrustStore | None = None
    after: tuple[pulumi.Resource, ...] = ()


class AwsPublicName(pulumi.ComponentResource):
    """`hostname`: the region's own host, to which records of the public name lead."""

    hostname: pulumi.Output[str]

    def __init__(self, name: str, args: AwsPublicNameArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:api:AwsPublicName", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        public = aws.apigateway.DomainName(
            f"{name}-name",
            domain_name=args.host,
            regional_certificate_arn=args.certificate_arn,
            endpoint_configuration=aws.apigateway.DomainNameEndpointConfigurationArgs(types="REGIONAL"),
            security_policy=TLS_POLICY if args.trust is None else MUTUAL_TLS_POLICY,
            endpoint_access_mode=ACCESS_MODE if args.trust is None else None,
            mutual_tls_authentication=_mutual_tls(args.trust),
            opts=child,
        )
        aws.apigateway.BasePathMapping(
            f"{name}-stage",
            domain_name=public.domain_name,
            rest_api=args.api_id,
            stage_name=args.stage,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        self.hostname = public.regional_domain_name
        self.register_outputs({"hostname": self.hostname})


def _mutual_tls(trust: AwsTrustStore | None) -> aws.apigateway.DomainNameMutualTlsAuthenticationArgs | None:
    if trust is None:
        return None
    return aws.apigateway.DomainNameMutualTlsAuthenticationArgs(
        truststore_uri=trust.uri, truststore_version=trust.version
    )
