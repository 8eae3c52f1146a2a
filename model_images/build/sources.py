"""The two layers that change most: the server's code and the model's own files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from model_images.build.cache import files_digest
from model_images.build.errors import BuildError
from model_images.build.layers import Tree, tree_of
from model_images.model_file import NOT_BAKED, baked_files

SERVER_PLACE = "opt/homeport/server"
MODEL_PLACE = "opt/ml/model"
PACKAGE = Path(__file__).parents[1]
# What the server imports; a test walks its imports.
SERVER_PARTS = ("__init__.py", "model_file.py", "serve", "contracts", "runtimes")


def server_files() -> list[Path]:
    """The server's Python files, as paths below the folder of `model_images`."""
    inside = [PACKAGE / part for part in SERVER_PARTS]
    files = [file for part in inside for file in ((part,) if part.is_file() else part.rglob("*.py"))]
    return sorted(file.relative_to(PACKAGE) for file in files)


def server_digest() -> str:
    """One digest over the server's code."""
    return files_digest(PACKAGE, server_files())


def server_tree() -> Tree:
    """The server's code, importable as `model_images`."""
    return tree_of(PACKAGE, server_files(), f"{SERVER_PLACE}/model_images")


def check_folder(folder: Path, output: Path) -> None:
    """Refuses a model folder whose image would not be what the folder shows.

    Raises:
        BuildError: for an output inside it, a link that leads out of it or to a folder, a name that cannot be written.
    """
    root = folder.resolve()
    if output.resolve().is_relative_to(root):
        raise BuildError(f"--output: got {output}; allowed: a folder outside of the model folder {folder}")
    for inside in baked_files(folder):
        path = folder / inside
        if any(sign < " " or sign == "\x7f" or "\ud800" <= sign <= "\udfff" for sign in str(inside)):
            raise BuildError(f"{folder}: got the name {str(inside)!r}; allowed: UTF-8 without control characters")
        if not path.resolve().is_relative_to(root):
            raise BuildError(f"{path}: leads to {path.resolve()}; allowed: files inside {folder}; copy it there")
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_symlink() and path.is_dir() and parts[0] not in NOT_BAKED and not any(p[0] == "." for p in parts):
            raise BuildError(f"{path}: is a link to a folder; allowed: files and folders; copy it there")


def model_tree(folder: Path, files: Sequence[Path]) -> Tree:
    """The given files of a model folder, which are all that are baked, or all but the weights."""
    return tree_of(folder, files, MODEL_PLACE)
