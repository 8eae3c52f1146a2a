"""The two layers that change most: the server's code and the model's own files."""

from __future__ import annotations

from pathlib import Path

from model_images.build.cache import files_digest
from model_images.build.layers import Tree, tree_of
from model_images.model_file import baked_files

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


def model_tree(folder: Path) -> Tree:
    """The model folder without what is not baked."""
    return tree_of(folder, baked_files(folder), MODEL_PLACE)
