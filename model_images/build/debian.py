"""The base layer: Debian 12 packages by version and sha256, with Python 3.11 and nothing that a server does not need.

No shell, no package manager, no script of a package is run. What those scripts would have made and Python needs is made
here: the merged /usr, the bundle of certificates, users. Each package's control paragraph is kept where scanners look.
The packages are listed in `base/bookworm-ARCHITECTURE.json`; `python -m model_images lock-base` writes those files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

import msgspec

from model_images.build.cache import cache_folder, file_digest
from model_images.build.debs import MERGED, Deb, read_deb
from model_images.build.errors import DroppedError, LockError, MirrorError
from model_images.build.layers import DIRECTORY, Entry, Tree
from model_images.build.mirrors import fetch, sources
from model_images.whole_files import replace

LOCKS = Path(__file__).parent / "base"
NOBODY = 65534
USERS = f"root:x:0:0:root:/root:/usr/sbin/nologin\nnobody:x:{NOBODY}:{NOBODY}:nobody:/nonexistent:/usr/sbin/nologin\n"
GROUPS = f"root:x:0:\nnogroup:x:{NOBODY}:\n"
BUNDLE = "etc/ssl/certs/ca-certificates.crt"


class Package(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One package of a lock; `path` is where mirrors hold it."""

    name: str
    version: str
    sha256: str
    size: int
    path: str


def lock_path(architecture: str) -> Path:
    """The lock of the base for `amd64` or `arm64`."""
    return LOCKS / f"bookworm-{architecture}.json"


def read_lock(architecture: str) -> list[Package]:
    """The packages of the base.

    Raises:
        LockError: if the lock is not there or not readable.
    """
    path = lock_path(architecture)
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Package])
    except (OSError, msgspec.MsgspecError) as error:
        raise LockError(f"{path}: {error}; run `python -m model_images lock-base`") from error


def write_lock(architecture: str, packages: Sequence[Package]) -> None:
    """Writes the lock, a package a line."""
    lines = [json.dumps(msgspec.to_builtins(package), sort_keys=True) for package in packages]
    replace(lock_path(architecture), ("[\n" + ",\n".join(lines) + "\n]\n").encode())


def base_tree(packages: Sequence[Package], architecture: str) -> Tree:
    """The files of the base.

    Raises:
        MirrorError: if a package is in no cache and on no mirror.
    """
    with ThreadPoolExecutor(8) as threads:
        paths = list(threads.map(package_file, packages, repeat(architecture)))
    tree: Tree = {"tmp": Entry(mode=0o1777), "proc": DIRECTORY, "dev": DIRECTORY, "sys": DIRECTORY}
    for package, path in zip(packages, paths, strict=True):
        deb = read_deb(path)
        tree |= deb.tree
        tree |= _status(package.name, deb)
    return tree | _made_by_scripts(tree)


def package_file(package: Package, architecture: str) -> Path:
    """The package's file in the cache, fetched if it is not there; checked either way."""
    path = cache_folder() / "packages" / f"{package.sha256}.deb"
    if path.is_file() and file_digest(path) == f"sha256:{package.sha256}":
        return path
    what = f"{package.name} {package.version} ({architecture})"
    addresses = list(dict.fromkeys(source.address for source in sources()))
    try:
        content = fetch(package.path, addresses, package.sha256)
    except DroppedError as error:
        raise DroppedError(
            f"{what}: {error}; mirrors drop old versions: run `python -m model_images lock-base` to take today's, "
            "or name a mirror that keeps old ones in HOMEPORT_DEBIAN_MIRROR"
        ) from error
    except MirrorError as error:
        raise MirrorError(
            f"{what}: {error}; build again when the network is well, or name a mirror in HOMEPORT_DEBIAN_MIRROR"
        ) from error
    replace(path, content)
    return path


def _status(name: str, deb: Deb) -> Tree:
    return {f"var/lib/dpkg/status.d/{name}": Entry(content=deb.control.encode())}


def _made_by_scripts(tree: Tree) -> Tree:
    places = {name.split("/")[1] for name in tree if name.startswith("usr/")}
    made: Tree = {name: Entry(target=f"usr/{name}") for name in MERGED if name in places}
    certificates = sorted(name for name in tree if name.startswith("usr/share/ca-certificates/"))
    contents = [entry.content for name in certificates if isinstance((entry := tree[name]).content, bytes)]
    made[BUNDLE] = Entry(content=b"".join(c.rstrip(b"\n") + b"\n" for c in contents))
    made["usr/lib/ssl/cert.pem"] = Entry(target=f"/{BUNDLE}")
    made["usr/lib/ssl/certs"] = Entry(target="/etc/ssl/certs")
    made["etc/passwd"] = Entry(content=USERS.encode())
    made["etc/group"] = Entry(content=GROUPS.encode())
    made["etc/nsswitch.conf"] = Entry(content=b"hosts: files dns\n")
    return made
