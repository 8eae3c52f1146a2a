"""Tables of features in one AWS region: one row a key, read by models one or many at a time.

DynamoDB, paid by the call: how often models look up is as hard to foresee as how often they are called. A row whose
`expires_at` (seconds since 1970) has passed goes by itself, within days. For 35 days a table can be brought back as it
was at any second.

Owns no rows (whoever computes features writes them), no copies in other regions, and no stream of changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import Statement
from components.features.types import FeaturesOutputs
from components.naming import physical_name

EXPIRY = "expires_at"
RECOVERY_DAYS = 35  # the longest that DynamoDB offers
NAME_LONGEST = 255
_LOOKUPS = ("dynamodb:BatchGetItem", "dynamodb:GetItem")


@dataclass(frozen=True, kw_only=True)
class AwsFeaturesArgs:
    stack: str
    keys: Mapping[str, str]  # by table, the name of its key: a text
    key_arn: pulumi.Input[str]  # its policy must let DynamoDB use it for tables of the stack
    protect: bool = False  # true: neither a `destroy` nor anybody else deletes a table

    def __post_init__(self) -> None:
        wrong = {table: key for table, key in self.keys.items() if not key or key == EXPIRY or len(key) > NAME_LONGEST}
        if wrong or not self.keys:
            raise ValueError(
                f"keys: got {wrong or dict(self.keys)}; allowed: one table or more, each with a key of 1 to "
                f"{NAME_LONGEST} characters that is not {EXPIRY}"
            )


class AwsFeatures(pulumi.ComponentResource):
    """A table for each that is asked for."""

    outputs: FeaturesOutputs

    def __init__(self, name: str, args: AwsFeaturesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:features:AwsFeatures", name, None, opts)
        tables = {
            table: aws.dynamodb.Table(
                f"{name}-{table}",
                name=table_name(args.stack, table),
                billing_mode="PAY_PER_REQUEST",
                hash_key=key,
                attributes=[aws.dynamodb.TableAttributeArgs(name=key, type="S")],
                server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(
                    enabled=True, kms_key_arn=args.key_arn
                ),
                ttl=aws.dynamodb.TableTtlArgs(enabled=True, attribute_name=EXPIRY),
                point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(
                    enabled=True, recovery_period_in_days=RECOVERY_DAYS
                ),
                deletion_protection_enabled=args.protect,
                tags={"Name": table_name(args.stack, table)},
                opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
            )
            for table, key in sorted(args.keys.items())
        }
        arns = {table: made.arn for table, made in tables.items()}
        self.outputs = FeaturesOutputs(tables=arns, key=pulumi.Output.from_input(args.key_arn))
        self.register_outputs({"tables": arns})


def table_name(stack: str, table: str) -> str:
    """The name that DynamoDB knows the table by. `stack`: the platform's."""
    return physical_name(stack, table, longest=NAME_LONGEST)


def lookup_statements(*, table_arn: str, key_arn: str) -> tuple[Statement, ...]:
    """Lets a model look up rows by their key in its one table: no listing, no search, no change."""
    return (
        Statement(sid="LookUpFeatures", actions=_LOOKUPS, resources=(table_arn,)),
        Statement(sid="OpenFeatures", actions=("kms:Decrypt",), resources=(key_arn,)),
    )
