"""Which Pulumi CLI is used: an official one that is good enough, else the one built here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.offline.engine import official_cli, parse_version


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def folder_with(folder: Path, *, version: str, host: bool = True) -> Path:
    """A folder that looks like a Pulumi distribution of `version`."""
    folder.mkdir(parents=True)
    programs = {"pulumi": f"echo {version}"} | ({"pulumi-language-python": "exit 0"} if host else {})
    for name, line in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("version", ["v3.259.0", "v3.272.1", "v4.0.0"])
def test_a_recent_official_cli_is_used(tmp_path: Path, version: str) -> None:
    folder = folder_with(tmp_path / "bin", version=version)
    assert official_cli(str(folder)) == folder / "pulumi"


@pytest.mark.parametrize("version", ["v3.258.9", "v2.99.0", "''", "nonsense"])
def test_an_old_or_nameless_cli_is_passed_over(tmp_path: Path, version: str) -> None:
    folder = folder_with(tmp_path / "bin", version=version)
    assert official_cli(str(folder)) is None


def test_a_cli_without_its_language_host_is_passed_over(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "bin", version="v3.259.0", host=False)
    assert official_cli(str(folder)) is None


def test_a_language_host_elsewhere_on_path_will_do(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "shims", version="v3.259.0", host=False)
    other = folder_with(tmp_path / "other", version="v3.259.0")
    search_path = os.pathsep.join([str(folder), str(other)])
    assert official_cli(search_path) == folder / "pulumi"


def test_a_language_host_beside_the_file_that_a_link_points_to_will_do(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "cellar", version="v3.259.0")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").symlink_to(folder / "pulumi")
    assert official_cli(str(tmp_path / "bin")) == tmp_path / "bin" / "pulumi"


def test_our_own_engine_is_never_taken_for_an_official_one(tmp_path: Path) -> None:
    own = folder_with(tmp_path / "another checkout" / ".homeport" / "engine", version="v3.259.0")
    assert official_cli(str(own)) is None


def test_an_upgraded_cli_is_asked_again(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "bin", version="v3.100.0")
    assert official_cli(str(folder)) is None
    (folder / "pulumi").write_text("#!/bin/sh\necho v3.300.0 # newer\n")
    assert official_cli(str(folder)) is not None


@pytest.mark.parametrize(
    ("text", "version"),
    [("v3.259.0\n", (3, 259, 0)), ("3.260.1-alpha.1+dirty", (3, 260, 1)), ("", None), ("3.259", None)],
)
def test_a_version_is_read_whole_or_not_at_all(text: str, version: tuple[int, int, int] | None) -> None:
    assert parse_version(text) == version
