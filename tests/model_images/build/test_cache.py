"""What the builder keeps: used again if it is whole, made again if not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from model_images.build.cache import cache_folder, cached_folder, cached_layer, files_digest, key_of
from model_images.build.layers import Entry, Tree


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEPORT_CACHE", str(tmp_path / "cache"))


def tree() -> Tree:
    return {"file": Entry(content=b"text")}


def never() -> Tree:
    raise AssertionError("made again")


def test_a_layer_is_made_once() -> None:
    made = cached_layer("model", "key", tree)
    assert cached_layer("model", "key", never) == made


def test_a_damaged_layer_is_made_again() -> None:
    made = cached_layer("model", "key", tree)
    made.path.write_bytes(b"damaged")
    assert cached_layer("model", "key", tree) == made


def test_a_damaged_note_is_no_obstacle() -> None:
    made = cached_layer("model", "key", tree)
    made.path.with_name("key.json").write_text("[")
    assert cached_layer("model", "key", tree) == made


def test_a_fill_that_fails_leaves_nothing() -> None:
    def fill(folder: Path) -> None:
        (folder / "half").write_text("")
        raise OSError("disk is full")

    with pytest.raises(OSError, match="disk is full"):
        cached_folder("things", "key", fill)
    assert not list((cache_folder() / "things").iterdir())


def test_two_parts_are_not_one() -> None:
    assert key_of("ab", "c") != key_of("a", "bc")


def test_the_users_cache_folder_is_used_where_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOMEPORT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "homeport/images"


def test_what_nobody_used_for_a_month_is_removed() -> None:
    old, used = cached_folder("things", "old", Path.touch), cached_folder("things", "used", Path.touch)
    for path in (old, used):
        os.utime(path, (0, 0))
    cached_folder("things", "used", Path.touch)
    cached_folder("things", "new", Path.touch)
    assert sorted(path.name for path in old.parent.iterdir()) == ["new", "used"]


def test_a_program_that_becomes_a_plain_file_is_another_input(tmp_path: Path) -> None:
    (tmp_path / "program").write_text("#!")
    found = set[str]()
    for mode in (0o755, 0o644):
        (tmp_path / "program").chmod(mode)
        found.add(files_digest(tmp_path, [Path("program")]))
    assert len(found) == 2
