"""Logins: Docker's file, its helper programs, and the clouds' command lines, here as small scripts on PATH."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from model_images.registry.credentials import Login, find_login
from model_images.registry.errors import InputError, Refused

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
GOOGLE = "europe-west3-docker.pkg.dev"


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """An environment with no login, no cloud and no program: scripts below use what the shell has built in."""
    (tmp_path / "bin").mkdir()
    return {
        "PATH": str(tmp_path / "bin"),
        "DOCKER_CONFIG": str(tmp_path),
        "HOME": str(tmp_path),
        "GCE_METADATA_HOST": "127.0.0.1:9",
    }


def program(place: dict[str, str], name: str, script: str) -> None:
    path = Path(place["DOCKER_CONFIG"]) / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def config(place: dict[str, str], content: object) -> None:
    (Path(place["DOCKER_CONFIG"]) / "config.json").write_text(json.dumps(content))


def test_no_login_is_an_answer(place: dict[str, str]) -> None:
    assert find_login("r.example", place) is None


@pytest.mark.parametrize("key", ["r.example", "https://r.example", "https://r.example/v1/"])
def test_the_login_in_dockers_file_is_found(place: dict[str, str], key: str) -> None:
    config(place, {"auths": {key: {"auth": base64.b64encode(b"me:a:b").decode()}}})
    assert find_login("r.example", place) == Login(user="me", secret="a:b")


def test_an_identity_token_in_dockers_file_is_found(place: dict[str, str]) -> None:
    config(place, {"auths": {"r.example": {"auth": "", "identitytoken": "long lived"}}})
    assert find_login("r.example", place) == Login(identity_token="long lived")


def test_a_helper_of_the_host_goes_before_the_store(place: dict[str, str]) -> None:
    config(place, {"credsStore": "store", "credHelpers": {"r.example": "own"}})
    program(
        place, "docker-credential-own", 'read host; echo "{\\"Username\\": \\"me\\", \\"Secret\\": \\"of $host\\"}"'
    )
    assert find_login("r.example", place) == Login(user="me", secret="of r.example")


def test_a_helpers_token_user_means_an_identity_token(place: dict[str, str]) -> None:
    config(place, {"credsStore": "store"})
    program(place, "docker-credential-store", """echo '{"Username": "<token>", "Secret": "long lived"}'""")
    assert find_login("r.example", place) == Login(identity_token="long lived")


def test_a_store_that_does_not_know_the_host_leaves_it_to_the_file(place: dict[str, str]) -> None:
    config(place, {"credsStore": "store", "auths": {"r.example": {"auth": base64.b64encode(b"me:mine").decode()}}})
    program(place, "docker-credential-store", "echo credentials not found in native keychain; exit 1")
    assert find_login("r.example", place) == Login(user="me", secret="mine")


def test_a_helper_that_is_not_installed_is_named(place: dict[str, str]) -> None:
    config(place, {"credsStore": "desktop"})
    with pytest.raises(Refused, match="`docker-credential-desktop`: not found on PATH; install it, or take it out"):
        find_login("r.example", place)


@pytest.mark.parametrize("content", ["{", '{"auths": []}'])
def test_a_broken_file_is_named_without_its_content(place: dict[str, str], content: str) -> None:
    (Path(place["DOCKER_CONFIG"]) / "config.json").write_text(content)
    with pytest.raises(InputError, match=r"config\.json: not readable"):
        find_login("r.example", place)


def test_a_broken_entry_never_shows_the_secret(place: dict[str, str]) -> None:
    config(place, {"auths": {"r.example": {"auth": "c2VjcmV0"}}})
    with pytest.raises(InputError) as wrong:
        find_login("r.example", place)
    assert "c2VjcmV0" not in str(wrong.value)
    assert "secret" not in str(wrong.value)


def test_ecr_asks_the_aws_program_for_the_hosts_region(place: dict[str, str]) -> None:
    program(place, "aws", 'echo "token for $4 in $2"')
    assert find_login(ECR, place) == Login(user="AWS", secret="token for eu-central-1 in get-login-password")


def test_ecr_without_the_aws_program_says_the_next_step(place: dict[str, str]) -> None:
    with pytest.raises(Refused, match="`aws`: not found on PATH; install the AWS command line"):
        find_login(ECR, place)


def test_an_aws_program_that_fails_is_quoted(place: dict[str, str]) -> None:
    program(place, "aws", "echo >&2; echo 'Token has expired and refresh failed' >&2; exit 255")
    with pytest.raises(Refused, match="exit 255: Token has expired and refresh failed"):
        find_login(ECR, place)


def test_the_line_that_names_the_failure_is_quoted(place: dict[str, str]) -> None:
    program(place, "gcloud", "echo 'ERROR: no active account' >&2; echo 'to select one, run this' >&2; exit 1")
    with pytest.raises(Refused, match="exit 1: ERROR: no active account; no metadata server"):
        find_login(GOOGLE, place)


def test_artifact_registry_asks_gcloud(place: dict[str, str]) -> None:
    program(place, "gcloud", 'echo "ya29.$1-$2"')
    assert find_login(GOOGLE, place) == Login(user="oauth2accesstoken", secret="ya29.auth-print-access-token")


def test_a_service_accounts_key_is_the_password_itself(place: dict[str, str], tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text('{"type": "service_account", "private_key": "x"}')
    place["GOOGLE_APPLICATION_CREDENTIALS"] = str(key)
    assert find_login(GOOGLE, place) == Login(user="_json_key", secret=key.read_text())


def test_another_sort_of_google_credentials_goes_through_gcloud(place: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text('{"type": "external_account"}')
    place["GOOGLE_APPLICATION_CREDENTIALS"] = str(tmp_path / "key.json")
    program(place, "gcloud", 'echo "$2"')
    assert find_login(GOOGLE, place) == Login(user="oauth2accesstoken", secret="application-default")


class Metadata(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.headers["Metadata-Flavor"] == "Google" and self.path.endswith("/default/token")
        self.send_response(200 if known else 403)
        self.end_headers()
        self.wfile.write(b'{"access_token": "from the machine", "expires_in": 3599}')

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def metadata() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Metadata)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_a_machine_of_google_logs_in_by_itself(place: dict[str, str], metadata: str) -> None:
    place["GCE_METADATA_HOST"] = metadata
    assert find_login(GOOGLE, place) == Login(user="oauth2accesstoken", secret="from the machine")


def test_without_gcloud_and_metadata_the_next_step_is_said(place: dict[str, str]) -> None:
    with pytest.raises(Refused, match="no metadata server answers either; next: `gcloud auth login`"):
        find_login(GOOGLE, place)


def test_a_login_never_shows_its_secret() -> None:
    assert "mine" not in repr(Login(user="me", secret="mine", identity_token="mine"))
