"""What must exist before the first `up`, in its own jurisdiction and made once."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from fleet.bootstrap import BootstrapFailed, Step, homes, plan, run
from fleet.consent import Consent
from stacks.settings import SecretsKey, StateBucket, load_environment

ROOT = Path(__file__).parent.parent.parent
KEY = SecretsKey(alias="alias/prod-eu", region="eu-west-1", url="awskms://alias/prod-eu?region=eu-west-1")
ACCOUNT = "123456789012"


def bucket(region: str = "eu-west-1") -> StateBucket:
    return StateBucket(bucket="prod-eu-state", region=region, url=f"s3://prod-eu-state?region={region}")


def step(title: str, steps: tuple[Step, ...]) -> Step:
    (found,) = [one for one in steps if one.title.startswith(title)]
    return found


def test_everything_is_made_in_the_region_of_its_home() -> None:
    for one in plan(bucket(), KEY, ACCOUNT):
        assert one.words[one.words.index("--region") + 1] == "eu-west-1", one.title


def test_the_key_comes_before_the_bucket_that_it_seals() -> None:
    titles = [one.title for one in plan(bucket(), KEY, ACCOUNT)]
    assert titles.index("encryption") > titles.index("secrets key alias/prod-eu in eu-west-1")


def test_the_default_region_of_s3_is_not_named_as_a_constraint() -> None:
    made = step("state bucket", plan(bucket("us-east-1"), KEY, ACCOUNT))
    assert "--create-bucket-configuration" not in made.words
    assert made.answers == "None"


def test_a_bucket_outside_the_keys_region_is_sealed_by_s3s_own_key() -> None:
    sealed = json.loads(step("encryption", plan(bucket("eu-central-1"), KEY, ACCOUNT)).words[-1])
    assert sealed["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_only_the_accounts_own_bucket_is_taken_for_ours() -> None:
    made = step("state bucket", plan(bucket(), KEY, ACCOUNT))
    assert made.unless[made.unless.index("--expected-bucket-owner") + 1] == ACCOUNT


def test_every_jurisdiction_and_the_account_of_prod_have_a_home_of_their_own() -> None:
    found = homes(load_environment(ROOT, "prod"))
    assert [name for name, _, _ in found] == ["account aws", "eu", "us"]
    assert len({home.bucket for _, home, _ in found}) == len({key.url for _, _, key in found}) == 3


def test_an_offline_environment_needs_only_folders(tmp_path: Path) -> None:
    console = Console(file=io.StringIO())
    assert run(load_environment(ROOT, "demo"), tmp_path, Consent(console=console), console) == 0
    made = sorted(path.name for path in (tmp_path / ".homeport" / "demo" / "state").iterdir())
    assert made == ["account-aws", "eu", "us"]


def test_without_consent_the_plan_is_shown_and_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setenv("PATH", "")
    console = Console(file=io.StringIO(), width=200)
    assert run(load_environment(ROOT, "prod"), ROOT, Consent(console=console), console) == 0
    assert isinstance(console.file, io.StringIO)
    assert "aws s3api create-bucket" in console.file.getvalue()


def listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[None]:
    """AWS as far as S3, KMS and STS, on this machine."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "emulator.log").open("w") as log:
        server = subprocess.Popen(["moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
    try:
        until = time.monotonic() + 30
        while not listens(port):
            assert time.monotonic() < until
            time.sleep(0.2)
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        yield
    finally:
        server.terminate()
        server.wait()


def made(answer: str) -> list[str]:
    return [line for line in answer.splitlines() if line.endswith(": made")]


@pytest.mark.slow
@pytest.mark.usefixtures("emulator")
def test_it_is_made_once_and_may_be_run_again(tmp_path: Path) -> None:
    environment = own_account(tmp_path)
    answers: list[str] = []
    for _ in range(2):
        console = Console(file=io.StringIO(), width=200)
        run(load_environment(tmp_path, environment), tmp_path, Consent(console=console, yes=True), console)
        assert isinstance(console.file, io.StringIO)
        answers.append(console.file.getvalue())
    assert len(made(answers[0])) == 6
    assert made(answers[1]) == []
    policy = subprocess.run(
        ["aws", "s3api", "get-bucket-policy", "--bucket", "one-eu-state", "--region", "eu-west-1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "aws:SecureTransport" in policy.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("emulator")
def test_another_account_than_the_environments_is_refused(tmp_path: Path) -> None:
    environment = own_account(tmp_path, account="999999999999")
    console = Console(quiet=True)
    with pytest.raises(BootstrapFailed, match="logged in to account 123456789012"):
        run(load_environment(tmp_path, environment), tmp_path, Consent(console=console, yes=True), console)


def own_account(root: Path, account: str = ACCOUNT) -> str:
    """An environment with two homes, in the account that the emulator answers for."""
    (root / "stacks" / "environments").mkdir(parents=True)
    for name in ("places.yaml", "models"):
        (root / "stacks" / name).symlink_to(ROOT / "stacks" / name)
    home = "state: 's3://one-{0}-state?region=eu-west-1', secrets: 'awskms://alias/one-{0}?region=eu-west-1'"
    text = (
        "domain: one.example.com\nmodels: [fraud]\n"
        f"accounts: {{aws: {{id: '{account}', {home.format('account')}}}}}\n"
        f"jurisdictions: {{eu: {{{home.format('eu')}, regions: [aws-eu-west-1]}}}}\n"
    )
    (root / "stacks" / "environments" / "one.yaml").write_text(text, encoding="utf-8")
    return "one"
