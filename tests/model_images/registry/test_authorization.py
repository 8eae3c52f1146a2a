"""Tokens are asked for once, however many threads were refused with the same old one."""

from __future__ import annotations

from model_images.registry.authorization import Authorization

CHALLENGE = 'Bearer realm="https://registry.example/token",service="tests"'


def test_a_token_that_another_thread_has_renewed_is_taken() -> None:
    asked: list[str] = []

    def ask(method: str, url: str, headers: dict[str, str], form: bytes | None) -> tuple[int, bytes]:
        asked.append(url)
        return 200, b'{"token": "t%d"}' % len(asked)

    authorization = Authorization("registry.example", lambda: None, ask)
    first = authorization.renew("repository:x:pull", CHALLENGE, None)
    assert authorization.renew("repository:x:pull", CHALLENGE, None) == first == "Bearer t1"
    assert authorization.renew("repository:x:pull", CHALLENGE, first) == "Bearer t2"
    assert len(asked) == 2
