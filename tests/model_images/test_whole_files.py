"""A file is its old content or its new, and nothing half-written stays beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_images.whole_files import beside, replace


def test_a_file_is_made_with_its_folder_and_replaced_in_place(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    replace(path, b"old")
    replace(path, b"new", mode=0o600)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_what_fails_on_the_way_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace(path, b"old")
    with pytest.raises(OSError, match="full"), beside(path) as work:  # noqa: PT012  the write and what ends it
        work.write_bytes(b"ne")
        raise OSError("full")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
