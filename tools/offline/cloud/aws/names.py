"""AWS names and certificates: Route 53 zones, records and health checks, ACM certificates and their validation."""

from __future__ import annotations

import hashlib
from typing import cast

from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties, Value

_DNS = "arn:{partition}:route53:::"


def validation_record(account: str, domain: str) -> dict[str, str]:
    """The CNAME by which the owner of a domain proves it to ACM: one a domain in an account, whatever the region.

    A wildcard shares the record of the name below it (hashicorp/terraform-provider-aws#13653).
    """
    base = domain.removeprefix("*.")
    digest = hashlib.sha256(f"{account}|{base}".encode()).hexdigest()
    return {
        "domainName": domain,
        "resourceRecordName": f"_{digest[:32]}.{base}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{digest[32:]}.jkddzztszm.acm-validations.aws.",
    }


def _certificate(asked: Asked) -> Properties:
    others = cast("list[str]", asked.inputs.get("subjectAlternativeNames") or [])
    domains = dict.fromkeys([str(asked.inputs.get("domainName", "")), *others])
    return {
        "subjectAlternativeNames": list(domains),
        "domainValidationOptions": [validation_record(asked.setting.account, domain) for domain in domains],
        "status": "PENDING_VALIDATION",
        "type": "AMAZON_ISSUED",
    }


def _zone(asked: Asked) -> Properties:
    number = int(str(Words(asked)["digits"]))
    servers = [
        f"ns-{(number + 512 * index) % 2048}.awsdns-{(number + index) % 64:02d}.{ending}"
        for index, ending in enumerate(("com", "net", "org", "co.uk"))
    ]
    return {"nameServers": servers, "primaryNameServer": servers[0]}


def _record(asked: Asked) -> Properties:
    """The id that the AWS provider gives a record: zone, name, type and, if there is one, the set identifier."""
    parts: list[Value] = [asked.inputs.get(key) for key in ("zoneId", "name", "type", "setIdentifier")]
    return {
        "id": "_".join(str(part) for part in parts if part),
        "fqdn": str(asked.inputs.get("name", "")).rstrip("."),
    }


KINDS: dict[str, Kind] = {
    "aws:route53/zone:Zone": Kind(
        source="route53/zone.go",
        replaces=("delegationSetId", "name"),
        id="Z{capitals}",
        arn=_DNS + "hostedzone/{id}",
        outputs={"zoneId": "{id}"},
        compute=_zone,
    ),
    "aws:route53/record:Record": Kind(
        source="route53/record.go",
        replaces=("name", "zoneId"),
        compute=_record,
        identity=("zoneId", "name", "type", "setIdentifier"),
    ),
    "aws:route53/healthCheck:HealthCheck": Kind(
        source="route53/health_check.go",
        replaces=("measureLatency", "referenceName", "requestInterval", "routingControlArn", "type"),
        id="{uuid}",
        arn=_DNS + "healthcheck/{id}",
    ),
    "aws:acm/certificate:Certificate": Kind(
        source="acm/certificate.go",
        replaces=(
            "certificateAuthorityArn",
            "domainName",
            "keyAlgorithm",
            "subjectAlternativeNames",
            "validationMethod",
            "validationOptions",
        ),
        id="arn:{partition}:acm:{place}:{account}:certificate/{uuid}",
        arn="{id}",
        compute=_certificate,
    ),
    "aws:acm/certificateValidation:CertificateValidation": Kind(
        source="acm/certificate_validation.go",
        replaces=("certificateArn", "validationRecordFqdns"),
        id="2026-01-01 00:00:00 +0000 UTC",
    ),
}
