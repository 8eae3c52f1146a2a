"""What stands around a model on AWS, whatever serves it: what its container is told, and what its role may do.

Kept answers, features and captured calls each bring variables for the server in the image and rights for the role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.aws_policies import Statement
from components.cache.aws_users import cache_name, cache_user, connect_statement
from components.features.aws import lookup_statements, table_name
from components.predictions.aws_documents import writing
from components.predictions.folders import capture_folder
from stacks.contracts import PlatformContract
from stacks.kits.aws_contract import Platform, bucket_of, cache_of, present
from stacks.settings import ModelSettings

Statements = tuple[Statement, ...]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """`statements` is an empty tuple where the model calls nothing of AWS; else known once the platform is."""

    environment: Mapping[str, pulumi.Input[str]]
    statements: pulumi.Input[Statements]
    cached: bool

    @property
    def calls_aws(self) -> bool:
        """Whether the model's server calls services of AWS."""
        return self.statements != ()


def surroundings(
    *, platform_stack: str, region: str, account: str, model: ModelSettings, platform: Platform
) -> Surroundings:
    """Those of one model. A managed endpoint captures its calls by itself, so its server does not."""
    environment: dict[str, pulumi.Input[str]] = {}
    statements: list[pulumi.Input[Statements]] = []
    if model.cache is not None:
        environment |= _cache_environment(platform_stack, model, platform, model.cache.ttl_s)
        statements.append((connect_statement(stack=platform_stack, model=model.name, region=region, account=account),))
    if model.features is not None:
        table = model.features.table
        environment |= {
            "FEATURES_TABLE": table_name(platform_stack, table),
            "FEATURES_KEY": model.features.key,
        }
        statements.append(platform.apply(lambda contract: _lookups(contract, table)))
    if model.capture is not None and model.serve_on.aws != "sagemaker":
        folder = capture_folder(model.name)
        environment |= {
            "CAPTURE_SINK": platform.apply(lambda contract: f"s3://{bucket_of(contract).bucket}/{folder}"),
            "CAPTURE_SAMPLE": str(model.capture.sample),
        }
        statements.append(platform.apply(lambda contract: _captures(contract, folder, region)))
    if statements and model.serve_on.aws != "lambda":  # Lambda sets it by itself, and lets nobody else
        environment["AWS_REGION"] = region
    given = pulumi.Output.all(*statements).apply(lambda found: tuple(one for part in found for one in part))
    return Surroundings(environment=environment, statements=given if statements else (), cached=model.cache is not None)


def _cache_environment(
    stack: str, model: ModelSettings, platform: Platform, ttl_s: int
) -> dict[str, pulumi.Input[str]]:
    user = cache_user(stack, model.name)
    return {
        "REDIS_URL": platform.apply(
            lambda contract: f"rediss://{user}@{cache_of(contract).host}:{cache_of(contract).port}"
        ),
        "REDIS_AUTH": "elasticache",
        "REDIS_CLUSTER": cache_name(stack),
        "CACHE_NAME": model.name,  # as the user's rights say it; the image may have another name for itself
        "CACHE_TTL_S": str(ttl_s),
    }


def _lookups(contract: PlatformContract, table: str) -> Statements:
    found = present(contract.features.get(table), f"table {table}", contract)
    return lookup_statements(
        table_arn=found, key_arn=present(contract.keys.get("features"), "key for features", contract)
    )


def _captures(contract: PlatformContract, folder: str, region: str) -> Statements:
    bucket = bucket_of(contract)
    return writing("Captures", bucket=bucket.bucket, region=region, folder=folder, key=bucket.key)
