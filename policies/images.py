"""Whether a container image is named by its digest, and the finding where it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Unknown, Value

# OCI distribution specification: `registry/name[:tag]@sha256:` and 64 hexadecimal digits.
_PINNED = re.compile(r"[^\s@]+@sha256:[0-9a-f]{64}")
_IMAGE = re.compile(r"[\w.:/@-]{1,200}")
ALLOWED = "an image by digest, NAME@sha256:DIGEST"
FIX = "a tag may name another image tomorrow: take the digest from the registry or from the build"


def unpinned(path: str, image: Value) -> Iterator[Finding]:
    """A finding unless `image` is a digest reference; an absent image (a patch, a template) is not judged."""
    if isinstance(image, Unknown):
        yield Finding(path=path, got=NOT_KNOWN_YET, allowed=ALLOWED, fix=FIX, undecided=True)
    elif isinstance(image, str) and not _PINNED.fullmatch(image):
        got = repr(image) if _IMAGE.fullmatch(image) else "a text that is no image"
        yield Finding(path=path, got=got, allowed=ALLOWED, fix=FIX)
