"""The server's layer holds what the server imports, and nothing else of the project."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from model_images.build.errors import BuildError
from model_images.build.sources import PACKAGE, SERVER_PARTS, check_folder, model_tree, server_files, server_tree
from model_images.model_file import baked_files
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
    assert sorted(model_tree(tmp_path, baked_files(tmp_path))) == ["opt/ml/model/model.py", "opt/ml/model/model.yaml"]


def refused(tmp_path: Path, output: str = "image") -> str:
    """What is said of the folder `model`."""
    with pytest.raises(BuildError) as caught:
        check_folder(tmp_path / "model", tmp_path / output)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    model_folder(tmp_path / "model")
    return tmp_path / "model"


def test_spaces_letters_of_any_script_and_links_inside_are_no_obstacle(tmp_path: Path, folder: Path) -> None:
    (folder / "a b \u00fc \u6a21").write_text("")
    (folder / "link").symlink_to("model.py")
    check_folder(folder, tmp_path / "image")


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path, folder: Path) -> None:
    (folder / "password").symlink_to("/etc/passwd")
    assert "leads to /etc/passwd; allowed: files inside" in refused(tmp_path)


def test_a_link_to_a_folder_is_refused_and_not_left_out(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "weights").mkdir()
    (folder / "weights").symlink_to(tmp_path / "weights")
    assert "is a link to a folder" in refused(tmp_path)


@pytest.mark.parametrize("name", ["a\nb", "a\udcff"])
def test_a_name_that_no_listing_can_show_is_refused(tmp_path: Path, folder: Path, name: str) -> None:
    (folder / name).write_text("")
    assert "allowed: UTF-8 without control characters" in refused(tmp_path)


def test_an_image_is_not_written_into_its_own_model_folder(tmp_path: Path, folder: Path) -> None:
    assert "allowed: a folder outside of the model folder" in refused(tmp_path, "model/image")
