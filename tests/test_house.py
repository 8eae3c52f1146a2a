"""The walls of the house: arrows between rooms, house rules that a machine can see."""

from __future__ import annotations

import ast
import fnmatch
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {
    "__main__.py": ("stacks",),
    "stacks": ("stacks", "components"),
    "components": ("components",),
    "policies": ("policies", "components.places"),
    "model_images": ("model_images",),
    "fleet": ("fleet", "stacks.settings", "stacks.contracts"),
    "tools": (
        "tools",
        "stacks",
        "components",
        "policies",
        "model_images.serve.settings",
        "model_images.model_file",
        "model_images.build.frameworks",
    ),
}
OURS = {"stacks", "components", "policies", "model_images", "fleet", "tools", "tests", "benchmarks"}


def tracked(pattern: str) -> list[Path]:
    """Files of the project that match, whether or not they are committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        ROOT / name for name in listed.stdout.splitlines() if fnmatch.fnmatch(name, pattern) and (ROOT / name).is_file()
    ]


def imports(path: Path) -> set[str]:
    """Dotted names of all that a file imports, wherever in the file it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert node.level == 0, f"{path}: relative import"
            found.update({module} | {f"{module}.{alias.name}" for alias in node.names})
    return found


def arrows_that_run_back(room: str, path: Path) -> list[str]:
    allowed = ROOMS[room]
    inside = {name for name in imports(path) if name.split(".")[0] in OURS}
    prefixes = {".".join(wanted.split(".")[:depth]) for wanted in allowed for depth in (1, 2)}
    return sorted(
        name
        for name in inside
        if name not in prefixes and not any(name == a or name.startswith(f"{a}.") for a in allowed)
    )


@pytest.mark.parametrize("room", ROOMS)
def test_no_arrow_runs_back(room: str) -> None:
    files = [ROOT / room] if room.endswith(".py") else tracked(f"{room}/*.py")
    assert files
    assert {str(f.relative_to(ROOT)): back for f in files if (back := arrows_that_run_back(room, f))} == {}


def test_an_arrow_that_runs_back_is_seen(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from stacks.settings import load_stack\nfrom components.places import DEFAULT_TABLE\n")
    assert arrows_that_run_back("policies", wrong) == ["stacks.settings", "stacks.settings.load_stack"]


def test_pure_modules_need_only_the_standard_library() -> None:
    for path in (ROOT / "components").glob("*.py"):
        foreign = {name for name in imports(path) if re.match(r"pulumi|yaml|pydantic", name)}
        assert foreign == set(), path


@pytest.mark.parametrize(("cloud", "other"), [("aws", "pulumi_gcp"), ("gcp", "pulumi_aws")])
def test_a_file_of_one_cloud_imports_no_other_cloud(cloud: str, other: str) -> None:
    for path in tracked("*.py"):
        if path.stem.split("_")[0] == cloud and not path.is_relative_to(ROOT / "tests"):
            assert not any(name.split(".")[0] == other for name in imports(path)), path


def test_provider_classes_stay_in_components_and_kits() -> None:
    for path in tracked("stacks/*.py"):
        if path.parent.name != "kits":
            assert not any(name.split(".")[0] in {"pulumi_aws", "pulumi_gcp"} for name in imports(path)), path


def test_every_test_file_is_collected() -> None:
    files = tracked("tests/*.py")
    assert len(files) > 20
    for path in files:
        holds_tests = re.search(r"^(async )?def test_|^class Test", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert not holds_tests or path.name.startswith("test_"), f"{path} holds tests that pytest does not collect"


def test_files_fit_in_the_head() -> None:
    long = {str(p.relative_to(ROOT)): n for p in tracked("*.py") if (n := len(p.read_text().splitlines())) > 300}
    assert long == {}


def test_no_folder_or_module_is_a_drawer_for_anything() -> None:
    drawers = {"utils", "helpers", "common", "misc", "manager"}
    assert [path for path in tracked("*.py") if drawers & {path.stem, *path.relative_to(ROOT).parts}] == []


def test_nothing_is_caught_wholesale_and_nothing_asserted_of_user_input() -> None:
    for path in tracked("*.py"):
        if "tests" in path.relative_to(ROOT).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            assert not isinstance(node, ast.Assert), f"{where}: assert"
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "everything"
                assert caught not in {"everything", "Exception", "BaseException"}, f"{where}: catches {caught}"


def test_type_tokens_of_components_are_unique_and_follow_the_pattern() -> None:
    tokens = [
        t for p in tracked("components/*.py") for t in re.findall(r'super\(\).__init__\(\s*"([^"]+)"', p.read_text())
    ]
    assert len(tokens) == len(set(tokens)) > 5
    assert [t for t in tokens if not re.fullmatch(r"homeport:[a-z_]+:[A-Z][A-Za-z]+", t)] == []
