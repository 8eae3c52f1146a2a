"""Resolving the base anew, from indexes that Debian signed."""

from __future__ import annotations

import pytest

from model_images.build.debian_lock import NOT_TAKEN, ROOTS, resolve
from model_images.build.errors import MirrorError
from model_images.build.mirrors import sources
from tests.model_images.build.packages import mirror


def test_nothing_is_asked_for_and_left_out_at_once() -> None:
    assert not set(ROOTS) & NOT_TAKEN.keys()


def test_an_index_that_debian_did_not_sign_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    forged = {f"dists/bookworm{end}/InRelease": b"SHA256:\n" for end in ("", "-updates", "-security")}
    with mirror(forged) as address:
        monkeypatch.setenv("HOMEPORT_DEBIAN_MIRROR", address)
        with pytest.raises(MirrorError, match=r"InRelease is not signed by Debian|needs gpgv"):
            resolve("amd64")


def test_a_suite_that_no_mirror_holds_is_told_since_fixes_would_be_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    with mirror({}) as address:
        monkeypatch.setenv("HOMEPORT_DEBIAN_MIRROR", address)
        with pytest.raises(MirrorError, match=r"^bookworm: .* name a mirror that holds it too"):
            resolve("amd64")


@pytest.mark.slow
def test_mirrors_named_by_hand_need_not_each_hold_every_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    here = resolve("amd64")
    addresses = dict.fromkeys(source.address for source in sources())
    monkeypatch.setenv("HOMEPORT_DEBIAN_MIRROR", " ".join(addresses))
    assert resolve("amd64") == here


@pytest.mark.slow
def test_the_machines_mirror_resolves_both_architectures() -> None:
    amd64, arm64 = resolve("amd64"), resolve("arm64")
    assert [package.name for package in amd64] == [package.name for package in arm64]
    assert "libpython3.11-stdlib" in {package.name for package in amd64}
