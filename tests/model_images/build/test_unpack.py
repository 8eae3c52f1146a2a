"""An image is unpacked only if it is the one that its digests name."""

from __future__ import annotations

import gzip
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from model_images.build.cache import file_digest
from model_images.build.errors import LayoutError
from model_images.build.layers import Entry, Layer
from model_images.build.reading import blob_path, manifests, read_config
from model_images.build.unpack import Hashed, unpacked
from tests.model_images.build.layouts import small_image, small_layer


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEPORT_CACHE", str(tmp_path / "cache"))


def root_of(layout: Path) -> Path:
    descriptor, manifest = next(manifests(layout))
    return unpacked(layout, descriptor["digest"], manifest, read_config(layout, manifest))


def _directory(name: str, mode: int = 0o755) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode = tarfile.DIRTYPE, mode
    return info


def layer_of(path: Path, *members: tuple[str, bytes, str]) -> Layer:
    """A layer with what the builder itself never writes: (name, content, link target)."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content, target in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.type, info.linkname = (tarfile.SYMTYPE, target) if target else (tarfile.REGTYPE, "")
            archive.addfile(info, io.BytesIO(content))
    return layer_from(path, data.getvalue())


def layer_from(path: Path, tar: bytes) -> Layer:
    """A layer of a tar's bytes."""
    path.with_suffix(".tar").write_bytes(tar)
    path.write_bytes(gzip.compress(tar))
    size = path.stat().st_size
    diff_id = file_digest(path.with_suffix(".tar"))
    return Layer(role="test", path=path, digest=file_digest(path), diff_id=diff_id, size=size)


def test_upper_layers_replace_and_modes_are_kept(tmp_path: Path) -> None:
    lower = small_layer(tmp_path, {"a": Entry(content=b"1"), "tmp": Entry(mode=0o1777)}, "lower")
    upper = small_layer(tmp_path, {"a": Entry(content=b"2", mode=0o755), "l": Entry(target="a")}, "upper")
    small_image(tmp_path / "image", lower, upper)
    root = root_of(tmp_path / "image")
    assert (root / "l").read_bytes() == b"2"
    assert ((root / "a").stat().st_mode & 0o777, (root / "tmp").stat().st_mode & 0o7777) == (0o755, 0o1777)


def test_what_a_layer_takes_away_is_gone(tmp_path: Path) -> None:
    lower = small_layer(tmp_path, {"d/a": Entry(content=b""), "d/b": Entry(content=b""), "e/c": Entry(content=b"")})
    upper = layer_of(tmp_path / "upper.gz", ("d/.wh.a", b"", ""), ("e/.wh..wh..opq", b"", ""))
    small_image(tmp_path / "image", lower, upper)
    root = root_of(tmp_path / "image")
    assert sorted(path.name for path in root.rglob("*")) == ["b", "d", "e"]


def test_a_hard_link_is_the_same_file(tmp_path: Path) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.addfile(_directory("./"))
        info = tarfile.TarInfo("./a")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
        info = tarfile.TarInfo("./b")
        info.type, info.linkname = tarfile.LNKTYPE, "./a"
        archive.addfile(info)
    small_image(tmp_path / "image", layer_from(tmp_path / "layer.gz", data.getvalue()))
    assert (root_of(tmp_path / "image") / "b").read_bytes() == b"x"


def test_a_damaged_layer_is_refused(tmp_path: Path) -> None:
    layer = small_layer(tmp_path)
    small_image(tmp_path / "image", layer)
    blob_path(tmp_path / "image", layer.digest).write_bytes(b"x" * layer.size)
    with pytest.raises(LayoutError, match="missing or damaged"):
        root_of(tmp_path / "image")


def test_a_tar_that_the_config_does_not_name_is_refused(tmp_path: Path) -> None:
    small_image(tmp_path / "image", replace(small_layer(tmp_path), diff_id=f"sha256:{'0' * 64}"))
    with pytest.raises(LayoutError, match=r"its tar has the digest sha256:.*; the image's config names sha256:000"):
        root_of(tmp_path / "image")
    assert not list((tmp_path / "cache/roots").iterdir())


@pytest.mark.parametrize(
    "members",
    [(("../outside", b"x", ""),), (("link", b"", "/"), ("link/outside", b"x", ""))],
    ids=["dots", "through a link"],
)
def test_nothing_is_written_outside_of_the_root(tmp_path: Path, members: tuple[tuple[str, bytes, str], ...]) -> None:
    small_image(tmp_path / "image", layer_of(tmp_path / "layer.gz", *members))
    with pytest.raises(LayoutError, match=r"not a layer: .* leads out of the image"):
        root_of(tmp_path / "image")
    assert not Path("/outside").exists()


def test_what_is_no_gzip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "layer").write_bytes(b"zstd or so")
    digest = file_digest(tmp_path / "layer")
    small_image(tmp_path / "image", Layer(role="x", path=tmp_path / "layer", digest=digest, diff_id=digest, size=10))
    with pytest.raises(LayoutError, match="not a layer"):
        root_of(tmp_path / "image")


@pytest.mark.parametrize("name", [".wh.", ".wh..", ".wh..."])
def test_a_layer_takes_nothing_away_outside_of_the_root(tmp_path: Path, name: str) -> None:
    (tmp_path / "cache/roots/other").mkdir(parents=True)
    small_image(tmp_path / "image", layer_of(tmp_path / "layer.gz", ("a", b"x", ""), (name, b"", "")))
    with pytest.raises(LayoutError, match="takes nothing away"):
        root_of(tmp_path / "image")
    assert (tmp_path / "cache/roots/other").is_dir()


def test_a_directory_in_the_place_of_a_link_changes_no_mode_outside(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir(mode=0o700)
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        info = tarfile.TarInfo("x")
        info.type, info.linkname = tarfile.SYMTYPE, str(tmp_path / "outside")
        archive.addfile(info)
        archive.addfile(_directory("x", 0o777))
    small_image(tmp_path / "image", layer_from(tmp_path / "layer.gz", data.getvalue()))
    assert not (root_of(tmp_path / "image") / "x").is_symlink()
    assert (tmp_path / "outside").stat().st_mode & 0o777 == 0o700


def test_a_file_takes_the_place_of_a_directory(tmp_path: Path) -> None:
    lower = small_layer(tmp_path, {"d/a": Entry(content=b"1")}, "lower")
    small_image(tmp_path / "image", lower, small_layer(tmp_path, {"d": Entry(content=b"2")}, "upper"))
    assert (root_of(tmp_path / "image") / "d").read_bytes() == b"2"


def test_a_layer_that_would_fill_the_disk_ends() -> None:
    with pytest.raises(tarfile.TarError, match="more than this disk has room for"):
        Hashed(io.BytesIO(b"x" * 11), most=10).read()
