"""Where state and its secrets live: one home a jurisdiction, inside it, and one for each account.

`file` is the offline engine's folder. Anything else is an S3 bucket and a KMS key, each with its region in the URL,
because a home without a known place could lie anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

OFFLINE_FOLDER = ".homeport"
FILE_STATE = "file"
PASSPHRASE = "passphrase"  # noqa: S105 the name of Pulumi's secrets provider, no secret

STATE_FORM = r"^(file|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]+)?\?region=[a-z0-9-]+)$"
SECRETS_FORM = r"^awskms://alias/[A-Za-z0-9/_-]+\?region=[a-z0-9-]+$"


@dataclass(frozen=True, kw_only=True)
class StateBucket:
    """An S3 bucket that holds state; `url` is what Pulumi takes as backend."""

    bucket: str
    region: str
    url: str


@dataclass(frozen=True, kw_only=True)
class SecretsKey:
    """A KMS key, by alias, that seals the secrets in state; `url` is what Pulumi takes as secrets provider."""

    alias: str  # with its `alias/`
    region: str
    url: str


def state_bucket(url: str) -> StateBucket:
    """Takes a checked URL apart: `s3://BUCKET[/PREFIX]?region=REGION`."""
    rest, region = url.removeprefix("s3://").split("?region=")
    return StateBucket(bucket=rest.split("/")[0], region=region, url=url)


def secrets_key(url: str) -> SecretsKey:
    """Takes a checked URL apart: `awskms://alias/NAME?region=REGION`."""
    alias, region = url.removeprefix("awskms://").split("?region=")
    return SecretsKey(alias=alias, region=region, url=url)


def region_of(url: str | None) -> str | None:
    """The region in a state or secrets URL; None for `file` and for what is not there."""
    found = re.search(r"\?region=([a-z0-9-]+)$", url or "")
    return found.group(1) if found else None


def file_backend(root: Path, environment: str, name: str) -> str:
    """The backend URL of an offline state; `name` is a jurisdiction or `account-CLOUD`.

    Without the side files that the engine would write beside each state file: one that a kill cuts short makes its
    stack unreadable (docs/surprises.md).
    """
    return f"file://{(root / OFFLINE_FOLDER / environment / 'state' / name).resolve()}?metadata=skip"
