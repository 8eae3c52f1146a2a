"""Bytecode beside every Python file of an image: without it each start would compile hundreds of files.

Compiled by the base's own Python, so that its bytes depend on the base and the sources alone, and never checked against
the sources' times (PEP 552, unchecked): those are all 0 in a layer.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

from model_images.build.cache import cached_folder, key_of
from model_images.build.debian import Package, base_tree
from model_images.build.errors import BuildError
from model_images.build.layers import Entry, Tree
from model_images.build.platforms import PLATFORMS

# Files a process: fixed, since what a process compiled before may show in the next file's bytes.
FILES_A_PROCESS = 250
COMPILER = """
import sys, marshal, _imp
from importlib._bootstrap_external import MAGIC_NUMBER, _RAW_MAGIC_NUMBER
for line in sys.stdin.read().splitlines():
    source_path, image_path, written_path = line.split("\\t")
    with open(source_path, "rb") as file:
        source = file.read()
    try:
        code = compile(source, image_path, "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError):
        continue
    with open(written_path, "wb") as file:
        file.write(MAGIC_NUMBER + (1).to_bytes(4, "little"))
        file.write(_imp.source_hash(_RAW_MAGIC_NUMBER, source) + marshal.dumps(code))
"""


def with_bytecode(tree: Tree, packages: Sequence[Package], architecture: str) -> Tree:
    """`tree` and the bytecode of its Python files; those that do not compile (templates) go without."""
    root = interpreter(packages, architecture)
    names = sorted(name for name, entry in tree.items() if name.endswith(".py") and entry.content is not None)
    parts = [names[begin : begin + FILES_A_PROCESS] for begin in range(0, len(names), FILES_A_PROCESS)]
    with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor() as threads:
        found = list(threads.map(_compile, parts, repeat(tree), repeat(root), repeat(Path(work))))
    return tree | {name: entry for part in found for name, entry in part.items()}


def _compile(names: Sequence[str], tree: Tree, root: Path, work: Path) -> Tree:
    folder = Path(tempfile.mkdtemp(dir=work))
    lines: list[str] = []
    for place, name in enumerate(names):
        content = tree[name].content
        source = content if isinstance(content, Path) else folder / f"{place}.py"
        if isinstance(content, bytes):
            source.write_bytes(content)
        lines.append(f"{source.absolute()}\t/{name}\t{folder / f'{place}.pyc'}")
    done = subprocess.run(
        [*_command(root), "-I", "-S", "-X", "utf8", "-W", "ignore", "-c", COMPILER],
        input="\n".join(lines).encode(),
        env={},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise BuildError(f"the base's Python cannot compile: {said}; delete the builder's cache and build again")
    written = {name: folder / f"{place}.pyc" for place, name in enumerate(names)}
    return {_cached_name(name): Entry(content=path.read_bytes()) for name, path in written.items() if path.is_file()}


def _cached_name(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/__pycache__/{file.removesuffix('.py')}.cpython-311.pyc"


def interpreter(packages: Sequence[Package], architecture: str) -> Path:
    """The base unpacked in the cache, for this machine to run its Python."""
    key = key_of(architecture, *(package.sha256 for package in packages))
    return cached_folder("interpreters", key, lambda folder: unpack(base_tree(packages, architecture), folder))


def unpack(tree: Tree, folder: Path) -> None:
    """Writes a tree into a folder; links that lead to absolute places stay as they are."""
    for name, entry in sorted(tree.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.target:
            path.symlink_to(entry.target)
        elif entry.content is None:
            path.mkdir(exist_ok=True)
        elif isinstance(entry.content, Path):
            shutil.copyfile(entry.content, path)
        else:
            path.write_bytes(entry.content)
            path.chmod(entry.mode)


def _command(root: Path) -> list[str]:
    machine = next(known.machine for known in PLATFORMS.values() if known.machine == platform.machine())
    libraries = root / f"usr/lib/{machine}-linux-gnu"
    loader = next(libraries.glob("ld-linux-*.so.*"))
    return [str(loader), "--inhibit-cache", "--library-path", str(libraries), str(root / "usr/bin/python3.11")]
