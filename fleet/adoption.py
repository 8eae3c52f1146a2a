"""By which id a thing is found in the cloud when only the inputs of its creation are known. Pure.

A row a type whose id follows from its inputs, named as the engine sends them. The ids are those of the section "Import"
of the type's page in the Pulumi registry (pulumi-aws 7.51, pulumi-kubernetes 4.34; read 2026-11).

Types that are not here get their id from the cloud (a VPC, a subnet, a KMS key, a certificate, a hosted zone, a health
check) or carry an account number (an IAM policy): an interrupted creation of one cannot be found by name.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

IMPORT_IDS: Mapping[str, str] = {
    "aws:cloudwatch/logGroup:LogGroup": "{name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "{name}",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "{repository}",
    "aws:ecr/repository:Repository": "{name}",
    "aws:eks/accessEntry:AccessEntry": "{clusterName}:{principalArn}",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "{clusterName}#{principalArn}#{policyArn}",
    "aws:eks/addon:Addon": "{clusterName}:{addonName}",
    "aws:eks/cluster:Cluster": "{name}",
    "aws:eks/nodeGroup:NodeGroup": "{clusterName}:{nodeGroupName}",
    "aws:iam/instanceProfile:InstanceProfile": "{name}",
    "aws:iam/role:Role": "{name}",
    "aws:iam/rolePolicy:RolePolicy": "{role}:{name}",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "{role}/{policyArn}",
    "aws:kms/alias:Alias": "{name}",
    "aws:s3/bucket:Bucket": "{bucket}",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "{bucket}",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "{bucket}",
    "aws:s3/bucketPolicy:BucketPolicy": "{bucket}",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "{bucket}",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "{bucket}",
    "aws:s3/bucketVersioning:BucketVersioning": "{bucket}",
}


def import_id(token: str, inputs: Mapping[str, Any]) -> str | None:
    """The id to look a thing up by, None if it cannot be told: an unknown type, or a name that the engine chose."""
    if token.startswith("kubernetes:"):
        return _kubernetes_id(inputs)
    template = IMPORT_IDS.get(token)
    if template is None:
        return None
    fields = [field for _, field, _, _ in string.Formatter().parse(template) if field]
    values = {field: inputs.get(field) for field in fields}
    if not all(isinstance(value, str) and value for value in values.values()):
        return None
    return template.format_map(values)


def _kubernetes_id(inputs: Mapping[str, Any]) -> str | None:
    metadata: Mapping[str, Any] = inputs.get("metadata") or {}
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if not isinstance(name, str):
        return None
    return f"{namespace}/{name}" if isinstance(namespace, str) else name
