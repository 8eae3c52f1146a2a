"""The builder's cache on this machine: layers and trees by what they are made from, packages by their sha256.

In `HOMEPORT_CACHE`, else `homeport/images` in the user's cache folder. What no build used for a month is removed;
anything in it may be deleted at any time, and a damaged layer is found by its digest and made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from model_images.build.layers import Layer, Tree, is_program, write_layer

KEPT_S = 30 * 24 * 3600


def cache_folder() -> Path:
    """Where this user's builds keep what they can use again."""
    own = os.environ.get("HOMEPORT_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(own) if own else base / "homeport" / "images"


def key_of(*inputs: str) -> str:
    """One key for what is made from `inputs` by this version of the builder (its own source counts)."""
    whole = hashlib.sha256(builder_digest().encode())
    for part in inputs:
        whole.update(f"{len(part)}:{part}".encode())
    return whole.hexdigest()


def cached_layer(role: str, key: str, make: Callable[[], Tree]) -> Layer:
    """The layer under `key`, written from `make()` if the cache does not hold it whole."""
    folder = cache_folder() / "layers"
    path, told = folder / f"{key}.tar.gz", folder / f"{key}.json"
    with suppress(OSError, ValueError, KeyError):
        facts = json.loads(told.read_text(encoding="utf-8"))
        if file_digest(path) == facts["digest"]:
            os.utime(path)
            os.utime(told)
            size = path.stat().st_size
            return Layer(role=role, path=path, size=size, digest=facts["digest"], diff_id=facts["diff_id"])
    _trim(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        layer = write_layer(make(), Path(work) / "layer", role)
        layer.path.replace(path)
        note = Path(work) / "note"
        note.write_text(json.dumps({"digest": layer.digest, "diff_id": layer.diff_id}), encoding="utf-8")
        note.replace(told)
    return Layer(role=role, path=path, size=layer.size, digest=layer.digest, diff_id=layer.diff_id)


def cached_folder(kind: str, key: str, fill: Callable[[Path], None]) -> Path:
    """A folder under `key` that `fill` wrote once; a fill that fails leaves nothing behind."""
    path = cache_folder() / kind / key
    if path.is_dir():
        os.utime(path)
        return path
    _trim(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=path.parent))
    try:
        fill(work)
        with suppress(OSError):  # another build was quicker: its folder holds the same
            work.rename(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return path


def _trim(folder: Path) -> None:
    """Removes what no build has used for a month."""
    long_ago = time.time() - KEPT_S
    for path in folder.glob("*"):
        with suppress(OSError):  # another build's trim may be at it, and another user's files are not ours
            if path.stat().st_mtime < long_ago:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def file_digest(path: Path) -> str:
    """`sha256:` and the digest of a file's content."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def files_digest(folder: Path, files: Iterable[Path]) -> str:
    """One digest over names, x bits and contents of the given files of a folder."""
    lines = [f"{file_digest(folder / f)} {is_program(folder / f):d} {f.as_posix()}\n" for f in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def builder_digest() -> str:
    """One digest over the builder's own source."""
    folder = Path(__file__).parent
    return files_digest(folder, sorted(Path(path.name) for path in folder.glob("*.py")))
