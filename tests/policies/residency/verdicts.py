"""Short questions to the judge, for its tests."""

from __future__ import annotations

from collections.abc import Mapping

from components.places import DEFAULT_TABLE
from policies.reading import Provider, Resource, Value, read_mapping
from policies.residency.judge import judge

TABLE = DEFAULT_TABLE.with_changes(
    {"places": {"kubernetes": {"cellar": {"country": "DE"}, "attic": {"country": "US"}}}}
)


def provider(package: str, **inputs: object) -> Provider:
    return Provider(type=f"pulumi:providers:{package}", name="home", inputs=read_mapping(inputs))


DUBLIN = provider("aws", region="eu-west-1")
GHENT = provider("gcp", region="europe-west1")


def verdict(
    type_token: str, inputs: Mapping[str, Value] | None = None, home: Provider | None = DUBLIN, jurisdiction: str = "eu"
) -> list[str]:
    resource = Resource(type=type_token, name="it", inputs=inputs or {}, provider=home)
    return [f"{finding.path}: {finding.got}" for finding in judge(resource, jurisdiction, TABLE)]
