"""Calls: what is tried again, what is told at once, and in which words."""

from __future__ import annotations

import time
from typing import Any

import pytest

from model_images.serve.aws import connections
from model_images.serve.aws.client import AwsClient, Patience
from model_images.serve.aws.errors import AwsError, Unreachable
from tests.model_images.live import free_port
from tests.model_images.serve.aws.aws_server import KEYS, Written, written

THROTTLED = (400, {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slower\nplease"})
OK = (200, {"ok": True})


def client(server: Written, service: str = "dynamodb", **environ: str) -> AwsClient:
    return AwsClient(service, {**server.environ, **environ})


def refused(server: Written, **patience: Any) -> AwsError:
    with pytest.raises(AwsError) as caught:
        client(server).call("POST", "/", body=b"{}", patience=Patience(**patience))
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("busy", [THROTTLED, (500, b""), (503, b"<Error><Code>SlowDown</Code></Error>"), (429, b"")])
def test_a_busy_service_is_asked_again(busy: tuple[int, Any]) -> None:
    with written(busy, busy, OK) as server:
        assert client(server).call("POST", "/", body=b"{}").body == b'{"ok": true}'
    assert len(server.asked) == 3
    assert {asked.body for asked in server.asked} == {b"{}"}


def test_a_service_that_stays_busy_is_told_in_its_own_words() -> None:
    with written(THROTTLED) as server:
        error = refused(server, tries=2)
    assert isinstance(error, Unreachable)
    assert str(error) == "dynamodb: ThrottlingException: slower\\nplease"
    assert (error.code, error.status, len(server.asked)) == ("ThrottlingException", 400, 2)


def test_a_refusal_is_told_at_once() -> None:
    body = b"<Error><Code>AccessDenied</Code><Message>User is not\n allowed</Message></Error>"
    with written((403, body)) as server:
        error = refused(server)
    assert not isinstance(error, Unreachable)
    assert (str(error), error.code, error.status) == (
        "dynamodb: AccessDenied: User is not allowed",
        "AccessDenied",
        403,
    )
    assert len(server.asked) == 1


def test_a_redirect_is_no_success_and_is_not_followed() -> None:
    body = b"<Error><Code>PermanentRedirect</Code><Message>another region</Message></Error>"
    with written((301, body)) as server:
        assert str(refused(server)) == "dynamodb: PermanentRedirect: another region"
        assert len(server.asked) == 1


def test_an_error_after_200_is_an_error() -> None:
    with written((200, b'<?xml version="1.0"?><Error><Code>InternalError</Code></Error>'), OK) as server:
        assert client(server).call("POST", "/").body == b'{"ok": true}'


def test_what_an_answer_holds_is_no_error_of_the_service() -> None:
    with written((200, b'{"note": "<Error><Code>SlowDown</Code></Error>"}')) as server:
        assert client(server).call("POST", "/").status == 200
    assert len(server.asked) == 1


def test_an_error_after_200_is_one_however_long_the_service_took() -> None:
    late = b'<?xml version="1.0" encoding="UTF-8"?>\n' + b" " * 5000 + b"<Error><Code>InternalError</Code></Error>"
    with written((200, late), OK) as server:
        assert client(server).call("POST", "/").body == b'{"ok": true}'


def test_an_answer_that_ends_in_the_middle_is_asked_for_again() -> None:
    with written(OK) as server:
        server.cut = 2
        caller = client(server)
        assert [caller.call("GET", "/").body for _ in range(2)] == [b'{"ok": true}'] * 2
        server.cut = 1
        with pytest.raises(Unreachable, match="the answer ended in the middle"):
            caller.call("GET", "/", patience=Patience(tries=1))
    assert len(server.asked) == 5


def test_an_answer_that_is_too_long_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_BYTES", 5)
    with written((200, b"123456")) as server, pytest.raises(Unreachable, match="an answer of more than 5 bytes"):
        client(server).call("GET", "/", patience=Patience(tries=1))
    with written((200, b"12345")) as server:
        assert client(server).call("GET", "/").body == b"12345"


@pytest.mark.parametrize("name", ["X-A", "X\r\nA"])
def test_a_header_that_is_none_is_never_told(name: str) -> None:
    with written(OK) as server, pytest.raises(Unreachable) as caught:
        client(server).call("GET", "/", headers={name: "hidden\r\nHost: x"}, patience=Patience(tries=1))
    assert str(caught.value).endswith("a path or header that HTTP does not carry")
    assert server.asked == []


def test_a_kept_connection_that_is_gone_costs_nothing() -> None:
    with written(OK) as server:
        caller = client(server)
        caller.call("GET", "/")
        server.hang_up = 1
        assert caller.call("GET", "/", patience=Patience(tries=1)).status == 200
    assert len(server.asked) == 3


def test_nobody_there_is_told_after_the_tries() -> None:
    with pytest.raises(Unreachable, match=r"^dynamodb: 127\.0\.0\.1:\d+: Connection refused$"):
        AwsClient("dynamodb", {**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}).call(
            "GET", "/", patience=Patience(tries=2)
        )


def test_a_service_that_says_nothing_holds_nobody_longer_than_told() -> None:
    with written(OK) as server:
        server.silence_s = 5
        began = time.monotonic()
        error = refused(server, until=began + 0.2)
        assert time.monotonic() - began < 3
    assert isinstance(error, Unreachable)


def test_credentials_that_ran_out_are_asked_for_anew_once() -> None:
    expired = (400, {"__type": "ExpiredTokenException", "message": "expired"})
    with written(expired, OK) as server:
        assert client(server).call("POST", "/").status == 200
    with written(expired) as server:
        assert refused(server).code == "ExpiredTokenException"
        assert len(server.asked) == 2


def test_an_endpoint_of_one_service_comes_before_that_of_all() -> None:
    with written(OK) as server, written(OK) as other:
        client(server, AWS_ENDPOINT_URL_DYNAMODB=f"{other.url}/below/").call("GET", "/x", query=(("a", "b c"),))
    assert server.asked == []
    [asked] = other.asked
    assert asked.path == "/below/x?a=b%20c"


@pytest.mark.parametrize(
    ("region", "words"), [("", "missing"), ("eu west", "got 'eu west'"), ("evil.com/", "got 'evil.com/'")]
)
def test_a_region_that_is_none_is_refused(region: str, words: str) -> None:
    with pytest.raises(AwsError) as caught:
        AwsClient("s3", {"AWS_REGION": region})
    assert str(caught.value) == f"AWS_REGION: {words}; allowed: a region, such as eu-west-1"
