"""Where Debian packages are fetched from: the mirrors that this machine's own apt uses, or `HOMEPORT_DEBIAN_MIRROR`.

The host names are the machine's business, so none is written here. `HOMEPORT_DEBIAN_MIRROR` holds one or more addresses
with spaces between them, such as that of an archive which keeps old versions.
"""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from model_images.build.errors import MirrorError

APT = Path("/etc/apt")
RELEASE = "bookworm"
SUITES = (RELEASE, f"{RELEASE}-updates", f"{RELEASE}-security")
TIMEOUT_S = 60
NEXT_STEP = "set HOMEPORT_DEBIAN_MIRROR to the address of a Debian mirror, or give a base image with --base"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One suite of one mirror."""

    address: str
    suite: str


def sources(apt: Path = APT) -> list[Source]:
    """The suites of Debian 12 that this machine may ask.

    Raises:
        MirrorError: if there is none.
    """
    own = os.environ.get("HOMEPORT_DEBIAN_MIRROR", "").split()
    if own:
        return [Source(address=address.rstrip("/"), suite=suite) for address in own for suite in SUITES]
    patterns = ("sources.list", "sources.list.d/*.list", "sources.list.d/*.sources")
    lists = sorted(path for pattern in patterns for path in apt.glob(pattern))
    found: dict[Source, None] = {}
    for path in lists:
        text = path.read_text(encoding="utf-8", errors="replace")
        found |= dict.fromkeys(_paragraphs(text) if path.suffix == ".sources" else _lines(text))
    if not found:
        raise MirrorError(f"no Debian mirror: got none for {RELEASE} in {apt}/sources.list*; {NEXT_STEP}")
    return list(found)


def _lines(text: str) -> Iterator[Source]:
    """`deb [option=value] ADDRESS SUITE COMPONENT...`, one a line."""
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words or words[0] != "deb":
            continue
        if len(words) > 1 and words[1].startswith("["):
            del words[1 : next((n for n, word in enumerate(words) if word.endswith("]")), len(words)) + 1]
        if len(words) > 3 and words[2] in SUITES and "main" in words[3:]:
            yield Source(address=words[1].rstrip("/"), suite=words[2])


def _paragraphs(text: str) -> Iterator[Source]:
    """The deb822 form: fields a paragraph, an empty line between two."""
    for fields in paragraphs(text):
        if "deb" not in fields.get("Types", "").split() or fields.get("Enabled", "yes") == "no":
            continue
        if "main" in fields.get("Components", "").split():
            for address in fields.get("URIs", "").split():
                for suite in fields.get("Suites", "").split():
                    if suite in SUITES:
                        yield Source(address=address.rstrip("/"), suite=suite)


def paragraphs(text: str) -> Iterator[dict[str, str]]:
    """Debian's control form: `Field: value`, continued by lines that begin with a space; `#` lines are comments."""
    fields: dict[str, str] = {}
    last = ""
    for line in (*text.splitlines(), ""):
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield fields
            fields = {}
        elif line[0].isspace():
            fields[last] = f"{fields.get(last, '')}\n{line.strip()}"
        else:
            last, _, value = line.partition(":")
            fields[last] = value.strip()


def fetch(path: str, addresses: Sequence[str]) -> bytes:
    """The first answer of the mirrors for `path`.

    Raises:
        MirrorError: naming what each of them said.
    """
    said: list[str] = []
    for address in addresses:
        try:
            with urllib.request.urlopen(f"{address}/{path}", timeout=TIMEOUT_S) as answer:  # noqa: S310  from apt's lists
                return bytes(answer.read())
        except (OSError, ValueError) as error:
            said.append(f"{address}: {error.code if isinstance(error, urllib.error.HTTPError) else error}")
    raise MirrorError(f"{path}: not on any mirror ({'; '.join(said)})")
