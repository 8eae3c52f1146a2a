"""By which id a thing is found in the cloud when only the inputs of its creation are known. Pure.

A row a type whose id follows from its inputs, named as the engine sends them, and from `account`, `region` and
`partition`. The ids are those of the section "Import" of the type's page in the Pulumi registry (pulumi-aws 7.51, read
2026-11; of pulumi-kubernetes 4.34 as well).

Types that are not here get their id from the cloud, which tells it to nobody who knows only a name. An interrupted
creation of one is forgotten: a VPC, NAT gateway, address, KMS key, certificate, zone, health check, anomaly monitor,
anomaly subscription, REST API, deployment, usage plan, VPC link or batch environment may then exist twice; a subnet,
launch template, security group or rule, flow log, pod identity association, web access list, balancer, target group,
listener or key of a caller makes the next `up` say that it exists already. Subscribing the same receiver again changes
nothing, nor does attaching the same nodes to a target group; a batch job definition gets one revision more.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

IMPORT_IDS: Mapping[str, str] = {
    "aws:apigateway/account:Account": "api-gateway-account",
    "aws:apigateway/basePathMapping:BasePathMapping": "{domainName}/",
    "aws:apigateway/domainName:DomainName": "{domainName}",
    "aws:apigateway/methodSettings:MethodSettings": "{restApi}/{stageName}/{methodPath}",
    "aws:apigateway/stage:Stage": "{restApi}/{stageName}",
    "aws:apigateway/usagePlanKey:UsagePlanKey": "{usagePlanId}/{keyId}",
    "aws:appautoscaling/policy:Policy": "{serviceNamespace}/{resourceId}/{scalableDimension}/{name}",
    "aws:appautoscaling/target:Target": "{serviceNamespace}/{resourceId}/{scalableDimension}",
    "aws:batch/jobQueue:JobQueue": "arn:{partition}:batch:{region}:{account}:job-queue/{name}",
    "aws:budgets/budget:Budget": "{account}:{name}",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "{alarmName}",
    "aws:cloudwatch/dashboard:Dashboard": "{dashboardName}",
    "aws:cloudwatch/eventRule:EventRule": "{name}",
    "aws:cloudwatch/eventTarget:EventTarget": "{rule}/{targetId}",
    "aws:cloudwatch/logGroup:LogGroup": "{name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "{name}",
    "aws:costexplorer/costAllocationTag:CostAllocationTag": "{tagKey}",
    "aws:dynamodb/table:Table": "{name}",
    "aws:ec2/placementGroup:PlacementGroup": "{name}",
    "aws:ec2/route:Route": "{routeTableId}_{destinationCidrBlock}",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "{subnetId}/{routeTableId}",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "{repository}",
    "aws:ecr/repository:Repository": "{name}",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "{repository}",
    "aws:eks/accessEntry:AccessEntry": "{clusterName}:{principalArn}",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "{clusterName}#{principalArn}#{policyArn}",
    "aws:eks/addon:Addon": "{clusterName}:{addonName}",
    "aws:eks/cluster:Cluster": "{name}",
    "aws:eks/nodeGroup:NodeGroup": "{clusterName}:{nodeGroupName}",
    "aws:elasticache/parameterGroup:ParameterGroup": "{name}",
    "aws:elasticache/replicationGroup:ReplicationGroup": "{replicationGroupId}",
    "aws:elasticache/subnetGroup:SubnetGroup": "{name}",
    "aws:elasticache/user:User": "{userId}",
    "aws:elasticache/userGroup:UserGroup": "{userGroupId}",
    "aws:iam/instanceProfile:InstanceProfile": "{name}",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "arn:{partition}:iam::{account}:oidc-provider/{url}",
    "aws:iam/policy:Policy": "arn:{partition}:iam::{account}:policy{path}{name}",
    "aws:iam/role:Role": "{name}",
    "aws:iam/rolePolicy:RolePolicy": "{role}:{name}",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "{role}/{policyArn}",
    "aws:kinesis/stream:Stream": "{name}",
    "aws:kms/alias:Alias": "{name}",
    "aws:lambda/alias:Alias": "{functionName}/{name}",
    "aws:lambda/function:Function": "{name}",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": "{functionName}:{qualifier}",
    "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": "{functionName}",
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": "{functionName},{qualifier}",
    "aws:msk/topic:Topic": "{clusterArn},{name}",
    "aws:route53/record:Record": "{zoneId}_{name}_{type}_{setIdentifier}",
    "aws:s3/bucket:Bucket": "{bucket}",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "{bucket}",
    "aws:s3/bucketLogging:BucketLogging": "{bucket}",
    "aws:s3/bucketObjectv2:BucketObjectv2": "{bucket}/{key}",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "{bucket}",
    "aws:s3/bucketPolicy:BucketPolicy": "{bucket}",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "{bucket}",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "{bucket}",
    "aws:s3/bucketVersioning:BucketVersioning": "{bucket}",
    "aws:scheduler/schedule:Schedule": "{groupName}/{name}",
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": "{name}",
    "aws:sagemaker/endpoint:Endpoint": "{name}",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "{name}",
    "aws:sagemaker/model:Model": "{name}",
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": "{name}",
    "aws:sns/topic:Topic": "arn:{partition}:sns:{region}:{account}:{name}",
    "aws:sqs/queue:Queue": "https://sqs.{region}.amazonaws.com/{account}/{name}",
    "aws:sqs/queuePolicy:QueuePolicy": "{queueUrl}",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "{webAclArn},{resourceArn}",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": "{resourceArn}",
}


# Inputs that may be left out, and what then stands in an id.
LEFT_OUT = {"path": "/", "setIdentifier": ""}
# The region in an id belongs to another partition than `aws` where it begins so.
PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def import_id(token: str, inputs: Mapping[str, Any], account: str = "", region: str = "") -> str | None:
    """The id to look a thing up by, None if it cannot be told: an unknown type, or a name that the engine chose."""
    if token.startswith("kubernetes:"):
        return _kubernetes_id(inputs)
    template = IMPORT_IDS.get(token)
    if template is None:
        return None
    known = {**LEFT_OUT, **inputs, "account": account, "region": region, "partition": partition(region)}
    fields = [field for _, field, _, _ in string.Formatter().parse(template) if field]
    words = {field: known.get(field) for field in fields}
    if not all(isinstance(word, str) and (word or field in LEFT_OUT) for field, word in words.items()):
        return None
    found = template.format_map(words).removesuffix("_")
    return found.replace("https://", "") if ":oidc-provider/" in found else found


def partition(region: str) -> str:
    """The AWS partition that `region` belongs to."""
    return next((name for prefix, name in PARTITIONS.items() if region.startswith(prefix)), "aws")


def _kubernetes_id(inputs: Mapping[str, Any]) -> str | None:
    metadata: Mapping[str, Any] = inputs.get("metadata") or inputs  # a Helm release bears its name itself
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if not isinstance(name, str):
        return None
    return f"{namespace}/{name}" if isinstance(namespace, str) else name
