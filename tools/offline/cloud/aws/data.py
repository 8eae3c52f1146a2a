"""AWS data around models: ElastiCache and DynamoDB.

Replication groups and users were read at version 6 (engine versions that go down replace a group too, which no table
can say); the other rows are from knowledge of it.
"""

from __future__ import annotations

from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties

_CACHE = "arn:{partition}:elasticache:{place}:{account}:"


def _replication_group(asked: Asked) -> Properties:
    """The host names of a group without shards: who writes goes to `master`."""
    words = Words(asked)
    name = str(asked.inputs.get("replicationGroupId"))
    # As AWS cuts a region's name there: eu-west-1 is euw1.
    area, direction, number = str(words["region"]).rsplit("-", 2)
    domain = f"{name}.{str(words['hash'])[:6]}.{area.replace('-', '')}{direction[0]}{number}.cache.{words['dns']}"
    count = asked.inputs.get("numCacheClusters")
    members = [f"{name}-{member:03d}" for member in range(1, int(count) + 1)] if isinstance(count, int | float) else []
    return {
        "primaryEndpointAddress": f"master.{domain}",
        "readerEndpointAddress": f"replica.{domain}",
        "memberClusters": [*members],
        "clusterEnabled": False,
    }


KINDS: dict[str, Kind] = {
    "aws:elasticache/replicationGroup:ReplicationGroup": Kind(
        source="elasticache/replication_group.go",
        replaces=(
            "atRestEncryptionEnabled",
            "dataTieringEnabled",
            "globalReplicationGroupId",
            "kmsKeyId",
            "networkType",
            "port",
            "replicationGroupId",
            "securityGroupNames",
            "snapshotArns",
            "snapshotName",
            "subnetGroupName",
        ),
        id="{input[replicationGroupId]}",
        arn=_CACHE + "replicationgroup:{input[replicationGroupId]}",
        outputs={"engineVersionActual": "{input[engineVersion]}.0"},
        compute=_replication_group,
        identity=("replicationGroupId",),
        named="replicationGroupId",
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": Kind(
        source="elasticache/subnet_group.go",
        replaces=("name",),
        id="{input[name]}",
        arn=_CACHE + "subnetgroup:{input[name]}",
        identity=("name",),
        named="name",
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": Kind(
        source="elasticache/parameter_group.go",
        replaces=("description", "family", "name"),
        id="{input[name]}",
        arn=_CACHE + "parametergroup:{input[name]}",
        identity=("name",),
        named="name",
    ),
    "aws:elasticache/user:User": Kind(
        source="elasticache/user.go",
        replaces=("userId", "userName"),
        id="{input[userId]}",
        arn=_CACHE + "user:{input[userId]}",
        identity=("userId",),
    ),
    "aws:elasticache/userGroup:UserGroup": Kind(
        source="elasticache/user_group.go",
        replaces=("userGroupId",),
        id="{input[userGroupId]}",
        arn=_CACHE + "usergroup:{input[userGroupId]}",
        identity=("userGroupId",),
    ),
    "aws:dynamodb/table:Table": Kind(
        source="dynamodb/table.go",
        replaces=("hashKey", "importTable", "localSecondaryIndexes", "name", "rangeKey", "restoreSourceName"),
        id="{input[name]}",
        arn="arn:{partition}:dynamodb:{place}:{account}:table/{input[name]}",
        identity=("name",),
        named="name",
    ),
}
