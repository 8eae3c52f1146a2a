"""Building the CLI: what is asked of Go, and how a failure reads. A fake `go` stands for the four minutes."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tools.offline.build import VERSION_VARIABLE, built_cli, pinned_version
from tools.offline.errors import OfflineError
from tools.offline.files import locked, write_whole

BUILDS = 'while [ "$1" != -o ]; do echo "$1" >> "$0.words"; shift; done; echo "#!/bin/sh" > "$2"'


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def use_go(folder: Path, monkeypatch: pytest.MonkeyPatch, *, version: str, build_line: str) -> Path:
    """Puts a `go` on PATH that has this version and builds by this line of shell."""
    go = folder / "bin" / "go"
    go.parent.mkdir()
    go.write_text(f'#!/bin/sh\nif [ "$1" = env ]; then echo {version}; exit 0; fi\n{build_line}\n')
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{go.parent}{os.pathsep}{os.defpath}")
    return go


def test_the_pin_is_a_released_version() -> None:
    assert re.fullmatch(r"v3\.\d+\.\d+", pinned_version())


def test_a_built_cli_is_kept_and_carries_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = use_go(tmp_path, monkeypatch, version="go1.26.1", build_line=BUILDS)
    cli = built_cli()
    assert cli.is_relative_to(tmp_path / "cache" / "homeport" / "engine")
    assert f"{VERSION_VARIABLE}={pinned_version()}" in go.with_name("go.words").read_text()
    go.unlink()
    assert built_cli() == cli


def test_a_missing_go_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OfflineError, match=r"got no `go`.*allowed: Go 1\.26 or newer; install Go from https"):
        built_cli()


def test_an_old_go_is_refused_with_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_go(tmp_path, monkeypatch, version="go1.22.4", build_line=BUILDS)
    with pytest.raises(OfflineError, match=r"too old: go 1\.22\.4; allowed: Go 1\.26 or newer"):
        built_cli()


def test_a_failed_build_shows_why_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_go(tmp_path, monkeypatch, version="go1.26.1", build_line=f"{BUILDS}; echo 'no space left' >&2; exit 1")
    with pytest.raises(OfflineError, match="no space left"):
        built_cli()
    assert [path.name for path in (tmp_path / "cache").rglob("pulumi*")] == []


def test_a_long_build_reports_its_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_go(tmp_path, monkeypatch, version="go1.26.1", build_line=f"sleep 0.4; {BUILDS}")
    built_cli(progress_s=0.1)
    assert "still building the Pulumi CLI: 0 s" in capsys.readouterr().err


def test_a_second_builder_is_told_that_it_waits(tmp_path: Path) -> None:
    told: list[str] = []

    def release() -> None:
        told.append("waiting")
        first.__exit__(None, None, None)

    first = locked(tmp_path / ".lock")
    first.__enter__()
    with locked(tmp_path / ".lock", on_wait=release):
        assert told == ["waiting"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OfflineError, match=r"file/inside/name: cannot be written \(Not a directory\); allowed:"):
        write_whole(tmp_path / "file" / "inside" / "name", "text")
