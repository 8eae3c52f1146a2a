"""Where an image lies, read from what a person types."""

from __future__ import annotations

import pytest

from model_images.registry.errors import InputError, Refused
from model_images.registry.reference import (
    Reference,
    check_region,
    is_loopback,
    parse_digest,
    parse_reference,
    region_of,
)

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:5000/fraud", Reference(host="127.0.0.1:5000", repository="fraud")),
        ("localhost/a/b-c__d.e:1.2", Reference(host="localhost", repository="a/b-c__d.e", tag="1.2")),
        ("[::1]:5000/fraud:x", Reference(host="[::1]:5000", repository="fraud", tag="x")),
        (f"r.example/fraud@{DIGEST}", Reference(host="r.example", repository="fraud", digest=DIGEST)),
        (f"r.example/fraud:1@{DIGEST}", Reference(host="r.example", repository="fraud", tag="1", digest=DIGEST)),
    ],
)
def test_a_reference_is_taken_apart_and_put_together(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fraud",
        "models/fraud",
        "r.example/Fraud",
        "r.example/",
        "https://r.example/x",
        "r.example/x:",
        "r.example/x@sha256:1",
        "r.example/../x",
        "r.example/x:a\n",
    ],
)
def test_what_is_no_reference_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(InputError, match="for example 127"):
        parse_reference(text)


@pytest.mark.parametrize("text", ["sha256:0", "0" * 64, DIGEST.upper(), DIGEST + "0"])
def test_only_a_whole_digest_is_one(text: str) -> None:
    with pytest.raises(InputError):
        parse_digest(text)


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("123456789012.dkr.ecr.eu-central-1.amazonaws.com", "eu-central-1"),
        ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("europe-west3-docker.pkg.dev", "europe-west3"),
        ("europe-docker.pkg.dev", "europe"),
        ("us.gcr.io", "us"),
        ("gcr.io", None),
        ("europe-west3-docker.pkg.dev.evil.example", None),
        ("x.123456789012.dkr.ecr.eu-central-1.amazonaws.com", None),
        ("127.0.0.1:5000", None),
    ],
)
def test_a_host_names_its_region(host: str, region: str | None) -> None:
    assert region_of(host) == region


@pytest.mark.parametrize(
    ("host", "allowed", "passes"),
    [
        ("europe-west3-docker.pkg.dev", ["europe-west3"], True),
        ("us-east1-docker.pkg.dev", ["europe-west3"], False),
        ("r.example", ["europe-west3"], False),
        ("r.example", ["europe-west3", "r.example"], True),
        ("r.example", [], True),
    ],
)
def test_a_region_is_inside_or_the_push_is_refused(host: str, allowed: list[str], passes: bool) -> None:
    reference = Reference(host=host, repository="fraud")
    if passes:
        check_region(reference, allowed)
    else:
        with pytest.raises(Refused, match="allowed regions: europe-west3"):
            check_region(reference, allowed)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.9.0.1:5", True),
        ("localhost:5", True),
        ("[::1]:5", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_this_machine_is_known(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
