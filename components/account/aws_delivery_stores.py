"""What GitHub's two roles may do with a region's registry and model store.

Deploying sets repositories and buckets up, and sends images and weights; neither role reads a layer or an object. Names
tell what is ours: repositories below `homeport/`, buckets `ENVIRONMENT-...-ACCOUNT-...`, never the state's.
"""

from __future__ import annotations

from components.aws_policies import Statement, bucket_arn
from components.naming import aws_partition, repository_name

_BUCKET_READS = """
GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging
GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPublicAccessBlock
GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration
GetLifecycleConfiguration GetReplicationConfiguration ListBucket ListTagsForResource
"""
# Deleting objects empties a bucket that is not protected; where data is, the bucket's own policy keeps every version.
_BUCKET_CHANGES = """
CreateBucket DeleteBucket DeleteBucketPolicy ListBucketVersions PutBucketLogging PutBucketOwnershipControls
PutBucketPolicy PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration
PutLifecycleConfiguration TagResource UntagResource
"""
_OBJECT_CHANGES = "DeleteObject DeleteObjectVersion PutObject"
# Sending an image asks for manifests (BatchGetImage), never for layers.
_REPOSITORY_CHANGES = """
BatchCheckLayerAvailability BatchGetImage CompleteLayerUpload CreateRepository DeleteLifecyclePolicy DeleteRepository
DeleteRepositoryPolicy InitiateLayerUpload PutImage PutImageScanningConfiguration PutImageTagMutability
PutLifecyclePolicy SetRepositoryPolicy TagResource UntagResource UploadLayerPart
"""


def store_reads(environment: str, *, region: str, account: str) -> Statement:
    """How the environment's buckets are set up, and the names in them."""
    return Statement(
        sid="Buckets", actions=_calls("s3", _BUCKET_READS), resources=(_buckets(environment, region, account),)
    )


def store_changes(environment: str, *, region: str, account: str) -> tuple[Statement, ...]:
    """Setting up the registry and the store; sending images and weights. `region`: any of the account's partition."""
    buckets = _buckets(environment, region, account)
    repositories = f"arn:{aws_partition(region).name}:ecr:*:{account}:repository/{repository_name('*')}"
    return (
        Statement(sid="BucketChanges", actions=_calls("s3", _BUCKET_CHANGES), resources=(buckets,)),
        Statement(sid="ObjectChanges", actions=_calls("s3", _OBJECT_CHANGES), resources=(f"{buckets}/*",)),
        Statement(sid="Repositories", actions=_calls("ecr", _REPOSITORY_CHANGES), resources=(repositories,)),
        # One token for every registry of the account: IAM takes no narrower resource.
        Statement(sid="RegistryLogin", actions=("ecr:GetAuthorizationToken",), resources=("*",)),
    )


def _buckets(environment: str, region: str, account: str) -> str:
    return bucket_arn(f"{environment}-*-{account}-*", region=region)


def _calls(service: str, names: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in names.split())
