"""Logging in to an ElastiCache cache by IAM: the password is a presigned request to connect, made for each connection.

Source: docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html. The role needs `elasticache:Connect` on the
replication group and on the user, whose id and name are the same. A token lives for 15 minutes; the cache ends a
connection after 12 hours, and the next one has a new token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit, urlunsplit

from redis.credentials import CredentialProvider

from model_images.serve.aws.credentials import CredentialSource
from model_images.serve.aws.endpoints import endpoint_of
from model_images.serve.aws.signing import Credentials, Signer

TOKEN_S = 900


class CacheLogin(CredentialProvider):
    """User and password for each new connection."""

    def __init__(
        self,
        user: str,
        cluster: str,
        environ: Mapping[str, str],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Asks for nothing yet. Raises AwsError if no region is named."""
        self._user = user
        self._cluster = cluster.lower()  # as ElastiCache keeps it
        self._signer = Signer("elasticache", endpoint_of("elasticache", environ).region)
        self._source = CredentialSource(environ)
        self._clock = clock

    def get_credentials(self) -> tuple[str, str]:
        """Raises NoCredentials if the container has no role."""
        return self._user, self._token(self._source.now())

    async def get_credentials_async(self) -> tuple[str, str]:
        """The same; the role's source may take its time, so it is asked in a thread."""
        return self._user, self._token(await asyncio.to_thread(self._source.now))

    def _token(self, credentials: Credentials) -> str:
        query = (("Action", "connect"), ("User", self._user))
        url = self._signer.presigned("GET", f"http://{self._cluster}/", query, TOKEN_S, credentials, self._clock())
        return url.removeprefix("http://")


def user_and_address(url: str) -> tuple[str, str]:
    """The user of a URL, and the URL without it."""
    parts = urlsplit(url)
    return unquote(parts.username or ""), urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
