"""Signatures, byte for byte those of AWS's own library."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials
from hypothesis import given
from hypothesis import strategies as st

from model_images.serve.aws.signing import EMPTY, UNSIGNED, Credentials, Signer, encoded_query, host_of

NOW = datetime(2026, 11, 24, 15, 4, 5, tzinfo=UTC)
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token/with+signs==")
SIGNERS = {"s3": botocore.auth.S3SigV4Auth, "dynamodb": botocore.auth.SigV4Auth, "elasticache": botocore.auth.SigV4Auth}
PRESIGNERS = {"s3": botocore.auth.S3SigV4QueryAuth, "elasticache": botocore.auth.SigV4QueryAuth}


@pytest.fixture(autouse=True, scope="module")
def _one_moment() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: NOW.replace(tzinfo=None))
        yield


def theirs(
    service: str, region: str, method: str, url: str, headers: dict[str, str], body: bytes, keys: Credentials
) -> dict[str, str]:
    request = AWSRequest(method=method, url=url, headers=headers, data=body)
    own = TheirCredentials(keys.access_key, keys.secret_key, keys.token or None)
    SIGNERS[service](own, service, region).add_auth(request)
    return dict(request.headers.items())


text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
header_names = st.from_regex(r"x-amz-[a-z]{1,8}", fullmatch=True).filter(lambda name: name != "x-amz-date")
keys = st.builds(Credentials, words, words, st.one_of(st.just(""), words))
queries = st.lists(st.tuples(text, text), max_size=4, unique_by=lambda pair: pair[0])
hosts = st.sampled_from(["s3.eu-west-1.amazonaws.com", "models.s3.eu-west-1.amazonaws.com", "127.0.0.1:5000", "a:443"])


@given(
    service=st.sampled_from(sorted(SIGNERS)),
    region=st.sampled_from(["eu-west-1", "us-gov-east-1"]),
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE"]),
    scheme=st.sampled_from(["http", "https"]),
    host=hosts,
    path=st.lists(text.filter(lambda part: part not in {".", ".."} and "/" not in part), max_size=3),
    query=queries,
    headers=st.dictionaries(header_names, values, max_size=3),
    body=st.binary(max_size=50),
    credentials=keys,
)
def test_every_request_is_signed_as_by_the_sdk(
    service: str,
    region: str,
    method: str,
    scheme: str,
    host: str,
    path: list[str],
    query: list[tuple[str, str]],
    headers: dict[str, str],
    body: bytes,
    credentials: Credentials,
) -> None:
    url = f"{scheme}://{host}/{'/'.join(quote(part, safe='-_.~') for part in path)}"
    url += f"?{encoded_query(query)}" if query else ""
    digest = hashlib.sha256(body).hexdigest()
    ours = Signer(service, region).headers(method, url, headers, digest, credentials, NOW)
    assert ours == theirs(service, region, method, url, headers, body, credentials)


@given(
    service=st.sampled_from(sorted(PRESIGNERS)), host=hosts, query=queries, seconds=st.integers(1, 900), given_keys=keys
)
def test_every_presigned_address_is_the_sdks(
    service: str, host: str, query: list[tuple[str, str]], seconds: int, given_keys: Credentials
) -> None:
    url = f"https://{host}/"
    request = AWSRequest(method="GET", url=f"{url}?{encoded_query(query)}" if query else url)
    own = TheirCredentials(given_keys.access_key, given_keys.secret_key, given_keys.token or None)
    PRESIGNERS[service](own, service, "eu-west-1", expires=seconds).add_auth(request)
    assert Signer(service, "eu-west-1").presigned("GET", url, query, seconds, given_keys, NOW) == request.url


def test_a_body_may_go_unsigned_over_tls_to_s3() -> None:
    signed = Signer("s3", "eu-west-1").headers("PUT", "https://b.s3.eu-west-1.amazonaws.com/k", {}, UNSIGNED, KEYS, NOW)
    assert signed["X-Amz-Content-SHA256"] == UNSIGNED
    other = Signer("s3", "eu-west-1").headers("PUT", "https://b.s3.eu-west-1.amazonaws.com/k", {}, EMPTY, KEYS, NOW)
    assert signed["Authorization"] != other["Authorization"]


def test_an_old_signature_is_replaced() -> None:
    url = "https://dynamodb.eu-west-1.amazonaws.com/"
    once = Signer("dynamodb", "eu-west-1").headers("POST", url, {"X-Amz-Target": "T"}, EMPTY, KEYS, NOW)
    assert Signer("dynamodb", "eu-west-1").headers("POST", url, once, EMPTY, KEYS, NOW) == once


def test_secrets_are_not_shown() -> None:
    assert KEYS.secret_key not in repr(KEYS)
    assert KEYS.token not in f"{KEYS}"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.b/", "a.b"),
        ("https://a.b:443/c", "a.b"),
        ("http://a.b:443/c", "a.b:443"),
        ("http://[::1]:80/", "[::1]"),
        ("http://[fd00::1]:81/", "[fd00::1]:81"),
    ],
)
def test_the_host_is_told_with_a_port_that_is_not_its_schemes_own(url: str, host: str) -> None:
    assert host_of(url) == host
    assert urlsplit(url).hostname in host
