"""Debian packages are read without dpkg."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from model_images.build.debs import read_deb
from model_images.build.errors import BuildError
from tests.model_images.build.packages import ar, deb, tar


def test_files_control_and_merged_places_are_read(tmp_path: Path) -> None:
    path = deb(tmp_path / "a.deb", {"./lib/x/libx.so": b"so", "./bin/program": b"#!", "./usr/share/x": b"x"})
    read = read_deb(path)
    assert read.control.startswith("Package: x\n")
    assert {name for name, entry in read.tree.items() if entry.content is not None} == {
        "usr/lib/x/libx.so",
        "usr/bin/program",
        "usr/share/x",
    }


def test_manuals_are_left_out_and_licences_kept(tmp_path: Path) -> None:
    files = {"./usr/share/man/man1/x": b"", "./usr/share/doc/x/changelog": b"", "./usr/share/doc/x/copyright": b"MIT"}
    assert [n for n, e in read_deb(deb(tmp_path / "a.deb", files)).tree.items() if e.content is not None] == [
        "usr/share/doc/x/copyright"
    ]


def test_links_are_kept_and_a_hard_link_is_a_copy(tmp_path: Path) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, kind, target, content in (
            ("./usr/a", tarfile.REGTYPE, "", b"text"),
            ("./usr/b", tarfile.LNKTYPE, "./usr/a", b""),
            ("./usr/c", tarfile.SYMTYPE, "a", b""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, target, len(content)
            archive.addfile(info, io.BytesIO(content))
    control = tar({"./control": b"Package: x\n"})
    path = tmp_path / "a.deb"
    path.write_bytes(ar({"debian-binary": b"2.0\n", "control.tar.xz": control, "data.tar.gz": data.getvalue()}))
    tree = read_deb(path).tree
    assert (tree["usr/b"].content, tree["usr/c"].target) == (b"text", "a")


def test_set_user_bits_are_dropped(tmp_path: Path) -> None:
    assert read_deb(deb(tmp_path / "a.deb", {"./usr/bin/su": b""}, mode=0o4755)).tree["usr/bin/su"].mode == 0o755


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.deb").write_bytes(b"<html>")
    with pytest.raises(BuildError, match=r"a\.deb: not a Debian package"):
        read_deb(tmp_path / "a.deb")


def test_a_compression_that_debian_12_does_not_use_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.deb"
    path.write_bytes(ar({"debian-binary": b"2.0\n", "control.tar.zst": b"\x28\xb5\x2f\xfd", "data.tar.zst": b""}))
    with pytest.raises(BuildError, match=r"control\.tar\.zst is not readable .*allowed: tar, gz, bz2 or xz"):
        read_deb(path)


def test_a_member_of_an_odd_length_is_padded(tmp_path: Path) -> None:
    parts = {"control.tar.gz": tar({"./control": b"Package: x\n"}), "data.tar.gz": tar({"./usr/a": b"a"})}
    path = tmp_path / "a.deb"
    path.write_bytes(ar({"debian-binary": b"2.0\n", "_gpgorigin": b"odd", **parts}))
    assert read_deb(path).tree["usr/a"].content == b"a"
