"""Which Debian mirrors this machine uses is read from apt's own lists."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from model_images.build.errors import MirrorError
from model_images.build.mirrors import Source, fetch, paragraphs, sources
from tests.model_images.build.packages import mirror

ONE_LINE = """# comment
deb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian/ bookworm main contrib
deb-src http://mirror.test/debian bookworm main
deb http://security.test/debian-security bookworm-security main # end
deb http://other.test/debian trixie main
deb http://other.test/debian bookworm contrib
"""
DEB822 = """Types: deb
# a comment inside
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
Enabled: no
URIs: http://off.test/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://src.test/debian
Suites: bookworm
Components: main
"""


@pytest.fixture(autouse=True)
def _no_own_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOMEPORT_DEBIAN_MIRROR", raising=False)


def test_the_one_line_form_is_read(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(ONE_LINE)
    assert sources(tmp_path) == [
        Source(address="http://mirror.test/debian", suite="bookworm"),
        Source(address="http://security.test/debian-security", suite="bookworm-security"),
    ]


def test_the_deb822_form_is_read(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d/debian.sources").write_text(DEB822)
    assert sources(tmp_path) == [
        Source(address="http://mirror.test/debian", suite="bookworm"),
        Source(address="http://mirror.test/debian", suite="bookworm-updates"),
    ]


def test_the_variable_comes_before_the_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEPORT_DEBIAN_MIRROR", "http://a.test/debian/ http://b.test")
    assert [source.address for source in sources(tmp_path)] == ["http://a.test/debian"] * 3 + ["http://b.test"] * 3


def test_no_mirror_is_told_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(MirrorError, match=r"no Debian mirror: got none .* set HOMEPORT_DEBIAN_MIRROR .* --base"):
        sources(tmp_path)


def test_a_field_goes_on_in_indented_lines() -> None:
    assert list(paragraphs("A: 1\nB:\n one\n two\n\nA: 2\n")) == [{"A": "1", "B": "\none\ntwo"}, {"A": "2"}]


def test_the_next_mirror_is_asked_where_one_has_not_got_it() -> None:
    with mirror({}) as empty, mirror({"pool/x": b"content"}) as full:
        assert fetch("pool/x", [empty, full]) == b"content"


def test_what_each_mirror_said_is_told() -> None:
    with mirror({}) as empty, pytest.raises(MirrorError, match=r"pool/x: not on any mirror \(http://127.*: 404\)"):
        fetch("pool/x", [empty])


def test_another_release_of_debian_asks_its_own_mirrors_for_this_one(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(
        "deb cdrom:[disk] trixie main\ndeb http://a.test/debian trixie main\ndeb http://s.test trixie-security main\n"
        "deb http://u.test/ubuntu noble main\n"
    )
    assert sources(tmp_path) == [
        Source(address="http://a.test/debian", suite="bookworm"),
        Source(address="http://s.test", suite="bookworm-security"),
    ]


def test_the_next_mirror_is_asked_where_one_has_another_content() -> None:
    digest = hashlib.sha256(b"right").hexdigest()
    with mirror({"pool/x": b"wrong"}) as one, mirror({"pool/x": b"right"}) as other:
        assert fetch("pool/x", [one, other], digest) == b"right"


def test_a_login_in_an_address_is_used_and_never_shown() -> None:
    asked: list[str | None] = []
    with mirror({}, asked) as address, pytest.raises(MirrorError) as caught:
        fetch("pool/x", [address.replace("://", "://me:a%20secret@")])
    assert asked == [f"Basic {base64.b64encode(b'me:a secret').decode()}"]
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["http://127.0.0.1:port/debian", "no address", "http://127.0.0.1:9"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(MirrorError, match=r"pool/x: not on any mirror \("):
        fetch("pool/x", [address])


def test_an_answer_that_breaks_off_is_asked_for_again_and_then_told() -> None:
    with mirror({"pool/x": b"content"}, cut=True) as address, pytest.raises(MirrorError, match="IncompleteRead"):
        fetch("pool/x", [address])
