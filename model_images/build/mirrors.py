"""Where Debian packages are fetched from: the mirrors that this machine's own apt uses, or `HOMEPORT_DEBIAN_MIRROR`.

The host names are the machine's business, so none is written here. `HOMEPORT_DEBIAN_MIRROR` holds one or more addresses
with spaces between them, such as that of an archive which keeps old versions.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from model_images.build.errors import DroppedError, MirrorError

APT = Path("/etc/apt")
RELEASE = "bookworm"
SUITES = (RELEASE, f"{RELEASE}-updates", f"{RELEASE}-security")
# A mirror of another release of Debian holds this one too.
OTHER = r"(?:bullseye|trixie|forky|sid|stable|oldstable|testing|unstable)"
SCHEMES = ("http", "https", "file")  # not cdrom, nor apt's own
TIMEOUT_S = 60
GONE = (404, 410)
NEXT_STEP = "set HOMEPORT_DEBIAN_MIRROR to the address of a Debian mirror, or give a base image with --base"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One suite of one mirror."""

    address: str
    suite: str


def sources(apt: Path = APT) -> list[Source]:
    """The suites of Debian 12 that this machine may ask; on another release of Debian, at its mirrors.

    Raises:
        MirrorError: if there is none.
    """
    own = os.environ.get("HOMEPORT_DEBIAN_MIRROR", "").split()
    if own:
        return [Source(address=address.rstrip("/"), suite=suite) for address in own for suite in SUITES]
    patterns = ("sources.list", "sources.list.d/*.list", "sources.list.d/*.sources")
    lists = sorted(path for pattern in patterns for path in apt.glob(pattern))
    listed: dict[Source, None] = {}
    for path in lists:
        text = path.read_text(encoding="utf-8", errors="replace")
        listed |= dict.fromkeys(_paragraphs(text) if path.suffix == ".sources" else _lines(text))
    known = [source for source in listed if urlsplit(source.address).scheme in SCHEMES]
    found = dict.fromkeys(source for source in known if source.suite in SUITES) or dict.fromkeys(
        Source(address=source.address, suite=suite)
        for source in known
        if (suite := re.sub(rf"^{OTHER}(?=$|-)", RELEASE, source.suite)) in SUITES
    )
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
        if len(words) > 3 and "main" in words[3:]:
            yield Source(address=words[1].rstrip("/"), suite=words[2])


def _paragraphs(text: str) -> Iterator[Source]:
    """The deb822 form: fields a paragraph, an empty line between two."""
    for fields in paragraphs(text):
        if "deb" not in fields.get("Types", "").split() or fields.get("Enabled", "yes") == "no":
            continue
        if "main" in fields.get("Components", "").split():
            for address in fields.get("URIs", "").split():
                for suite in fields.get("Suites", "").split():
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


def fetch(path: str, addresses: Sequence[str], sha256: str = "") -> bytes:
    """The first answer of the mirrors for `path`; where a digest is given, the first with that.

    Raises:
        MirrorError: naming what each of them said. DroppedError: each answered, and does not hold it.
    """
    said: list[str] = []
    unreachable = False
    for address in addresses:
        try:
            content = _asked(address, path)
        except (OSError, ValueError, http.client.HTTPException) as error:
            code = error.code if isinstance(error, urllib.error.HTTPError) else 0
            unreachable |= code not in GONE
            said.append(f"{_shown(address)}: {code or error or type(error).__name__}")
            continue
        got = hashlib.sha256(content).hexdigest()
        if sha256 in {"", got}:
            return content
        said.append(f"{_shown(address)}: got sha256 {got}, allowed: {sha256}")
    raise (MirrorError if unreachable else DroppedError)(f"{path}: not on any mirror ({'; '.join(said)})")


def _asked(address: str, path: str) -> bytes:
    """One answer; a connection that breaks is tried again once."""
    parts = urlsplit(address)
    login, _, place = parts.netloc.rpartition("@")
    request = urllib.request.Request(f"{parts._replace(netloc=place).geturl()}/{path}")  # noqa: S310  from apt's lists
    if login:  # to this host only: a redirect does not take it along
        encoded = base64.b64encode(unquote(login).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {encoded}")
    for last in (False, True):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.HTTPError:
            raise
        except (OSError, http.client.HTTPException):
            if last:
                raise
    raise OSError(f"{path}: no answer")


def _shown(address: str) -> str:
    """An address without the login that may be in it."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
