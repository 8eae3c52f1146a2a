"""Layers: the same bytes from the same content, whatever else differs."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from model_images.build.cache import file_digest
from model_images.build.layers import MEMBER_BYTES, Entry, Tree, tree_of, write_layer

TREE: Tree = {
    "b/file": Entry(content=b"text"),
    "a/program": Entry(content=b"#!", mode=0o755),
    "a/link": Entry(target="program"),
    f"long/{'x' * 150}": Entry(content=b""),
}


def members(path: Path) -> list[tarfile.TarInfo]:
    with tarfile.open(path) as archive:
        return archive.getmembers()


def test_names_are_sorted_and_parents_come_first(tmp_path: Path) -> None:
    layer = write_layer(TREE, tmp_path / "layer", "test")
    names = [member.name for member in members(layer.path)]
    assert names == ["a", "a/link", "a/program", "b", "b/file", "long", f"long/{'x' * 150}"]


def test_nothing_tells_who_built_it_and_when(tmp_path: Path) -> None:
    layer = write_layer(TREE, tmp_path / "layer", "test")
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members(layer.path)} == {(0, 0, "", "", 0)}


def test_digest_diff_id_and_size_are_those_of_the_bytes(tmp_path: Path) -> None:
    layer = write_layer(TREE, tmp_path / "layer", "test")
    (tmp_path / "tar").write_bytes(gzip.decompress(layer.path.read_bytes()))
    assert layer.digest == file_digest(layer.path)
    assert layer.diff_id == file_digest(tmp_path / "tar")
    assert layer.size == layer.path.stat().st_size


def test_the_machines_files_differ_in_time_place_and_mask_but_the_layer_does_not(tmp_path: Path) -> None:
    digests: list[str] = []
    for name, mask in (("one", 0o022), ("two", 0o077)):
        folder = tmp_path / name
        before = os.umask(mask)
        try:
            (folder / "inside").mkdir(parents=True)
            (folder / "inside/file").write_text("same")
            (folder / "program").write_text("same")
            (folder / "program").chmod(0o700 if mask == 0o077 else 0o755)
        finally:
            os.umask(before)
        os.utime(folder / "inside/file", (mask, mask))
        tree = tree_of(folder, [Path("inside/file"), Path("program")], "opt")
        digests.append(write_layer(tree, tmp_path / f"{name}.gz", "test").digest)
    assert digests[0] == digests[1]


def test_a_file_over_several_members_comes_out_whole(tmp_path: Path) -> None:
    content = os.urandom(1 << 20) * 9 + b"end"
    assert len(content) > 2 * MEMBER_BYTES
    (tmp_path / "file").write_bytes(content)
    layer = write_layer({"file": Entry(content=tmp_path / "file")}, tmp_path / "layer", "test")
    with tarfile.open(layer.path) as archive:
        read = archive.extractfile("file")
        assert read is not None
        assert read.read() == content


def test_special_modes_of_the_base_stay(tmp_path: Path) -> None:
    layer = write_layer({"tmp": Entry(mode=0o1777)}, tmp_path / "layer", "test")
    assert members(layer.path)[0].mode == 0o1777


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.lists(st.text("abcé. -_", min_size=1, max_size=60), min_size=1, max_size=4).map("/d/".join), st.binary()
    )
)
def test_whatever_is_written_is_read_again(tree: dict[str, bytes]) -> None:
    import tempfile

    tree = {
        name: content
        for name, content in tree.items()
        if ".." not in name and not any(other.startswith(f"{name}/") for other in tree) and name.strip(". /")
    }
    with tempfile.TemporaryDirectory() as work:
        layer = write_layer({name: Entry(content=c) for name, c in tree.items()}, Path(work) / "layer", "test")
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(layer.path.read_bytes()))) as archive:
            found = {m.name: archive.extractfile(m) for m in archive if m.isfile()}
            assert {name: file.read() for name, file in found.items() if file} == tree
