"""Who uses the keys of cache, streams, features, queues and functions: AWS's services for callers of this account.

Each is tied to the service and, where the service tells KMS whose data it is, to names that begin with the stack's.
What may be asked of these services at all stands in the callers' own policies.
"""

from __future__ import annotations

from components.aws_policies import Conditions, Statement, arn, iam_arn
from components.keys.aws_data import through

_THIS_KEY = ("*",)  # in a key policy the resource is the key itself
_READ_AND_WRITE = ("kms:Decrypt", "kms:GenerateDataKey")
_READ_WRITE_AND_MOVE = (
    *_READ_AND_WRITE,
    "kms:Encrypt",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
_MAKE_GRANTS = ("kms:CreateGrant", "kms:DescribeKey")


def cache_use(account: str, region: str) -> tuple[Statement, ...]:
    """ElastiCache takes one grant for each cache in the name of whoever creates it; callers of a cache need nothing.

    KMS knows it by the name of a sister service too ("At-Rest Encryption in ElastiCache", read 2026-11-24). That a
    grant is for a service is not asked for: that page does not say that ElastiCache tells KMS so.
    """
    services = tuple(through(service, account, region)["kms:ViaService"] for service in ("elasticache", "dax"))
    caller = {"kms:CallerAccount": account, "kms:ViaService": services}
    return (_for_account("GrantToElastiCache", account, region, _MAKE_GRANTS, {"StringEquals": caller}),)


def streams_use(account: str, region: str, stack: str) -> tuple[Statement, ...]:
    """Kinesis encrypts and decrypts in the name of whoever writes and reads, and says which stream it is.

    Amazon MSK, which a region may have instead, takes a grant in the name of whoever creates the cluster.
    """
    own = arn("kinesis", f"stream/{stack}-*", region=region, account=account)
    via = through("kinesis", account, region)
    kafka: Conditions = {"StringEquals": through("kafka", account, region)}
    return (
        _for_account("DescribeThroughKinesis", account, region, ("kms:DescribeKey",), {"StringEquals": via}),
        _for_account(
            "UseThroughKinesis",
            account,
            region,
            _READ_AND_WRITE,
            {"StringEquals": via, "StringLike": {"kms:EncryptionContext:aws:kinesis:arn": own}},
        ),
        _for_account("GrantToKafka", account, region, _MAKE_GRANTS, kafka),
    )


def features_use(account: str, region: str, stack: str) -> tuple[Statement, ...]:
    """DynamoDB takes grants in the name of whoever creates a table; readers and writers need the key through it.

    It puts the table's name and the account into the encryption context ("DynamoDB encryption at rest", read
    2026-11-24).
    """
    via = through("dynamodb", account, region)
    own = {
        "kms:EncryptionContext:aws:dynamodb:tableName": f"{stack}-*",
        "kms:EncryptionContext:aws:dynamodb:subscriberId": account,
    }
    return (
        _for_account("GrantToDynamoDb", account, region, _MAKE_GRANTS, {"StringEquals": via}),
        _for_account(
            "UseThroughDynamoDb",
            account,
            region,
            _READ_WRITE_AND_MOVE,
            {"StringEquals": via, "StringLike": own},
        ),
    )


def queues_use(account: str, region: str, stack: str) -> tuple[Statement, ...]:
    """SQS in the name of whoever sends and receives: functions, schedules and workers do so by their own roles.

    EventBridge's rules send what they could not deliver as a service, without a role.
    """
    own = {"kms:EncryptionContext:aws:sqs:arn": arn("sqs", f"{stack}-*", region=region, account=account)}
    via = through("sqs", account, region)
    return (
        _for_account("DescribeThroughSqs", account, region, ("kms:DescribeKey",), {"StringEquals": via}),
        _for_account("UseThroughSqs", account, region, _READ_AND_WRITE, {"StringEquals": via, "StringLike": own}),
        Statement(
            sid="UseByEventBridge",
            actions=_READ_AND_WRITE,
            resources=_THIS_KEY,
            principal={"Service": "events.amazonaws.com"},
            conditions={"StringLike": own},
        ),
    )


def functions_use(account: str, region: str, stack: str) -> tuple[Statement, ...]:
    """Lambda takes grants, for a function's role and for the image that it unpacks, in the name of whoever sets the
    function up; who reads its settings reads them through Lambda, which says whose they are ("Securing Lambda
    environment variables", read 2026-11-24).
    """
    own = arn("lambda", f"function:{stack}-*", region=region, account=account)
    via = through("lambda", account, region)
    return (
        _for_account("GrantToLambda", account, region, _MAKE_GRANTS, {"StringEquals": via}),
        _for_account(
            "UseThroughLambda",
            account,
            region,
            (*_READ_AND_WRITE, "kms:Encrypt"),
            {"StringEquals": via, "StringLike": {"kms:EncryptionContext:aws:lambda:FunctionArn": own}},
        ),
    )


def _for_account(sid: str, account: str, region: str, actions: tuple[str, ...], conditions: Conditions) -> Statement:
    """The account as principal: whoever of it has the right by IAM too."""
    return Statement(
        sid=sid,
        actions=actions,
        resources=_THIS_KEY,
        principal={"AWS": iam_arn("root", region=region, account=account)},
        conditions=conditions,
    )
