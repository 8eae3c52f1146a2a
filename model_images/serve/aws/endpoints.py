"""Where a service answers: in the region of AWS_REGION (or AWS_DEFAULT_REGION), or where AWS_ENDPOINT_URL says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from model_images.serve.aws.errors import AwsError

# The partition's domain by the beginning of a region's name; botocore's partitions.json, read in November 2026.
_DOMAINS = {"cn-": "amazonaws.com.cn", "eusc-": "amazonaws.eu"}
_REGION = re.compile(r"[a-z]{2,5}(-[a-z]+)+-[0-9]+")


class Endpoint(NamedTuple):
    """A service's URL without a path, the region that requests are signed for, and whether the URL was given."""

    url: str
    region: str
    given: bool = False


def endpoint_of(service: str, environ: Mapping[str, str]) -> Endpoint:
    """The endpoint of `s3`, `dynamodb` and the like.

    AWS_ENDPOINT_URL_SERVICE comes before AWS_ENDPOINT_URL, as it does for AWS's own clients.

    Raises:
        AwsError: if no region is named, or it is none.
    """
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or ""
    if not _REGION.fullmatch(region):
        got = f"got {region!r:.40}" if region else "missing"
        raise AwsError(f"AWS_REGION: {got}; allowed: a region, such as eu-west-1")
    given = environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or environ.get("AWS_ENDPOINT_URL") or ""
    if given and not given.startswith(("http://", "https://")):
        raise AwsError(f"AWS_ENDPOINT_URL: got {given!r:.80}; allowed: http:// or https://")
    if given and not _has_host(given):
        raise AwsError("AWS_ENDPOINT_URL: got a URL whose host or port cannot be read; allowed: http(s)://HOST:PORT")
    domain = next((domain for begin, domain in _DOMAINS.items() if region.startswith(begin)), "amazonaws.com")
    return Endpoint(given.rstrip("/") or f"https://{service}.{region}.{domain}", region, bool(given))


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
