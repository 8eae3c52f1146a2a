"""Debian packages read in Python: the ar archive, its control and its data, without dpkg, root or any script run."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

from model_images.build.errors import BuildError
from model_images.build.layers import DIRECTORY_MODE, Entry, Tree

MAGIC = b"!<arch>\n"
HEADER_BYTES = 60
# Debian 12 is merged into /usr; its packages still name the old places.
MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
# Nothing of these is read by a server; the licences (usr/share/doc/*/copyright) stay.
LEFT_OUT = tuple(f"usr/share/{name}/" for name in ("bug", "doc", "info", "lintian", "locale", "man"))


@dataclass(frozen=True, kw_only=True)
class Deb:
    """One package's control paragraph and its files."""

    control: str
    tree: Tree


def read_deb(path: Path) -> Deb:
    """The content of a .deb file.

    Raises:
        BuildError: if it is none, or is compressed in a way that Debian 12 does not use.
    """
    members = _ar_members(path)
    control = _tar(path, members, "control.tar")
    data = _tar(path, members, "data.tar")
    paragraph = next((control.extractfile(m) for m in control if m.name.removeprefix("./") == "control"), None)
    if paragraph is None:
        raise BuildError(f"{path}: control.tar holds no file named control; delete the file and build again")
    return Deb(control=paragraph.read().decode("utf-8"), tree=_tree(data))


def _ar_members(path: Path) -> dict[str, bytes]:
    content = path.read_bytes()
    if not content.startswith(MAGIC):
        raise BuildError(f"{path}: not a Debian package (no ar archive); delete the file and build again")
    members: dict[str, bytes] = {}
    place = len(MAGIC)
    while place + HEADER_BYTES <= len(content):
        header = content[place : place + HEADER_BYTES]
        name, size = header[:16].decode("ascii").strip().rstrip("/"), int(header[48:58])
        begin = place + HEADER_BYTES
        members[name] = content[begin : begin + size]
        place = begin + size + size % 2
    return members


def _tar(path: Path, members: dict[str, bytes], stem: str) -> tarfile.TarFile:
    name = next((name for name in members if name.startswith(stem)), stem)
    try:
        return tarfile.open(fileobj=io.BytesIO(members[name]), mode="r:*")
    except (KeyError, tarfile.ReadError) as error:
        held = ", ".join(members) or "nothing"
        raise BuildError(f"{path}: {name} is not readable (holds {held}); allowed: tar, gz, bz2 or xz") from error


def _tree(data: tarfile.TarFile) -> Tree:
    tree: Tree = {}
    for member in data:
        name = _merged(member.name.removeprefix("./").strip("/"))
        if not name or name in MERGED:
            continue
        if name.startswith(LEFT_OUT) and not name.endswith("/copyright"):
            continue
        if member.issym():
            tree[name] = Entry(target=member.linkname)
        elif member.islnk():
            tree[name] = tree[_merged(member.linkname.removeprefix("./"))]
        elif member.isdir():
            tree[name] = Entry(mode=member.mode & 0o1777 | DIRECTORY_MODE)
        elif member.isfile() and (file := data.extractfile(member)) is not None:
            tree[name] = Entry(content=file.read(), mode=0o755 if member.mode & 0o111 else 0o644)
    return tree


def _merged(name: str) -> str:
    return f"usr/{name}" if name.split("/")[0] in MERGED else name
