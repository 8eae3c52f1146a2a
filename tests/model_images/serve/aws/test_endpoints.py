"""Where services answer: the hosts that AWS's own library names."""

from __future__ import annotations

import botocore.session
import pytest

from model_images.serve.aws.endpoints import endpoint_of
from model_images.serve.aws.errors import AwsError


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
@pytest.mark.parametrize(
    "region", ["eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1", "ap-southeast-5", "eusc-de-east-1"]
)
def test_a_service_answers_where_the_sdk_asks(service: str, region: str) -> None:
    sdk = botocore.session.get_session().create_client(
        service, region_name=region, aws_access_key_id="a", aws_secret_access_key="b"
    )
    url = sdk.meta.endpoint_url
    # The SDK's table still names the global host for the oldest region; the regional one is the same service.
    url = "https://s3.us-east-1.amazonaws.com" if url == "https://s3.amazonaws.com" else url
    found = endpoint_of(service, {"AWS_DEFAULT_REGION": region})
    assert (found.url, found.region) == (url, region)


@pytest.mark.parametrize("url", ["http://", "http://h:x", "http://[", "http://h:0", "https:///path"])
def test_a_place_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(AwsError, match=r"^AWS_ENDPOINT_URL: got a URL whose host or port cannot be read; allowed: "):
        endpoint_of("s3", {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": url})
