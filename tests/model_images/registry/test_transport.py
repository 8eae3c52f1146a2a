"""Logins, tokens, redirects, and where no login may go."""

from __future__ import annotations

import base64
import socket
import threading
import time
from pathlib import Path

import pytest

from model_images.registry.authorization import Challenge, parse_challenge
from model_images.registry.credentials import Login
from model_images.registry.errors import NotThere, Refused, Unreachable
from model_images.registry.reference import parse_reference
from model_images.registry.repository import Repository
from model_images.registry.transport import Patience, Transport
from tests.model_images.registry.asking import SOON, repository
from tests.model_images.registry.layouts import layout
from tests.model_images.registry.memory_registry import MemoryRegistry, memory_registry
from tests.model_images.registry.registries import Asked, free_port, proxy, registry
from tests.model_images.registry.test_push import pushed


def logged_in(host: str, login: Login | None) -> Repository:
    return Repository(parse_reference(f"{host}/models/fraud"), Transport(host, SOON, lambda _: login))


def test_a_bearer_token_is_asked_for_with_the_login(tmp_path: Path) -> None:
    layout(tmp_path / "image")
    with memory_registry(token=True) as server:
        pushed(tmp_path / "image", logged_in(server.host, Login(user="me", secret="mine")))
        assert server.token_logins[0] == "Basic " + base64.b64encode(b"me:mine").decode()
        assert {"repository:models/fraud:pull,push"} <= {ask["scope"][0] for ask in server.token_asks}
        assert server.token_asks[0]["service"] == ["tests"]


def test_a_token_is_kept_while_it_lasts(tmp_path: Path) -> None:
    layout(tmp_path / "image")
    with memory_registry(token=True) as server:
        target = logged_in(server.host, None)
        for _ in range(5):
            target.holds_blob("sha256:" + "0" * 64)
        assert len(server.token_asks) == 1


def test_an_expired_token_is_renewed_in_mid_push(tmp_path: Path) -> None:
    layout(tmp_path / "image", [b"one" * 1000, b"two"])
    with memory_registry(token=True) as server:
        target = logged_in(server.host, Login(user="me", secret="mine"))

        once = iter([True])

        def expires(asked: Asked) -> bool:
            if asked.method == "PATCH" and next(once, False):
                server.valid_tokens.clear()
            return False

        with proxy(server.host, expires) as between:
            target = logged_in(between.host, Login(user="me", secret="mine"))
            assert pushed(tmp_path / "image", target).sent == 5
        assert len(server.token_asks) >= 3


def test_an_identity_token_is_exchanged_as_the_specification_says() -> None:
    with memory_registry(token=True) as server:
        logged_in(server.host, Login(identity_token="refresh me")).holds_blob("sha256:" + "0" * 64)
        assert server.token_asks[0]["grant_type"] == ["refresh_token"]
        assert server.token_asks[0]["refresh_token"] == ["refresh me"]


def test_a_token_server_in_the_open_is_not_told_the_login(memory: MemoryRegistry) -> None:
    def challenge(asked: Asked) -> bool:
        asked.answer(401, {"WWW-Authenticate": 'Bearer realm="http://tokens.example/",service="x"'})
        return True

    with proxy(memory.host, challenge) as between, pytest.raises(Refused, match="allowed: https"):
        logged_in(between.host, Login(user="me", secret="mine")).holds_blob("sha256:" + "0" * 64)


@pytest.mark.parametrize("login", [None, Login(user="me", secret="wrong")])
def test_a_wrong_login_is_said_once_and_not_repeated(memory: MemoryRegistry, login: Login | None) -> None:
    asks: list[str] = []

    def challenge(asked: Asked) -> bool:
        asks.append(asked.path)
        asked.answer(401, {"WWW-Authenticate": 'Basic realm="x"'})
        return True

    with proxy(memory.host, challenge) as between, pytest.raises(Refused) as refused:
        logged_in(between.host, login).holds_blob("sha256:" + "0" * 64)
    assert "answered 401; log in" in str(refused.value)
    assert "wrong" not in str(refused.value)
    assert len(asks) <= 2


def test_a_token_that_the_registry_never_accepts_ends() -> None:
    with memory_registry(token=True) as server:

        def never(asked: Asked) -> bool:
            server.valid_tokens.clear()
            return False

        with proxy(server.host, never) as between, pytest.raises(Refused):
            logged_in(between.host, None).holds_blob("sha256:" + "0" * 64)


def test_the_login_does_not_follow_a_redirect(tmp_path: Path, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "image")
    pushed(tmp_path / "image", repository(memory.host))
    seen: list[str | None] = []

    def store(asked: Asked) -> bool:
        seen.append(asked.headers["Authorization"])
        return False

    def front(asked: Asked) -> bool:
        if not asked.headers["Authorization"]:
            asked.answer(401, {"WWW-Authenticate": 'Basic realm="x"'})
            return True
        asked.answer(307, {"Location": f"http://{elsewhere.host}{asked.path}"})
        return True

    with proxy(memory.host, store) as elsewhere, proxy(memory.host, front) as between:
        content, _ = logged_in(between.host, Login(user="me", secret="mine")).manifest(root["digest"])
    assert content
    assert seen == [None]


@pytest.mark.parametrize(
    "address",
    ["http://storage.example/blob", "http://127.0.0.1:80@storage.example/blob", "http://storage.example\\@127.0.0.1/"],
    ids=["plain", "this machine as a login", "two parsers"],
)
def test_a_redirect_into_the_open_is_refused(memory: MemoryRegistry, address: str) -> None:
    def front(asked: Asked) -> bool:
        asked.answer(307, {"Location": address})
        return True

    with proxy(memory.host, front) as between, pytest.raises(Refused, match="allowed: https, or this machine"):
        repository(between.host).manifest("1.2")


def test_a_registry_that_is_not_there_is_asked_a_few_times() -> None:
    with pytest.raises(Unreachable, match="gave up after 4 attempts"):
        repository(f"127.0.0.1:{free_port()}").holds_blob("sha256:" + "0" * 64)


def test_what_is_not_there_is_said_so(memory: MemoryRegistry) -> None:
    with pytest.raises(NotThere, match=r"answered 404 \(MANIFEST_UNKNOWN manifest_unknown\)"):
        repository(memory.host).manifest("9")


def test_only_this_machine_is_spoken_to_without_tls() -> None:
    assert Transport("registry.example").base == "https://registry.example"
    assert Transport("127.0.0.1:5000").base == "http://127.0.0.1:5000"
    with pytest.raises(Refused, match="allowed: https"):
        Transport("registry.example").url("http://registry.example/v2/x/blobs/uploads/1")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('Basic realm="x"', Challenge("basic", "x", "", "")),
        (
            'Bearer realm="https://a/t",service="s",scope="repository:x:pull,push"',
            Challenge("bearer", "https://a/t", "s", "repository:x:pull,push"),
        ),
        ('Basic realm="x", Bearer realm="https://a/t"', Challenge("bearer", "https://a/t", "", "")),
        ("Negotiate", None),
        ("", None),
    ],
)
def test_challenges_are_read(header: str, expected: Challenge | None) -> None:
    assert parse_challenge(header) == expected


@pytest.mark.slow
def test_a_real_registry_with_passwords_accepts_the_login_of_dockers_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # bcrypt of "mine"
    (tmp_path / "htpasswd").write_text("me:$2y$04$g65hnYNeijoqJ1e7zVqcG.F.V6raMsTIRzva02GkppH2/ZW4QXiVO\n")
    more = f"auth: {{htpasswd: {{realm: tests, path: {tmp_path / 'htpasswd'}}}}}"
    layout(tmp_path / "image")
    with registry(tmp_path / "registry", more) as host:
        auth = base64.b64encode(b"me:mine").decode()
        (tmp_path / "docker").mkdir()
        (tmp_path / "docker/config.json").write_text(f'{{"auths": {{"{host}": {{"auth": "{auth}"}}}}}}')
        with pytest.raises(Refused):
            pushed(tmp_path / "image", repository(host))
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
        assert pushed(tmp_path / "image", repository(host)).sent == 5


def test_what_a_registry_says_of_the_wait_goes_before_our_own_patience() -> None:
    began = time.monotonic()
    Patience(first_wait_s=60.0, longest_wait_s=60.0).wait(1, 0.0)
    Patience(first_wait_s=60.0, longest_wait_s=60.0, longest_told_s=0.01).wait(1, 3600.0)
    assert time.monotonic() - began < 25


def test_a_proxy_gets_the_login_of_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            client, _ = listener.accept()
            with client:
                heard.append(client.recv(4096))
                client.sendall(b"HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=listen)
        thread.start()
        monkeypatch.setenv("https_proxy", f"http://me:a%20secret@127.0.0.1:{listener.getsockname()[1]}")
        target = Repository(
            parse_reference("registry.example/models/fraud"), Transport("registry.example", Patience(attempts=1))
        )
        with pytest.raises(Unreachable) as caught:
            target.holds_blob("sha256:" + "0" * 64)
        thread.join()
    assert b"Basic " + base64.b64encode(b"me:a secret") in heard[0]
    assert "secret" not in str(caught.value)


def test_words_of_a_registry_move_no_cursor(memory: MemoryRegistry) -> None:
    def front(asked: Asked) -> bool:
        asked.answer(403, body=b'{"errors": [{"code": "DENIED", "message": "\\u001b[2Jgone"}]}')
        return True

    with proxy(memory.host, front) as between, pytest.raises(Refused) as caught:
        repository(between.host).manifest("1.2")
    assert "?[2Jgone" in str(caught.value)
