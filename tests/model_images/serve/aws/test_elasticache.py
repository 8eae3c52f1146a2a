"""Passwords that AWS's own library would have made, and a server that asks for one at each connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore.auth
import botocore.session
import pytest
from botocore.model import ServiceId
from botocore.signers import RequestSigner
from redis.exceptions import NoPermissionError

from components.cache.aws_users import access
from model_images.serve.aws.elasticache import CacheLogin, user_and_address
from model_images.serve.aws.errors import AwsError
from model_images.serve.cache import _client
from model_images.serve.settings import ServerSettings
from tests.model_images.serve.redis_server import RedisServer

NOW = datetime(2026, 11, 24, 15, 4, 5, tzinfo=UTC)
ENVIRON = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG",
    "AWS_SESSION_TOKEN": "token/with+signs==",
    "AWS_REGION": "eu-west-1",
}


def sdk_token(user: str, cluster: str) -> str:
    """As the page of ElastiCache makes it with AWS's library."""
    session = botocore.session.get_session()
    keys = botocore.session.botocore.credentials.Credentials(
        ENVIRON["AWS_ACCESS_KEY_ID"], ENVIRON["AWS_SECRET_ACCESS_KEY"], ENVIRON["AWS_SESSION_TOKEN"]
    )
    signer = RequestSigner(
        ServiceId("elasticache"), "eu-west-1", "elasticache", "v4", keys, session.get_component("event_emitter")
    )
    url = signer.generate_presigned_url(
        {
            "method": "GET",
            "url": f"http://{cluster}/?Action=connect&User={user}",
            "body": {},
            "headers": {},
            "context": {},
        },
        operation_name="connect",
        expires_in=900,
        region_name="eu-west-1",
    )
    return url.removeprefix("http://")


@pytest.mark.parametrize(("user", "cluster"), [("fraud", "demo-cache"), ("demo-fraud", "DEMO-aws-eu-west-1")])
def test_the_password_is_the_token_of_the_sdk(monkeypatch: pytest.MonkeyPatch, user: str, cluster: str) -> None:
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: NOW.replace(tzinfo=None))
    login = CacheLogin(user, cluster, ENVIRON, lambda: NOW)
    assert login.get_credentials() == (user, sdk_token(user, cluster.lower()))
    assert asyncio.run(login.get_credentials_async()) == login.get_credentials()


def test_a_login_without_a_region_is_refused() -> None:
    with pytest.raises(AwsError, match=r"^AWS_REGION: missing"):
        CacheLogin("fraud", "demo", {})


@pytest.mark.parametrize(
    ("url", "user", "address"),
    [
        ("rediss://fraud@cache.example:6379/0", "fraud", "rediss://cache.example:6379/0"),
        ("rediss://a%2Db:unused@cache", "a-b", "rediss://cache"),
    ],
)
def test_the_user_is_taken_out_of_the_url(url: str, user: str, address: str) -> None:
    assert user_and_address(url) == (user, address)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    yield server
    server.kill()


def test_each_connection_logs_in_with_a_fresh_token(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [NOW, NOW.replace(minute=30)]
    tokens = [CacheLogin("fraud", "demo", ENVIRON, lambda now=now: now).get_credentials()[1] for now in moments]
    # No more than the region's cache lets a model do; servers before 7.2 do not know one of the commands.
    rights = access("fraud").replace("+client|setinfo", "")
    assert b"+OK" in redis.told("ACL", "SETUSER", "fraud", f">{tokens[0]}", f">{tokens[1]}", rights)
    asked: list[str] = []
    real = CacheLogin._token

    def remembered(self: CacheLogin, credentials: Any) -> str:
        self._clock = lambda: moments[len(asked) % 2]
        asked.append(real(self, credentials))
        return asked[-1]

    monkeypatch.setattr(CacheLogin, "_token", remembered)
    # No TLS here: what is tried is the login, and the settings alone ask for rediss://.
    url = redis.url.replace("redis://", "redis://fraud@")
    client: Any = _client(ServerSettings(redis_url=url, redis_auth="elasticache", redis_cluster="demo", aws=ENVIRON))

    async def work() -> list[bytes | None]:
        try:
            pipeline = client.pipeline(transaction=False)
            pipeline.set(b"prediction:fraud:1", b"x", ex=60)
            await pipeline.execute()
            await client.connection_pool.disconnect()
            with pytest.raises(NoPermissionError, match="permission"):  # another model's
                await client.get(b"prediction:churn:1")
            return [await client.get(b"prediction:fraud:1"), *await client.mget([b"prediction:fraud:2"])]
        finally:
            await client.aclose()

    assert asyncio.run(work()) == [b"x", None]
    assert asked == tokens


def test_a_login_by_iam_is_read() -> None:
    environ = {"REDIS_AUTH": "elasticache", "REDIS_URL": "rediss://fraud@cache", "REDIS_CLUSTER": "demo"}
    settings = ServerSettings.from_environment(environ)
    assert (settings.redis_auth, settings.redis_cluster) == ("elasticache", "demo")


@pytest.mark.parametrize(
    ("environ", "lines"),
    [
        ({"REDIS_URL": "redis://fraud@cache", "REDIS_CLUSTER": "demo"}, ["REDIS_URL"]),
        ({"REDIS_URL": "rediss://cache"}, ["REDIS_URL", "REDIS_CLUSTER"]),
        ({}, ["REDIS_URL", "REDIS_CLUSTER"]),
    ],
)
def test_a_login_by_iam_needs_tls_a_user_and_a_cluster(environ: dict[str, str], lines: list[str]) -> None:
    with pytest.raises(ValueError, match="REDIS_") as caught:
        ServerSettings.from_environment({"REDIS_AUTH": "elasticache", **environ})
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == lines
