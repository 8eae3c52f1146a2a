"""Captured lines as objects below `s3://BUCKET/PREFIX`: a gzip of JSON lines each, named by time and content.

PREFIX/2026/11/24/15/20261124T150405Z-DIGEST.jsonl.gz, in UTC. Lines that are sent twice, because an answer was lost,
end up in one object: their digest is the name.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from model_images.serve.aws.s3 import Bucket, parse

_LEVEL = 6


class ObjectSink:
    """Writes an object a call."""

    def __init__(
        self, url: str, environ: Mapping[str, str], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Connects to nothing yet. Raises ValueError for a URL that is none, AwsError if no region is named."""
        found = parse(url)
        if found is None:
            raise ValueError(f"CAPTURE_SINK: got {url!r:.200}; allowed: s3://BUCKET/PREFIX")
        self._bucket = Bucket(found[0], environ)
        self._prefix = f"{found[1].strip('/')}/" if found[1].strip("/") else ""
        self._clock = clock

    def __call__(self, lines: bytes) -> None:
        """Raises AwsError, an OSError."""
        if not lines:
            return
        now = self._clock()
        digest = hashlib.sha256(lines).hexdigest()[:32]
        key = f"{self._prefix}{now:%Y/%m/%d/%H}/{now:%Y%m%dT%H%M%SZ}-{digest}.jsonl.gz"
        self._bucket.put(key, gzip.compress(lines, _LEVEL, mtime=0), "application/gzip")
