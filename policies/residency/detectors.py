"""Where in a resource's inputs a place is named: region-like fields at any depth, ARNs, Google resource paths.

Only whole values are read: places inside policy documents, URLs, image names and environment texts are not looked for
here. Nothing under tags, labels or descriptions counts, nor do the keys of annotations, nor what a copy is made from:
copying into the jurisdiction is fine. A value that is not known yet is reported only where it decides the place by its
key, or would hold copies; ids and ARNs of this very stack are unknown in a first preview, and are judged in `up`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.places import Cloud
from policies.reading import Unknown, Value, walk

# tagsAll, volumeTags, targetTags, userLabels, resourceLabels ...
_NOT_READ = re.compile(r"tags|tags[A-Z]\w*|\w*Tags|labels|\w*Labels|description|comment|__defaults")
_COPIED_FROM = re.compile(r"(?:^|\.)source|Source")

# AWS: by the end of the key (region, regionName, replicaRegions, peerRegion, availabilityZones ...). Not read:
# switches, and the free text of a postal address.
_AWS_KEY = re.compile(
    r"\w*(?:regions?|regionname|regionlists?|availabilityzones?|availabilityzoneids?|azs)", re.IGNORECASE
)
_AWS_OTHER_KEYS = frozenset({"allRegions", "multiRegion", "singleAvailabilityZone", "stateOrRegion"})
# A life cycle policy of snapshots names the region of a copy as its `target`.
_AWS_PATH = re.compile(r".*crossRegionCop\w*(?:\[\d+\])?\.target")
# Google Cloud: by the end of the key too (dataLocations, replicaZones, defaultLeaderLocation, locationId ...), but for
# zones of time and of DNS, probes, lists of countries, and parts of a request.
_GCP_KEY = re.compile(r"(?:(?:region|location|zone)s?|\w*(?:Region|Location|Zone)s?|locationId|\w*LocationId)")
_GCP_OTHER_KEY = re.compile(
    r"\w*(?:[tT]ime|[dD]ns|[mM]anaged|[hH]osted|[dD]ataplex)Zones?|allowedRegions|disallowedRegions|selectedRegions"
    r"|requestLocation|httpElementLocation"
)
# Where the place stands in a field of another name, by service (the middle part of the type).
_GCP_SERVICE_KEYS = {"spanner": frozenset({"config"})}
_OTHER_KEYS = frozenset({"region", "location", "zone", "availabilityZone"})
# Fields that hold nothing but copies: one that is wholly unknown may hide any place.
_COPIES = frozenset(
    {
        "copyActions",
        "crossRegionCopyRules",
        "customPlacementConfig",
        "replicas",
        "replicationConfiguration",
        "replicationSpecification",
    }
)
# Fields that give the resource itself its place: whatever stands there is judged, so that it never passes unread.
OWN_PLACE = frozenset({"region", "location", "zone", "locationId", "availabilityZone"})

_ARN = re.compile(r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):(?P<region>[^:]*):[^:]*:(?P<rest>.*)", re.DOTALL)
# Certificates, identities and names hold no data wherever they are kept; CloudFront takes its certificate and its web
# firewall from us-east-1 only.
_ARNS_WITHOUT_DATA = frozenset(
    {
        "acm",
        "budgets",
        "cloudfront",
        "globalaccelerator",
        "iam",
        "organizations",
        "route53",
        "shield",
        "sts",
        "waf",
        "wafv2",
    }
)
_GCP_REFERENCE = re.compile(
    r"(?:(?:(?:https:)?//)?[a-z0-9.-]+\.googleapis\.com/|projects/)"
    r"(?:.*/)?(?:locations|regions|zones)/(?P<location>[^/]+)(?:/(?P<rest>.*))?",
    re.DOTALL,
)
# Whose words the location in a path is, by what follows it.
_SERVICES_BY_COLLECTION = {"keyRings": "kms", "buckets": "logging"}


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A place named at `path`: the word as written (None while it is not known yet), the cloud and the service whose
    word it is (service None: that of the resource itself)."""

    path: str
    word: str | None
    cloud: Cloud | None
    service: str | None = None


def mentions(inputs: Mapping[str, Value], cloud: Cloud | None, service: str = "") -> Iterator[Mention]:
    """Every place that the inputs of a resource of `cloud` name, in order. An empty text names none."""
    for path, key, leaf in walk(inputs, _NOT_READ.fullmatch):
        if _COPIED_FROM.search(path):
            continue
        by_key = _names_a_place(path, key, cloud, service)
        # Google runs clusters on other clouds too: `awsRegion` is a word of AWS.
        owner = Cloud.AWS if cloud is Cloud.GCP and key == "awsRegion" else cloud
        if isinstance(leaf, Unknown):
            if by_key or (key in _COPIES and cloud is not Cloud.KUBERNETES):
                yield Mention(path=path, word=None, cloud=owner)
        elif isinstance(leaf, str) and leaf.strip():
            reference = _reference(path, leaf)
            if reference:
                yield reference
            elif by_key and (path in OWN_PLACE or not _is_other_reference(leaf)):
                yield Mention(path=path, word=leaf, cloud=owner)


def _names_a_place(path: str, key: str, cloud: Cloud | None, service: str) -> bool:
    if ".annotations." in f".{path}":
        return False
    match cloud:
        case Cloud.AWS:
            by_key = key not in _AWS_OTHER_KEYS and _AWS_KEY.fullmatch(key) is not None
            return by_key or _AWS_PATH.fullmatch(path) is not None
        case Cloud.GCP:
            by_key = _GCP_KEY.fullmatch(key) is not None and _GCP_OTHER_KEY.fullmatch(key) is None
            return by_key or key in _GCP_SERVICE_KEYS.get(service, ())
        case Cloud.KUBERNETES:
            return False  # custom resources use such keys for anything
        case None:
            return key in _OTHER_KEYS


def _reference(path: str, text: str) -> Mention | None:
    """The region of an ARN, or the location of a Google resource path, unless what it names holds no data."""
    if match := _ARN.fullmatch(text):
        region = match["region"]
        if not region or "*" in region or match["service"] in _ARNS_WITHOUT_DATA:
            return None
        return Mention(path=path, word=region, cloud=Cloud.AWS)
    if match := _GCP_REFERENCE.fullmatch(text):
        location, rest = match["location"], match["rest"]
        collection = (rest or "").partition("/")[0]
        if location in ("-", "*") or (location == "global" and collection not in _SERVICES_BY_COLLECTION):
            return None
        service = _SERVICES_BY_COLLECTION.get(collection, "") if rest else None
        return Mention(path=path, word=location, cloud=Cloud.GCP, service=service)
    return None


def _is_other_reference(text: str) -> bool:
    """True for an ARN, a path or a bucket, which name no place: under a region-like key they are no region either.

    A path of Spanner's configurations does name one: `projects/P/instanceConfigs/eur3`.
    """
    return (
        text.startswith(("arn:", "projects/", "https://", "//", "gs://", "s3://")) and "/instanceConfigs/" not in text
    )
