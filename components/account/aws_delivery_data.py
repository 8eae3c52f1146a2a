"""What GitHub's two roles may do with the data around models: caches, tables, batch jobs and their schedules.

Setting up and taking down; neither role logs in to a cache, reads a row or sends a job. Names tell what is ours: all
begin with the environment's.
"""

from __future__ import annotations

from components.aws_policies import WORKLOAD_PATH, Statement, iam_arn
from components.naming import aws_partition

DATA_SERVICES = ("batch", "dynamodb", "elasticache", "scheduler")


def _calls(service: str, names: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in names.split())


DATA_READS = (
    *_calls("batch", "DescribeComputeEnvironments DescribeJobDefinitions DescribeJobQueues ListTagsForResource"),
    *_calls("dynamodb", "DescribeContinuousBackups DescribeTable DescribeTimeToLive ListTagsOfResource"),
    *_calls("elasticache", "DescribeCacheClusters DescribeCacheParameterGroups DescribeCacheParameters"),
    *_calls("elasticache", "DescribeCacheSubnetGroups DescribeReplicationGroups DescribeUserGroups DescribeUsers"),
    *_calls("elasticache", "ListTagsForResource"),
    *_calls("iam", "GetInstanceProfile ListInstanceProfileTags"),
    *_calls("scheduler", "GetSchedule ListTagsForResource"),
)


_CACHE_KINDS = ("cluster:", "parametergroup:", "replicationgroup:", "subnetgroup:", "user:", "usergroup:")


def data_changes(environment: str, *, region: str, account: str) -> tuple[Statement, ...]:
    """Setting up and taking down. `region`: any of the account's partition."""
    partition = aws_partition(region).name

    def own(service: str, *kinds: str) -> tuple[str, ...]:
        return tuple(f"arn:{partition}:{service}:*:{account}:{kind}{environment}-*" for kind in kinds)

    return (
        Statement(
            sid="Caches",
            actions=(
                *_calls("elasticache", "AddTagsToResource CreateCacheParameterGroup CreateCacheSubnetGroup"),
                *_calls("elasticache", "CreateReplicationGroup CreateUser CreateUserGroup DecreaseReplicaCount"),
                *_calls("elasticache", "DeleteCacheParameterGroup DeleteCacheSubnetGroup DeleteReplicationGroup"),
                *_calls("elasticache", "DeleteUser DeleteUserGroup IncreaseReplicaCount ModifyCacheParameterGroup"),
                *_calls("elasticache", "ModifyCacheSubnetGroup ModifyReplicationGroup ModifyUser ModifyUserGroup"),
                *_calls("elasticache", "RemoveTagsFromResource ResetCacheParameterGroup"),
            ),
            resources=own("elasticache", *_CACHE_KINDS),
        ),
        Statement(
            sid="Tables",
            actions=(
                *_calls("dynamodb", "CreateTable DeleteTable TagResource UntagResource UpdateContinuousBackups"),
                *_calls("dynamodb", "UpdateTable UpdateTimeToLive"),
            ),
            resources=own("dynamodb", "table/"),
        ),
        Statement(
            sid="BatchJobs",
            actions=(
                *_calls("batch", "CreateComputeEnvironment CreateJobQueue DeleteComputeEnvironment DeleteJobQueue"),
                *_calls("batch", "DeregisterJobDefinition RegisterJobDefinition TagResource UntagResource"),
                *_calls("batch", "UpdateComputeEnvironment UpdateJobQueue"),
            ),
            resources=own("batch", "compute-environment/", "job-definition/", "job-queue/"),
        ),
        Statement(
            sid="Schedules",
            actions=_calls("scheduler", "CreateSchedule DeleteSchedule UpdateSchedule"),
            resources=own("scheduler", "schedule/default/"),
        ),
        Statement(
            sid="InstanceProfiles",
            actions=(
                *_calls("iam", "AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile"),
                *_calls("iam", "RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile"),
            ),
            resources=(deployed_profiles(environment, region=region, account=account),),
        ),
    )


def deployed_profiles(environment: str, *, region: str, account: str) -> str:
    """The instance profiles of the environment's regional stacks, as a pattern."""
    return iam_arn(f"instance-profile{WORKLOAD_PATH}{environment}-*", region=region, account=account)
