"""AWS identities and keys: IAM roles and policies, OpenID Connect providers, instance profiles, KMS."""

from __future__ import annotations

from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties

_IAM = "arn:{partition}:iam::{account}:"
_KMS = "arn:{partition}:kms:{place}:{account}:"


def _oidc_provider(asked: Asked) -> Properties:
    words = Words(asked)
    host = str(asked.inputs.get("url", "")).removeprefix("https://")
    arn = f"arn:{words['partition']}:iam::{words['account']}:oidc-provider/{host}"
    return {"id": arn, "arn": arn}


def _alias(asked: Asked) -> Properties:
    words = Words(asked)
    key = str(asked.inputs.get("targetKeyId", "")).rpartition("/")[2]
    return {"targetKeyArn": f"arn:{words['partition']}:kms:{words['place']}:{words['account']}:key/{key}"}


KINDS: dict[str, Kind] = {
    "aws:iam/role:Role": Kind(
        source="iam/role.go",
        replaces=("name", "namePrefix", "path"),
        id="{input[name]}",
        arn=_IAM + "role{path}{input[name]}",
        outputs={"uniqueId": "AROA{capitals}", "createDate": "2026-01-01T00:00:00Z"},
        identity=("name",),
        named="name",
    ),
    "aws:iam/policy:Policy": Kind(
        source="iam/policy.go",
        replaces=("description", "name", "namePrefix", "path"),
        id=_IAM + "policy{path}{input[name]}",
        arn="{id}",
        outputs={"policyId": "ANPA{capitals}", "attachmentCount": 0},
        identity=("name",),
        named="name",
    ),
    "aws:iam/rolePolicy:RolePolicy": Kind(
        source="iam/role_policy.go",
        replaces=("name", "namePrefix", "role"),
        id="{input[role]}:{input[name]}",
        identity=("role", "name"),
        named="name",
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Kind(
        source="iam/role_policy_attachment.go",
        replaces=("policyArn", "role"),
        id="{input[role]}/{input[policyArn]}",
        # Attaching twice is no error in IAM, but two owners of one attachment undo each other.
        identity=("role", "policyArn"),
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Kind(
        source="iam/openid_connect_provider.go",
        replaces=("url",),
        compute=_oidc_provider,
        identity=("url",),
    ),
    "aws:iam/instanceProfile:InstanceProfile": Kind(
        source="iam/instance_profile.go",
        replaces=("name", "namePrefix", "path"),
        id="{input[name]}",
        arn=_IAM + "instance-profile{path}{input[name]}",
        outputs={"uniqueId": "AIPA{capitals}", "createDate": "2026-01-01T00:00:00Z"},
        identity=("name",),
        named="name",
    ),
    "aws:kms/key:Key": Kind(
        source="kms/key.go",
        replaces=("customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"),
        id="{uuid}",
        arn=_KMS + "key/{id}",
        outputs={"keyId": "{id}"},
    ),
    "aws:kms/alias:Alias": Kind(
        source="kms/alias.go",
        replaces=("name", "namePrefix"),
        id="{input[name]}",
        arn=_KMS + "{input[name]}",
        compute=_alias,
        identity=("name",),
        named="name",
    ),
}
