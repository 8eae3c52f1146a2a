"""Where the test cluster keeps things: programs for all checkouts of this user, and the state of the one that runs."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """`homeport/cluster` in the user's cache folder, or `HOMEPORT_CLUSTER`."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("HOMEPORT_CLUSTER") or Path(base) / "homeport" / "cluster")


def programs() -> Path:
    """Built programs, a file each, named with the hash of all that they are built from."""
    return home() / "bin"


def running() -> Path:
    """All state of the running cluster: certificates, data, logs, process ids. `down` removes it."""
    return home() / "run"


def kubeconfig() -> Path:
    """For an administrator of the running cluster."""
    return running() / "kubeconfig"
