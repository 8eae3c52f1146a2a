"""What GitHub's two roles may do with functions, streams and queues.

Setting up and taking down; neither role calls a function, nor reads or writes a record or a message. Names tell what is
ours: all begin with the environment's, but what Lambda and Kafka name by ids of their own.
"""

from __future__ import annotations

from components.aws_policies import Statement
from components.naming import aws_partition

FUNCTION_SERVICES = ("application-autoscaling", "kafka", "kinesis", "lambda", "sqs")


def _calls(service: str, names: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in names.split())


FUNCTION_READS = (
    *_calls("application-autoscaling", "DescribeScalableTargets DescribeScalingPolicies DescribeScheduledActions"),
    *_calls("application-autoscaling", "ListTagsForResource"),
    *_calls("kafka", "DescribeCluster DescribeClusterV2 DescribeConfiguration DescribeConfigurationRevision"),
    *_calls("kafka", "DescribeTopic GetBootstrapBrokers ListTagsForResource"),
    *_calls("kinesis", "DescribeLimits DescribeStreamSummary ListTagsForResource ListTagsForStream"),
    *_calls("lambda", "GetAlias GetEventSourceMapping GetFunction GetFunctionCodeSigningConfig"),
    *_calls("lambda", "GetFunctionConfiguration GetFunctionEventInvokeConfig GetFunctionRecursionConfig GetPolicy"),
    *_calls("lambda", "GetProvisionedConcurrencyConfig ListTags ListVersionsByFunction"),
    *_calls("sqs", "GetQueueAttributes GetQueueUrl ListQueueTags"),
)
_FUNCTION_CHANGES = """
AddPermission CreateAlias CreateFunction DeleteAlias DeleteFunction DeleteFunctionConcurrency
DeleteFunctionEventInvokeConfig DeleteProvisionedConcurrencyConfig PublishVersion PutFunctionConcurrency
PutFunctionEventInvokeConfig PutFunctionRecursionConfig PutProvisionedConcurrencyConfig RemovePermission TagResource
UntagResource UpdateAlias UpdateFunctionCode UpdateFunctionConfiguration UpdateFunctionEventInvokeConfig
"""
_STREAM_CHANGES = """
AddTagsToStream CreateStream DecreaseStreamRetentionPeriod DeleteStream IncreaseStreamRetentionPeriod
RemoveTagsFromStream StartStreamEncryption StopStreamEncryption TagResource UntagResource UpdateMaxRecordSize
"""
_STREAM_CHANGES_OF_ANY = "DisableEnhancedMonitoring EnableEnhancedMonitoring UpdateShardCount UpdateStreamMode"
_KAFKA_CHANGES = """
CreateCluster CreateClusterV2 CreateTopic DeleteCluster DeleteTopic RebootBroker TagResource UntagResource
UpdateBrokerCount UpdateBrokerStorage UpdateBrokerType UpdateClusterConfiguration UpdateClusterKafkaVersion
UpdateMonitoring UpdateSecurity UpdateTopic
"""
_KAFKA_SETTINGS = "CreateConfiguration DeleteConfiguration UpdateConfiguration"
_QUEUE_CHANGES = "CreateQueue DeleteQueue SetQueueAttributes TagQueue UntagQueue"
_SCALING_CHANGES = """
DeleteScalingPolicy DeleteScheduledAction DeregisterScalableTarget PutScalingPolicy PutScheduledAction
RegisterScalableTarget TagResource UntagResource
"""


def function_changes(environment: str, *, region: str, account: str) -> tuple[Statement, ...]:
    """Setting up and taking down. `region`: any of the account's partition."""
    partition = aws_partition(region)
    arns = f"arn:{partition.name}"

    def own(service: str, *kinds: str) -> tuple[str, ...]:
        return tuple(f"{arns}:{service}:*:{account}:{kind}{environment}-*" for kind in kinds)

    functions = own("lambda", "function:")
    mappings = (f"{arns}:lambda:*:{account}:event-source-mapping:*",)
    return (
        Statement(sid="Functions", actions=_calls("lambda", _FUNCTION_CHANGES), resources=(*functions, *mappings)),
        # IAM knows a mapping by an id of Lambda's, and its function by a condition.
        Statement(
            sid="Mappings",
            actions=_calls("lambda", "CreateEventSourceMapping DeleteEventSourceMapping UpdateEventSourceMapping"),
            resources=("*",),
            conditions={"ArnLike": {"lambda:FunctionArn": functions}},
        ),
        # A function's environment is sealed and read in the name of whoever sets it up, by Lambda and for it only.
        Statement(
            sid="EnvironmentsOfFunctions",
            actions=_calls("kms", "Decrypt Encrypt GenerateDataKey"),
            resources=(f"{arns}:kms:*:{account}:key/*",),
            conditions={"StringLike": {"kms:ViaService": f"lambda.*.{partition.dns_suffix}"}},
        ),
        Statement(sid="Streams", actions=_calls("kinesis", _STREAM_CHANGES), resources=own("kinesis", "stream/")),
        # AWS's list of actions ties these to no stream, so that a narrower statement would allow none of them.
        Statement(sid="AnyStreams", actions=_calls("kinesis", _STREAM_CHANGES_OF_ANY), resources=("*",)),
        Statement(sid="Kafka", actions=_calls("kafka", _KAFKA_CHANGES), resources=own("kafka", "cluster/", "topic/")),
        # An id of Kafka's own stands in the ARN of settings, and IAM knows none of those that are made.
        Statement(sid="KafkaSettings", actions=_calls("kafka", _KAFKA_SETTINGS), resources=("*",)),
        Statement(sid="Queues", actions=_calls("sqs", _QUEUE_CHANGES), resources=own("sqs", "")),
        # A target is named by an id of the service's own; what may be scaled is bound by the rights on that.
        Statement(
            sid="Scaling",
            actions=_calls("application-autoscaling", _SCALING_CHANGES),
            resources=(f"{arns}:application-autoscaling:*:{account}:scalable-target/*",),
        ),
    )
