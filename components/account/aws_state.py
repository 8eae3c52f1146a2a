"""Pulumi's state as AWS sees it: who may read and write it, and that it is not ruined from CI.

The keys are known by alias only, as Pulumi's secrets providers name them. IAM refuses an alias as the resource of
`kms:Decrypt`, so a condition names it; hence nobody in CI may move such an alias to another key either.
"""

from __future__ import annotations

from dataclasses import dataclass

from components.aws_policies import Conditions, Statement
from components.naming import aws_partition

_ALIASES = (
    "kms:ResourceAliases"  # all aliases of the key that a call is about: many values, so operators need For...Values
)
_DECRYPTING = ("kms:Decrypt", "kms:ReEncryptFrom")
# Environments of functions are sealed; whoever sets a function up reads its own by Lambda.
_NOT_BY_LAMBDA = {"StringNotLike": {"kms:ViaService": "lambda.*"}}
_OBJECTS = ("s3:GetObject", "s3:GetObjectVersion")
_KEY_RUIN = tuple(
    f"kms:{call}" for call in "CreateGrant DisableKey DisableKeyRotation PutKeyPolicy ScheduleKeyDeletion".split()
)
_RUIN = tuple(
    """
    kms:CreateAlias kms:DeleteAlias kms:UpdateAlias s3:DeleteBucket s3:DeleteBucketPolicy s3:DeleteObjectVersion
    s3:PutBucketPolicy s3:PutBucketPublicAccessBlock s3:PutBucketVersioning s3:PutEncryptionConfiguration
    s3:PutLifecycleConfiguration
    """.split()
)


@dataclass(frozen=True, kw_only=True)
class StateStore:
    """Where state lies that GitHub's roles work on, and the key that seals its secrets; both in `region`."""

    bucket: str
    key_alias: str  # with its `alias/`
    region: str


@dataclass(frozen=True, kw_only=True)
class States:
    """The state stores of one account. None: the state is elsewhere, and no object may be read at all."""

    stores: tuple[StateStore, ...]
    account: str
    region: str  # any of the account's partition

    def access(self, *, writes: bool) -> tuple[Statement, ...]:
        """Reading state and its secrets; with `writes` changing them too (an `up` locks, writes and unlocks)."""
        if not self.stores:
            return ()
        change = ("s3:DeleteObject", "s3:PutObject") if writes else ()
        seal = ("kms:Encrypt", "kms:GenerateDataKey") if writes else ()
        return (
            Statement(sid="State", actions=("s3:GetObject", "s3:ListBucket", *change), resources=self._buckets),
            Statement(
                sid="StateSecrets",
                actions=("kms:Decrypt", *seal),
                resources=self._kms("key/*"),
                conditions={"ForAnyValue:StringEquals": {_ALIASES: self._aliases}},
            ),
        )

    def refusals(self, readable: tuple[str, ...]) -> tuple[Statement, ...]:
        """No object but the state's and those that are `readable` by ARN; no ciphertext but the state's and, by Lambda,
        environments of functions; nothing that loses the state or opens it to others.
        """
        objects = Statement(
            sid="NeverObjects", effect="Deny", actions=_OBJECTS, not_resources=(*self._buckets, *readable)
        )
        if not self.stores:
            return (objects, _never("Decrypting", _DECRYPTING, ("*",), _NOT_BY_LAMBDA))
        others: Conditions = {"ForAllValues:StringNotEquals": {_ALIASES: self._aliases}}
        ours: Conditions = {"ForAnyValue:StringEquals": {_ALIASES: self._aliases}}
        named = tuple(arn for alias in self._aliases for arn in self._kms(alias))
        return (
            objects,
            _never("Decrypting", _DECRYPTING, ("*",), {**others, **_NOT_BY_LAMBDA}),
            _never("RuiningKeys", _KEY_RUIN, ("*",), ours),
            _never("RuiningState", _RUIN, (*self._buckets, *named)),
        )

    @property
    def regions(self) -> frozenset[str]:
        """State may lie where no stack does."""
        return frozenset(store.region for store in self.stores)

    @property
    def _aliases(self) -> tuple[str, ...]:
        return tuple(store.key_alias for store in self.stores)

    @property
    def _buckets(self) -> tuple[str, ...]:
        """Each bucket and its objects."""
        partition = aws_partition(self.region).name
        arns = (f"arn:{partition}:s3:::{store.bucket}" for store in self.stores)
        return tuple(part for arn in arns for part in (arn, f"{arn}/*"))

    def _kms(self, what: str) -> tuple[str, ...]:
        return (f"arn:{aws_partition(self.region).name}:kms:*:{self.account}:{what}",)


def _never(
    sid: str, actions: tuple[str, ...], resources: tuple[str, ...], conditions: Conditions | None = None
) -> Statement:
    return Statement(
        sid=f"Never{sid}", effect="Deny", actions=actions, resources=resources, conditions={**(conditions or {})}
    )
