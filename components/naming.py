"""Physical names: what each cloud allows, and how ours are built.

A name is a pure function of what it names, so that a thing whose creation was interrupted can be found again by name.
A name that would be too long is cut and closed with a hash of the whole, so two different things never share one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """What a cloud accepts as the value of one property: length in characters, and the form as a full match."""

    longest: int
    form: str
    words: str
    shortest: int = 1


@dataclass(frozen=True, kw_only=True)
class AwsPartition:
    """A separate AWS: the second field of its ARNs and the domain of its services."""

    name: str
    dns_suffix: str


# By the prefix of the region, read 2026-11-24 in partitions.json of botocore 1.44.5; all other regions are of `aws`.
_PARTITIONS = {
    "cn-": AwsPartition(name="aws-cn", dns_suffix="amazonaws.com.cn"),
    "us-gov-": AwsPartition(name="aws-us-gov", dns_suffix="amazonaws.com"),
    "eusc-": AwsPartition(name="aws-eusc", dns_suffix="amazonaws.eu"),
}
_PARTITION_AWS = AwsPartition(name="aws", dns_suffix="amazonaws.com")

_DASHED = "letters, digits and dashes, first and last no dash"
_LOWER_DASHED = f"lower-case {_DASHED}"


def _rule(form: str, words: str, longest: int, shortest: int = 1) -> NameRule:
    return NameRule(shortest=shortest, longest=longest, form=form, words=words)


def _iam(longest: int) -> NameRule:
    return _rule(r"[\w+=,.@-]+", "letters, digits and any of + = , . @ - _", longest)


def _eks(longest: int) -> NameRule:
    words = "letters, digits, dashes and underscores, first a letter or digit"
    return _rule(r"[0-9A-Za-z][A-Za-z0-9_-]*", words, longest)


_LAUNCH_TEMPLATE = _rule(r"[a-zA-Z0-9().\-/_]+", "letters, digits and any of ( ) . - / _", 128, shortest=3)
_PLACEMENT_GROUP = _rule(r"[\x20-\x7e]+", "printable characters of ASCII", 255)
_SECURITY_GROUP = _rule(
    r"(?!sg-)[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+",
    "letters, digits, spaces and any of ._-:/()#,@[]+=&;{}!$*, not starting with sg-",
    255,
)
_KMS_ALIAS = _rule(
    r"alias/(?!aws/)[a-zA-Z0-9/_-]+", "alias/ and then letters, digits and any of / _ -, but not alias/aws/", 256
)
_LOG_GROUP = _rule(r"[.\-_/#A-Za-z0-9]+", "letters, digits and any of . - _ / #", 512)
_BUCKET = _rule(r"(?!xn--|sthree-)[a-z0-9]([a-z0-9-]*[a-z0-9])?", _LOWER_DASHED, 63, shortest=3)
_REPOSITORY = _rule(
    r"([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*",
    "lower-case letters and digits, divided by single . _ - or /",
    256,
    shortest=2,
)
_LOAD_BALANCER = _rule(
    r"(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?", f"{_DASHED}, not starting with internal-", 32
)
_WEB_ACL = _rule(r"[\w-]+", "letters, digits, dashes and underscores", 128)
_TARGET_GROUP = _rule(r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?", _DASHED, 32)
_HEALTH_CHECK = _rule(r"[\x21-\x7e]+", "printable characters without spaces", 27)
_TOPIC = _rule(r"[A-Za-z0-9_-]+(\.fifo)?", "letters, digits, dashes and underscores", 256)
_DASHBOARD = _rule(r"[A-Za-z0-9_-]+", "letters, digits, dashes and underscores", 255)
_EVENT_RULE = _rule(r"[.\-_A-Za-z0-9]+", "letters, digits and any of . - _", 64)
_ALARM = _rule(r"[^\x00-\x1f]+", "printable characters", 255)
_BUDGET = _rule(r"[^:\\]+", "any characters but : and a backslash", 100)
_FUNCTION = _rule(r"[a-zA-Z0-9_-]+", "letters, digits, dashes and underscores", 64)
_FUNCTION_ALIAS = _rule(r"(?![0-9]+$)[a-zA-Z0-9_-]+", "letters, digits, dashes and underscores, not digits only", 128)
_STREAM = _rule(r"[a-zA-Z0-9_.-]+", "letters, digits and any of _ . -", 128)
_QUEUE = _rule(r"[A-Za-z0-9_-]+(\.fifo)?", "letters, digits, dashes and underscores", 80)
_KAFKA_CLUSTER = _rule(r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?", _DASHED, 64)
_KAFKA_TOPIC = _rule(r"(?!\.{1,2}$)[a-zA-Z0-9._-]+", "letters, digits and any of . _ -", 249)
_SAGEMAKER = _rule(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*", _DASHED, 63)
_SCALING_POLICY = _rule(r"[^\x00-\x1f]+", "printable characters", 255)
_SCALING_ACTION = _rule(r"(?! )[^\x00-\x1f\x7f-\x9f:/|]+(?<! )", "printable characters but : / and |", 256)
_OBJECT = _rule(
    r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
    "lower-case letters, digits, dashes and dots, each part starting and ending with a letter or digit",
    253,
)
_CACHE = _rule(
    r"(?!.*--)[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?",
    "letters, digits and single dashes, first a letter, last no dash",
    40,
)
_CACHE_SETTING = _rule(r"(?!.*--)[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?", "letters, digits and single dashes", 255)
_TABLE = _rule(r"[a-zA-Z0-9_.-]+", "letters, digits and any of _ . -", 255, shortest=3)
_BATCH = _rule(r"[0-9A-Za-z][0-9A-Za-z_-]*", "letters, digits, dashes and underscores, first a letter or digit", 128)
_SCHEDULE = _rule(r"[0-9A-Za-z_.-]+", "letters, digits and any of _ . -", 64)
_NAMESPACE = _rule(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", _LOWER_DASHED, 63)
_SERVICE = _rule(r"[a-z]([a-z0-9-]*[a-z0-9])?", f"{_LOWER_DASHED}, first a letter", 63)

# (type token, property in wire spelling) -> rule. Compared on 2026-11-24 with what botocore 1.44.5 says of the create
# calls; a health check's 27 is the provider's own (hashicorp/terraform-provider-aws, route53/health_check.go). From
# knowledge, not read again: buckets, the 63 of node groups, "Object Names and IDs" of Kubernetes. Repositories may
# have several marks in a row; ours may not. A bucket may hold dots too; ours may not, since TLS to `name.s3` host
# names ends at the first dot.
RULES: Mapping[tuple[str, str], NameRule] = {
    ("aws:iam/role:Role", "name"): _iam(64),
    ("aws:iam/policy:Policy", "name"): _iam(128),
    ("aws:iam/rolePolicy:RolePolicy", "name"): _iam(128),
    ("aws:iam/instanceProfile:InstanceProfile", "name"): _iam(128),
    ("aws:eks/cluster:Cluster", "name"): _eks(100),
    ("aws:eks/nodeGroup:NodeGroup", "nodeGroupName"): _eks(63),
    ("aws:ec2/launchTemplate:LaunchTemplate", "name"): _LAUNCH_TEMPLATE,
    ("aws:ec2/placementGroup:PlacementGroup", "name"): _PLACEMENT_GROUP,
    ("aws:ec2/securityGroup:SecurityGroup", "name"): _SECURITY_GROUP,
    ("aws:kms/alias:Alias", "name"): _KMS_ALIAS,
    ("aws:cloudwatch/logGroup:LogGroup", "name"): _LOG_GROUP,
    ("aws:s3/bucket:Bucket", "bucket"): _BUCKET,
    ("aws:ecr/repository:Repository", "name"): _REPOSITORY,
    ("aws:lb/loadBalancer:LoadBalancer", "name"): _LOAD_BALANCER,
    ("aws:lb/targetGroup:TargetGroup", "name"): _TARGET_GROUP,
    ("aws:wafv2/webAcl:WebAcl", "name"): _WEB_ACL,
    ("aws:route53/healthCheck:HealthCheck", "referenceName"): _HEALTH_CHECK,
    ("aws:sns/topic:Topic", "name"): _TOPIC,
    ("aws:cloudwatch/dashboard:Dashboard", "dashboardName"): _DASHBOARD,
    ("aws:cloudwatch/eventRule:EventRule", "name"): _EVENT_RULE,
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "name"): _ALARM,
    ("aws:cloudwatch/compositeAlarm:CompositeAlarm", "alarmName"): _ALARM,
    ("aws:budgets/budget:Budget", "name"): _BUDGET,
    ("aws:lambda/function:Function", "name"): _FUNCTION,
    ("aws:sagemaker/endpoint:Endpoint", "name"): _SAGEMAKER,
    ("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "name"): _SAGEMAKER,
    ("aws:sagemaker/model:Model", "name"): _SAGEMAKER,
    ("aws:sagemaker/monitoringSchedule:MonitoringSchedule", "name"): _SAGEMAKER,
    ("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition", "name"): _SAGEMAKER,
    ("aws:appautoscaling/policy:Policy", "name"): _SCALING_POLICY,
    ("aws:appautoscaling/scheduledAction:ScheduledAction", "name"): _SCALING_ACTION,
    ("aws:lambda/alias:Alias", "name"): _FUNCTION_ALIAS,
    ("aws:kinesis/stream:Stream", "name"): _STREAM,
    ("aws:sqs/queue:Queue", "name"): _QUEUE,
    ("aws:msk/cluster:Cluster", "clusterName"): _KAFKA_CLUSTER,
    ("aws:msk/topic:Topic", "name"): _KAFKA_TOPIC,
    ("aws:elasticache/replicationGroup:ReplicationGroup", "replicationGroupId"): _CACHE,
    ("aws:elasticache/user:User", "userId"): _CACHE,
    ("aws:elasticache/userGroup:UserGroup", "userGroupId"): _CACHE,
    ("aws:elasticache/subnetGroup:SubnetGroup", "name"): _CACHE_SETTING,
    ("aws:elasticache/parameterGroup:ParameterGroup", "name"): _CACHE_SETTING,
    ("aws:dynamodb/table:Table", "name"): _TABLE,
    ("aws:batch/jobQueue:JobQueue", "name"): _BATCH,
    ("aws:batch/jobDefinition:JobDefinition", "name"): _BATCH,
    ("aws:scheduler/schedule:Schedule", "name"): _SCHEDULE,
    ("kubernetes:core/v1:Namespace", "metadata.name"): _NAMESPACE,
    ("kubernetes:core/v1:Service", "metadata.name"): _SERVICE,
}


def check_name(token: str, name_property: str, value: str) -> str | None:
    """What is wrong with this name, for example "is 70 characters long; allowed: at most 64", or None.

    None too for a property without a rule: the table holds names only.
    """
    rule = rule_of(token, name_property)
    if rule is None:
        return None
    if not rule.shortest <= len(value) <= rule.longest:
        return f"is {len(value)} characters long; allowed: {rule.shortest} to {rule.longest}"
    if not re.fullmatch(rule.form, value, re.ASCII):
        return f"has characters that are not allowed; allowed: {rule.words}"
    return None


def rule_of(token: str, name_property: str) -> NameRule | None:
    """The rule for a property, or None when it holds no name; every Kubernetes object's name has one."""
    found = RULES.get((token, name_property))
    if found is None and token.startswith("kubernetes:") and name_property == "metadata.name":
        return _OBJECT
    return found


def physical_name(*parts: str, longest: int) -> str:
    """The parts joined by dashes; over `longest` characters it is cut and ends with 8 characters of its hash."""
    whole = "-".join(parts)
    if len(whole) <= longest:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: longest - len(digest) - 1].rstrip('-')}-{digest}"


def aws_partition(place: str) -> AwsPartition:
    """The partition of an AWS region."""
    return next((item for prefix, item in _PARTITIONS.items() if place.startswith(prefix)), _PARTITION_AWS)


def repository_name(model: str) -> str:
    """The image repository of a model; one account serves one environment, so the environment is not part of it."""
    return f"homeport/{model}"


def aws_registry_host(*, account: str, place: str) -> str:
    """The host of a region's own registry: whoever pushes or pulls logs in there."""
    return f"{account}.dkr.ecr.{place}.{aws_partition(place).dns_suffix}"


def jurisdiction_domain(jurisdiction: str, domain: str) -> str:
    """Under this name all models of a jurisdiction stand, and one certificate covers them: `eu.demo.example.com`."""
    return f"{jurisdiction}.{domain}"


def model_host(model: str, jurisdiction: str, domain: str) -> str:
    """The public name of a model: `fraud.eu.demo.example.com`."""
    return f"{model}.{jurisdiction_domain(jurisdiction, domain)}"
