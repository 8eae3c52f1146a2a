"""The stand-ins' safety: they run only in an offline environment, on state that lies under `.homeport`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit


class NotOffline(Exception):
    """This is no offline environment that could be served; the text says what to do."""


def store_path(environment: Mapping[str, str]) -> Path:
    """Where the stand-in cloud is kept. Raises `NotOffline` unless everything says that this is no real state.

    Wanted: HOMEPORT_OFFLINE=1, HOMEPORT_CLOUD, and a PULUMI_BACKEND_URL that is a `file://` folder under `.homeport`.
    """
    backend = environment.get("PULUMI_BACKEND_URL", "")
    cloud = environment.get("HOMEPORT_CLOUD", "")
    url = urlsplit(backend)
    problems = {
        "HOMEPORT_OFFLINE is not 1": environment.get("HOMEPORT_OFFLINE") != "1",
        f"PULUMI_BACKEND_URL is {backend or 'not set'}, want file://.../.homeport/...": url.scheme != "file"
        or ".homeport" not in Path(unquote(url.path)).resolve().parts,
        "HOMEPORT_CLOUD names no file under .homeport": ".homeport" not in Path(cloud).resolve().parts,
    }
    found = [text for text, wrong in problems.items() if wrong]
    if found:
        raise NotOffline(
            f"the stand-in providers refuse to start: {'; '.join(found)}. They serve offline environments only: "
            'eval "$(make -s env STACK=...)" for one, or use a PULUMI_HOME without them'
        )
    return Path(cloud).resolve()
