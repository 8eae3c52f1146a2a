"""The base: its committed locks, and what is made of packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_images.build.debian import base_tree, package_file, read_lock
from model_images.build.errors import LockError, MirrorError
from tests.model_images.build.packages import deb, mirror, row


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEPORT_CACHE", str(tmp_path / "cache"))


def test_both_architectures_lock_the_same_packages() -> None:
    amd64, arm64 = read_lock("amd64"), read_lock("arm64")
    assert [package.name for package in amd64] == [package.name for package in arm64]
    assert {"python3.11-minimal", "libc6", "libgomp1", "ca-certificates"} <= {package.name for package in amd64}


def test_no_shell_and_no_package_manager_is_in_the_base() -> None:
    assert not {"bash", "dash", "dpkg", "apt", "busybox"} & {package.name for package in read_lock("amd64")}


def test_an_architecture_without_a_lock_is_refused() -> None:
    with pytest.raises(LockError, match=r"bookworm-riscv64\.json: .*lock-base"):
        read_lock("riscv64")


def test_a_package_is_fetched_once_and_then_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = deb(tmp_path / "x.deb", {"./usr/x": b"x"})
    with mirror({"pool/x.deb": path.read_bytes()}) as address:
        monkeypatch.setenv("HOMEPORT_DEBIAN_MIRROR", address)
        kept = package_file(row(path), "amd64")
    assert package_file(row(path), "amd64") == kept


def test_a_damaged_package_in_the_cache_is_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = deb(tmp_path / "x.deb", {"./usr/x": b"x"})
    with mirror({"pool/x.deb": path.read_bytes()}) as address:
        monkeypatch.setenv("HOMEPORT_DEBIAN_MIRROR", address)
        package_file(row(path), "amd64").write_bytes(b"damaged")
        assert package_file(row(path), "amd64").read_bytes() == path.read_bytes()


def test_a_version_that_mirrors_dropped_is_told_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = deb(tmp_path / "x.deb", {"./usr/x": b"x"})
    with mirror({}) as address:
        monkeypatch.setenv("HOMEPORT_DEBIAN_MIRROR", address)
        with pytest.raises(MirrorError, match=r"^x 1-1 \(amd64\): pool/x\.deb: not on any mirror .*lock-base"):
            package_file(row(path), "amd64")


def test_a_mirror_with_another_content_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = deb(tmp_path / "x.deb", {"./usr/x": b"x"})
    with mirror({"pool/x.deb": b"other"}) as address:
        monkeypatch.setenv("HOMEPORT_DEBIAN_MIRROR", address)
        with pytest.raises(
            MirrorError, match=r"^x 1-1 \(amd64\): pool/x\.deb: .* got sha256 \w+, allowed: \w+\); .*MIRROR"
        ):
            package_file(row(path), "amd64")


def test_what_scripts_would_have_made_is_made_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = "./usr/share/ca-certificates/mozilla"
    path = deb(tmp_path / "x.deb", {f"{certificates}/b.crt": b"B", f"{certificates}/a.crt": b"A\n", "./lib/l": b""})
    with mirror({"pool/x.deb": path.read_bytes()}) as address:
        monkeypatch.setenv("HOMEPORT_DEBIAN_MIRROR", address)
        tree = base_tree([row(path)], "amd64")
    assert tree["etc/ssl/certs/ca-certificates.crt"].content == b"A\nB\n"
    assert tree["lib"].target == "usr/lib"
    assert tree["tmp"].mode == 0o1777
    assert tree["var/lib/dpkg/status.d/x"].content == b"Package: x\nVersion: 1-1\n"
    assert b"root:x:0:0:" in (tree["etc/passwd"].content or b"")  # pyright: ignore[reportOperatorIssue]


def test_a_network_that_is_down_is_no_reason_to_lock_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEPORT_DEBIAN_MIRROR", "http://127.0.0.1:9/debian")
    with pytest.raises(MirrorError, match="build again when the network is well") as caught:
        package_file(row(deb(tmp_path / "x.deb", {})), "amd64")
    assert "lock-base" not in str(caught.value)
