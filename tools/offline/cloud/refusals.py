"""What the cloud refuses although the types are right: a name that is taken, a certificate that nobody proved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tools.offline.cloud.kind import Asked
from tools.offline.cloud.lookups import Things
from tools.offline.protocol.values import Properties, Value

# What each service says when a name is taken. Compared on 2026-11-24 with the errors of the create calls in botocore
# 1.44.5: cloudwatch, ecr, eks, iam, kms, s3. The others it does not list: from knowledge, not read again.
_TAKEN: Mapping[str, str] = {
    "aws:cloudwatch": "ResourceAlreadyExistsException",
    "aws:ec2": "InvalidParameterValue.Duplicate",
    "aws:ec2/route:Route": "RouteAlreadyExists",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "Resource.AlreadyAssociated",
    "aws:ec2/securityGroup:SecurityGroup": "InvalidGroup.Duplicate",
    "aws:ec2/subnet:Subnet": "InvalidSubnet.Conflict",
    "aws:ec2/flowLog:FlowLog": "FlowLogAlreadyExists",
    "aws:ec2/launchTemplate:LaunchTemplate": "InvalidLaunchTemplateName.AlreadyExistsException",
    "aws:ecr": "RepositoryAlreadyExistsException",
    "aws:eks": "ResourceInUseException",
    "aws:iam": "EntityAlreadyExists",
    "aws:kms": "AlreadyExistsException",
    "aws:route53": "InvalidChangeBatch",
    "aws:s3": "BucketAlreadyOwnedByYou",
    "aws:vpc": "InvalidPermission.Duplicate",
    "kubernetes": "AlreadyExists",
    "kubernetes:helm.sh/v3:Release": "cannot re-use a name that is still in use",
}
_VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
_CERTIFICATE = "aws:acm/certificate:Certificate"
_RECORD = "aws:route53/record:Record"


def taken(token: str, identity: str) -> str:
    """The text of a refusal because a thing of this identity exists."""
    package, _, rest = token.partition(":")
    service = f"{package}:{rest.partition('/')[0]}" if package == "aws" else package
    code = _TAKEN.get(token) or _TAKEN.get(service, "AlreadyExists")
    return f"{code}: {token.rpartition(':')[2]} {identity} already exists"


def refusal(asked: Asked, things: Things) -> str | None:
    """Why the cloud would refuse to create this, or None."""
    if asked.token == _VALIDATION:
        return _unproved(str(asked.inputs.get("certificateArn")), things)
    return None


def _unproved(arn: str, things: Things) -> str | None:
    """ACM issues a certificate only when every name's validation record stands in DNS, in whatever zone."""
    found = [outputs for identifier, outputs in things.find(_CERTIFICATE) if identifier == arn]
    if not found:
        return f"ResourceNotFoundException: there is no certificate {arn} in this region"
    stand = {_proof(outputs) for _, outputs in things.find(_RECORD)}
    options = cast("list[Mapping[str, Value]]", found[0].get("domainValidationOptions") or [])
    for option in options:
        name, value = str(option["resourceRecordName"]), str(option["resourceRecordValue"])
        if (name.rstrip("."), value.rstrip(".")) not in stand:
            return (
                f"certificate {arn} stays PENDING_VALIDATION: DNS has no CNAME {name} with value {value}; "
                f"the account stack owns the validation record of {option['domainName']}: is it up?"
            )
    return None


def _proof(record: Properties) -> tuple[str, str]:
    values = cast("list[str]", record.get("records") or [""])
    return str(record.get("name", "")).rstrip("."), values[0].rstrip(".")
