"""From a location string to the places it names: regions, zones, zone ids, multi-regions, paths and cluster
identifiers.

A string has no meaning without its service (`asia1` is Japan in Cloud Storage and Japan with Korea in Cloud KMS), and
what no row names stays unknown. Local zones are unknown too: us-east-1-bue-1a lies in Argentina.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from components.places import DEFAULT_TABLE, Cloud, Place, PlaceTable

# Members of Google's multi-regions by service. `eu` and `us` stand for every Google region of those countries: Google
# says which countries it may use, not which regions. Cloud Storage: cloud.google.com/storage/docs/locations (`EU`
# keeps out London and Zurich). KMS: cloud.google.com/kms/docs/locations (`europe`: "multiple regions in the European
# Union"). The rest is common knowledge, confirmed by no page (noted 2026-11-24). Artifact Registry's are not
# published: no row, so unknown.
_MULTI_REGIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "storage": {
        "eu": ("eu",),
        "us": ("us",),
        "eur4": ("europe-north1", "europe-west4"),
        "eur5": ("europe-west1", "europe-west2"),
        "eur7": ("europe-west2", "europe-west3"),
        "eur8": ("europe-west3", "europe-west6"),
        "nam4": ("us-central1", "us-east1"),
        "asia1": ("asia-northeast1", "asia-northeast2"),
    },
    "appengine": {"europe-west": ("europe-west1",), "us-central": ("us-central1",)},
    "bigquery": {"eu": ("eu",), "us": ("us",)},
    "compute": {"eu": ("eu",), "us": ("us",)},
    "sql": {"eu": ("eu",), "us": ("us",)},
    "spanner": {
        "eur3": ("europe-west1", "europe-west4", "europe-north1"),
        "eur5": ("europe-west2", "europe-west1", "europe-west4"),
        "eur6": ("europe-west4", "europe-west3", "europe-west6"),
    },
    "kms": {"europe": ("eu",), "us": ("us",), "asia1": ("asia-northeast1", "asia-northeast2", "asia-northeast3")},
    "firestore": {"eur3": ("europe-west1", "europe-west4", "europe-north1"), "nam5": ("us",)},
    "logging": {"eu": ("eu",), "us": ("us",)},
    "container": {"eu": ("eu",), "us": ("us",)},
}

_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")
_AWS_ZONE = re.compile(r"(?P<region>[a-z]+(?:-[a-z]+)+-\d)[a-z]")
_AWS_ZONE_ID = re.compile(r"(?P<short>[a-z]+\d)-az\d{1,2}")
_GCP_ZONE = re.compile(r"(?P<region>[a-z]+-[a-z]+\d{1,2})-[a-z]")
_GCP_PATH = re.compile(r"(?:^|/)(?:locations|regions|zones)/(?P<location>[^/]+)")
_SPANNER_CONFIG = re.compile(r"(?:projects/[^/]+/instanceConfigs/)?(?:regional-)?(?P<location>[^/]+)")
_GKE = re.compile(
    r"(?:(?:https:)?//[a-z0-9.-]+\.googleapis\.com/(?:[a-z0-9]+/)*)?"
    r"projects/[^/]+/(?:locations|zones|regions)/(?P<location>[^/]+)/clusters/[^/]+"
)
_EKS = re.compile(r"arn:aws[a-z-]*:eks:(?P<region>[^:]*):[^:]+:cluster/.+")
_OWN = re.compile(r"homeport/(?P<place>.+)")


@dataclass(frozen=True, kw_only=True)
class Location:
    """A location string read: the word to show to people, and its places; no places means that it is unknown."""

    word: str
    places: tuple[Place, ...] = ()


def read_location(text: str, cloud: Cloud | None, service: str, table: PlaceTable) -> Location:
    """What a region, zone or location field says. `cloud` None (a package that we do not know) tries both."""
    word = text.strip()
    if cloud is not Cloud.AWS and (path := _GCP_PATH.search(word)):
        word = path["location"]
    if cloud is Cloud.GCP and service == "spanner" and (config := _SPANNER_CONFIG.fullmatch(word)):
        word = config["location"]
    found: tuple[Place, ...] = ()
    if cloud in (Cloud.AWS, None):
        found = _aws(word, table)
    if not found and cloud in (Cloud.GCP, None):
        found = _gcp(word.lower(), service, table)
    if not found and cloud is not None:
        found = _named(cloud, word.lower(), table)
    return Location(word=shown(word), places=found)


def read_cluster(identifier: str, table: PlaceTable) -> Location | None:
    """Where a cluster runs, by its provider's `clusterIdentifier`; None when the text is none of the three forms."""
    text = identifier.strip()
    if match := _EKS.fullmatch(text):
        return Location(word=shown(match["region"]), places=_named(Cloud.AWS, match["region"], table))
    if match := _GKE.fullmatch(text):
        return Location(word=shown(match["location"]), places=_gcp(match["location"].lower(), "", table))
    if match := _OWN.fullmatch(text):
        # A place of the user's own, else the region whose machines the cluster runs on.
        found = (_named(cloud, match["place"], table) for cloud in (Cloud.KUBERNETES, Cloud.AWS, Cloud.GCP))
        return Location(word=shown(match["place"]), places=next(filter(None, found), ()))
    return None


def shown(word: str) -> str:
    """The word if it can be a location's name, else a description: an arbitrary value may be a secret."""
    return word if _WORD.fullmatch(word) else "a text that is no location"


def _aws(word: str, table: PlaceTable) -> tuple[Place, ...]:
    if match := _AWS_ZONE.fullmatch(word):
        return _named(Cloud.AWS, word, table) or _named(Cloud.AWS, match["region"], table)
    if match := _AWS_ZONE_ID.fullmatch(word):
        return _by_short_name(match["short"], table)
    return _named(Cloud.AWS, word, table)


def _gcp(word: str, service: str, table: PlaceTable) -> tuple[Place, ...]:
    members = _MULTI_REGIONS.get(service, {}).get(word)
    if members is not None:
        return tuple(place for member in members for place in _members(member, table))
    match = _GCP_ZONE.fullmatch(word)
    return _named(Cloud.GCP, word, table) or (_named(Cloud.GCP, match["region"], table) if match else ())


def _members(member: str, table: PlaceTable) -> tuple[Place, ...]:
    """A Google region, or all Google regions of the countries that the facts count to a jurisdiction."""
    # The facts, not the user's words: whoever narrows `eu` narrows no multi-region of Google's.
    countries = DEFAULT_TABLE.countries.get(member)
    if countries is None:
        return _named(Cloud.GCP, member, table)
    return tuple(place for place in table.places.values() if place.cloud is Cloud.GCP and place.country in countries)


def _named(cloud: Cloud, name: str, table: PlaceTable) -> tuple[Place, ...]:
    place = table.find(cloud, name)
    return (place,) if place else ()


def _by_short_name(short: str, table: PlaceTable) -> tuple[Place, ...]:
    """The region of a zone id's first part: `euw1` is eu-west-1, `apse2` ap-southeast-2."""
    return tuple(place for place in table.places.values() if place.cloud is Cloud.AWS and _shorten(place.name) == short)


def _shorten(region: str) -> str:
    area, *rest = re.sub(r"(north|south)(east|west)", r"\1-\2", region).split("-")
    return area + "".join(word if word.isdigit() else word[:1] for word in rest)
