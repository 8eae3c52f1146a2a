"""Where credentials come from, and when they are asked for again."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from model_images.serve.aws.credentials import REFRESH_S, REFUSED_S, CredentialSource
from model_images.serve.aws.errors import NoCredentials
from model_images.serve.aws.signing import Credentials
from tests.model_images.live import free_port
from tests.model_images.serve.aws.aws_server import Written, written


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def role(name: str, until: float) -> dict[str, Any]:
    told = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"AccessKeyId": name, "SecretAccessKey": "s", "Token": "t", "Expiration": told, "AccountId": "123456789012"}


def pod(server: Written, folder: Path) -> dict[str, str]:
    """The variables that EKS gives a pod."""
    (folder / "token").write_text("the-token\n")
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(folder / "token"),
    }


def soon(source: CredentialSource) -> str:
    """The key that is there when the source has been asked."""
    until = time.monotonic() + 20
    while source._lock.locked():
        assert time.monotonic() < until
        time.sleep(0.01)
    return source.now().access_key


def told(environ: dict[str, str]) -> str:
    with pytest.raises(NoCredentials) as caught:
        CredentialSource(environ).now()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_lambda_gives_them_as_variables() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"}
    assert CredentialSource(environ).now() == Credentials("a", "b", "c")


def test_a_pod_is_given_its_roles_for_the_token_of_its_file(tmp_path: Path) -> None:
    clock = Clock()
    with written((200, role("one", clock.now + 3600))) as server:
        assert CredentialSource(pod(server, tmp_path), clock).now() == Credentials("one", "s", "t", clock.now + 3600)
    [asked] = server.asked
    assert (asked.path, asked.headers["authorization"]) == ("/v1/credentials", "the-token")


def test_they_are_asked_for_again_before_they_end_with_the_token_that_holds_then(tmp_path: Path) -> None:
    clock = Clock()
    with written((200, role("one", clock.now + 3600)), (200, role("two", clock.now + 7200))) as server:
        source = CredentialSource(pod(server, tmp_path), clock)
        source.now()
        clock.now += 3600 - REFRESH_S - 1
        assert [source.now().access_key for _ in range(3)] == ["one"] * 3
        (tmp_path / "token").write_text("another")
        clock.now += 2
        assert source.now().access_key == "one"  # nobody waits for the source as long as these hold
        assert soon(source) == "two"
    assert [asked.headers["authorization"] for asked in server.asked] == ["the-token", "another"]


def test_while_their_source_is_silent_those_that_hold_serve_on(tmp_path: Path) -> None:
    clock = Clock()
    with written((200, role("one", clock.now + 3600)), (500, b"")) as server:
        source = CredentialSource(pod(server, tmp_path), clock)
        source.now()
        clock.now += 3500
        server.silence_s = 0.2
        began = time.monotonic()
        assert [source.now().access_key for _ in range(3)] == ["one"] * 3
        assert time.monotonic() - began < 0.2
        until = time.monotonic() + 20
        while source._lock.locked():
            assert time.monotonic() < until
            time.sleep(0.01)
        asked = len(server.asked)
        assert asked == 4  # it was tried three times
        assert source.now().access_key == "one"
        assert not source._lock.locked()
        assert len(server.asked) == asked
        clock.now += 200
        with pytest.raises(NoCredentials, match="it answered 500"):
            source.now()


def test_what_aws_calls_run_out_is_asked_for_anew(tmp_path: Path) -> None:
    clock = Clock()
    with written((200, role("one", clock.now + 3600)), (200, role("two", clock.now + 3600))) as server:
        source = CredentialSource(pod(server, tmp_path), clock)
        one = source.now()
        source.forget(one)
        assert source.now().access_key == "two"
        source.forget(one)  # somebody else's call that began with these ends later
        assert source.now().access_key == "two"
    assert len(server.asked) == 2


def test_for_all_who_come_at_once_the_source_is_asked_once(tmp_path: Path) -> None:
    clock = Clock()
    with written((200, role("one", clock.now + 3600))) as server:
        server.silence_s = 0.2
        source = CredentialSource(pod(server, tmp_path), clock)
        threads = [threading.Thread(target=source.now) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.asked) == 1


def test_who_waits_for_a_source_that_is_silent_does_not_wait_anew(tmp_path: Path) -> None:
    clock = Clock()
    with written((403, b""), (200, role("one", clock.now + 3600))) as server:
        server.silence_s = 0.1
        source = CredentialSource(pod(server, tmp_path), clock)
        refused: list[str] = []

        def ask() -> None:
            with pytest.raises(NoCredentials) as caught:
                source.now()
            refused.append(str(caught.value))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 4
        assert len(set(refused)) == len(server.asked) == 1
        clock.now += REFUSED_S
        assert source.now().access_key == "one"


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("end", ["\n", "\r\nHost: x", " ", "é"])
def test_what_no_header_carries_is_refused_and_not_told(name: str, end: str) -> None:
    environ = {"AWS_ACCESS_KEY_ID": "hidden", "AWS_SECRET_ACCESS_KEY": "hidden", "AWS_SESSION_TOKEN": "hidden"}
    message = told(environ | {name: f"hidden{end}"})
    assert "hidden" not in message
    assert message.startswith("credentials: the ")


def test_a_role_that_is_refused_is_told_at_once(tmp_path: Path) -> None:
    with written((403, {"message": "no association"})) as server:
        message = told(pod(server, tmp_path))
    assert message == (
        f"credentials: {server.url.removeprefix('http://')} gave none: it answered 403; does the container have a role?"
    )
    assert len(server.asked) == 1


def test_an_agent_that_is_not_there_is_told() -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/"
    assert "gave none: Connection refused" in told({"AWS_CONTAINER_CREDENTIALS_FULL_URI": nowhere})


def test_an_answer_of_another_kind_is_told(tmp_path: Path) -> None:
    with written((200, {"AccessKeyId": "a"})) as server:
        assert "its answer cannot be read: Object missing required field" in told(pod(server, tmp_path))


@pytest.mark.parametrize(
    "url", ["http://example.com/", "http://10.0.0.1/", "ftp://localhost/", "http://localhost:x/", "file:///x"]
)
def test_the_token_goes_to_the_machine_itself_only(url: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("the-token")
    environ = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": f"{tmp_path}/token"}
    assert told(environ).startswith("credentials: AWS_CONTAINER_CREDENTIALS_FULL_URI")


def test_a_token_that_is_no_header_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a\r\nHost: b")
    environ = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": f"{tmp_path}/token",
    }
    message = told(environ)
    assert "is no header" in message
    assert "Host" not in message


def test_none_at_all_are_told_with_what_is_allowed() -> None:
    assert told({"AWS_ACCESS_KEY_ID": "a"}).startswith("credentials: there are none; allowed: AWS_ACCESS_KEY_ID with ")
