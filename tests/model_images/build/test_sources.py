"""The server's layer holds what the server imports, and nothing else of the project."""

from __future__ import annotations

import ast
from pathlib import Path

from model_images.build.sources import PACKAGE, SERVER_PARTS, model_tree, server_files, server_tree
from tests.model_images.folders import model_folder


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_the_server_imports_nothing_that_is_not_in_its_layer() -> None:
    below = {f"model_images.{part.removesuffix('.py')}" for part in SERVER_PARTS if part != "__init__.py"}
    for file in server_files():
        own = {name for name in imported(PACKAGE / file) if name.split(".")[0] == "model_images"}
        outside = {name for name in own if not any(name == part or name.startswith(f"{part}.") for part in below)}
        assert outside <= {"model_images"}, file


def test_only_the_modules_of_the_server_are_in_the_image() -> None:
    rooms = {name.split("/")[4] for name in server_tree()}
    assert rooms == {"__init__.py", "model_file.py", "contracts", "runtimes", "serve"}


def test_training_evaluation_tests_and_lock_are_not_baked(tmp_path: Path) -> None:
    model_folder(tmp_path)
    for name in ("training/train.py", "evaluation/data.csv", "tests/test_x.py", "requirements.lock", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert sorted(model_tree(tmp_path)) == ["opt/ml/model/model.py", "opt/ml/model/model.yaml"]
