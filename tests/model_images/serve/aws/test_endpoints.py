"""Where services answer: the hosts that AWS's own library names."""

from __future__ import annotations

import botocore.session
import pytest

from model_images.serve.aws.endpoints import endpoint_of


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
