"""Where in a resource's inputs a place is named: region-like fields at any depth, ARNs, Google resource paths.

Only whole values are read: places inside policy documents, URLs, image names and environment texts are not looked for
here. Nothing under tags, labels or descriptions counts. A value that is not known yet is reported only where it
decides the place by its key; ids and ARNs of this very stack are unknown in a first preview, and are judged in `up`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.places import Cloud
from policies.reading import Unknown, Value, walk

_NOT_READ = frozenset(
    {"tags", "tagsAll", "labels", "defaultTags", "defaultLabels", "description", "comment", "__defaults"}
)

# AWS: by the end of the key (region, regionName, replicaRegions, peerRegion, availabilityZones ...). A `source...`
# names where a copy comes from, and copying into the jurisdiction is fine.
_AWS_KEY = re.compile(
    r"(?!source)\w*?(?:regions?|regionname|availabilityzones?|availabilityzoneids?|azs)", re.IGNORECASE
)
# Google Cloud: by name, since `timeZone` and `managedZone` are no places.
_GCP_KEYS = frozenset(
    {
        "allowedPersistenceRegions",
        "backupLocation",
        "dataLocations",
        "destinationRegion",
        "distributionPolicyZones",
        "location",
        "locationId",
        "locations",
        "nodeLocations",
        "region",
        "regions",
        "replicaLocations",
        "replicaRegions",
        "replicaZones",
        "secondaryZone",
        "storageLocations",
        "zone",
        "zones",
    }
)
_OTHER_KEYS = frozenset({"region", "location", "zone", "availabilityZone"})

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
    r"(?:https://[a-z0-9.-]+\.googleapis\.com/|//[a-z0-9.-]+\.googleapis\.com/|projects/)"
    r"(?:.*/)?(?:locations|regions|zones)/(?P<location>[^/]+)(?:/(?P<rest>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A place named at `path`: the word as written (None while it is not known yet) and the cloud whose word it is."""

    path: str
    word: str | None
    cloud: Cloud | None


def mentions(inputs: Mapping[str, Value], cloud: Cloud | None) -> Iterator[Mention]:
    """Every place that the inputs of a resource of `cloud` name, in order. Empty texts and wildcards name none."""
    for path, key, leaf in walk(inputs, _NOT_READ):
        by_key = _names_a_place(key, cloud)
        if isinstance(leaf, Unknown):
            if by_key:
                yield Mention(path=path, word=None, cloud=cloud)
        elif isinstance(leaf, str) and leaf.strip(" *"):
            reference = _reference(path, leaf)
            if reference:
                yield reference
            elif by_key and not _is_other_reference(leaf):
                yield Mention(path=path, word=leaf, cloud=cloud)


def _names_a_place(key: str, cloud: Cloud | None) -> bool:
    match cloud:
        case Cloud.AWS:
            return _AWS_KEY.fullmatch(key) is not None
        case Cloud.GCP:
            return key in _GCP_KEYS
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
        location = match["location"]
        if location in ("-", "*") or (location == "global" and not (match["rest"] or "").startswith("keyRings/")):
            return None
        return Mention(path=path, word=location, cloud=Cloud.GCP)
    return None


def _is_other_reference(text: str) -> bool:
    """True for an ARN or path that names no place: under a region-like key it is not a region either."""
    return text.startswith(("arn:", "projects/", "https://", "//"))
