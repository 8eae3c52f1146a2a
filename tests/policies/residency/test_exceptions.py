"""The lists of types that residency treats apart name types that exist."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from policies.residency.exceptions import DATA_FREE, IGNORES_PROVIDER, LEADS_TRAFFIC


def tokens_of(package: str) -> set[str]:
    """Type tokens of an installed SDK, from the table in its first file (the SDK itself takes seconds to import)."""
    found = find_spec(f"pulumi_{package}")
    assert found
    assert found.origin
    return set(re.findall(rf'"({package}:[^"]+:\w+)"', Path(found.origin).read_text(encoding="utf-8")))


@pytest.mark.parametrize("package", ["aws", "gcp"])
def test_every_listed_type_exists_in_the_sdk(package: str) -> None:
    listed = {token for token in DATA_FREE | set(IGNORES_PROVIDER) if token.startswith(f"{package}:")}
    assert listed - tokens_of(package) == set()


def test_a_type_without_data_has_no_default_place_and_what_leads_traffic_holds_none() -> None:
    assert DATA_FREE & set(IGNORES_PROVIDER) == set()
    assert LEADS_TRAFFIC <= DATA_FREE


@pytest.mark.parametrize(
    "token",
    [
        "aws:s3/bucket:Bucket",
        "aws:kms/key:Key",
        "aws:route53/queryLog:QueryLog",
        "aws:cloudfront/distribution:Distribution",
        "aws:iam/accessKey:AccessKey",
        "gcp:serviceaccount/key:Key",
    ],
)
def test_data_keys_logs_caches_and_secrets_are_not_listed_as_holding_nothing(token: str) -> None:
    assert token not in DATA_FREE
