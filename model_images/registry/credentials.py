"""Who we are to a registry: Docker's configuration file and its helper programs, then the cloud's own command line.

Nothing is stored and no secret is ever part of a message. The clouds' programs are called and their libraries are not
needed: a person can type the same line and see the same failure.
"""

from __future__ import annotations

import base64
import binascii
import http.client
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from model_images.registry.errors import InputError, Refused

ECR = re.compile(r"[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.\S+)")
ARTIFACT_REGISTRY = re.compile(r"(?:[a-z0-9-]+-docker\.pkg\.dev)|(?:(?:us|eu|asia)\.)?gcr\.io")
IDENTITY_TOKEN_USER = "<token>"  # noqa: S105  the word that helpers give for "no user"
PROGRAM_TIMEOUT_S = 60
METADATA_TIMEOUT_S = 5
METADATA_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"


@dataclass(frozen=True, kw_only=True)
class Login:
    """`identity_token` is a refresh token for the token server, given instead of user and secret."""

    user: str = ""
    secret: str = field(default="", repr=False)
    identity_token: str | None = field(default=None, repr=False)


class Entry(msgspec.Struct, frozen=True):
    """One registry in Docker's configuration file."""

    auth: str = ""
    username: str = ""
    password: str = ""
    identitytoken: str = ""


class DockerConfig(msgspec.Struct, frozen=True, rename="camel"):
    """`config.json` as far as logins go."""

    auths: Mapping[str, Entry] = {}
    creds_store: str = ""
    cred_helpers: Mapping[str, str] = {}


class HelperAnswer(msgspec.Struct, frozen=True, rename="pascal"):
    """What a `docker-credential-*` program prints."""

    username: str
    secret: str


class AccessToken(msgspec.Struct, frozen=True):
    """Answer of the cloud's metadata server."""

    access_token: str


def find_login(host: str, environ: Mapping[str, str] = os.environ) -> Login | None:
    """The login for `host`, or None: then the registry is asked without one.

    Raises:
        InputError: the configuration file cannot be read.
        Refused: a program that should know the login fails; its own words are in the line.
    """
    config, path = _docker_config(environ)
    if helper := config.cred_helpers.get(host) or config.creds_store:
        found = _from_helper(helper, host, environ)
        if found or host in config.cred_helpers:
            return found
    for key in (host, f"https://{host}", f"https://{host}/v1/", f"https://{host}/v2/"):
        entry = config.auths.get(key)
        if entry and (login := _from_entry(entry, f"{path}: auths[{key!r}]")):
            return login
    if match := ECR.fullmatch(host):
        command = ("aws", "ecr", "get-login-password", "--region", match["region"])
        return Login(user="AWS", secret=_printed(command, environ, "install the AWS command line, or use docker login"))
    if ARTIFACT_REGISTRY.fullmatch(host):
        return _google_login(environ)
    return None


def _docker_config(environ: Mapping[str, str]) -> tuple[DockerConfig, Path]:
    home = Path(environ.get("HOME") or Path.home())
    path = Path(environ.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
    if not path.is_file():
        return DockerConfig(), path
    try:
        return msgspec.json.decode(path.read_bytes(), type=DockerConfig), path
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(f"{path}: not readable: {error}; log in again with docker, or set DOCKER_CONFIG") from error


def _from_entry(entry: Entry, where: str) -> Login | None:
    if entry.identitytoken:
        return Login(identity_token=entry.identitytoken)
    if not entry.auth:
        return Login(user=entry.username, secret=entry.password) if entry.username else None
    try:
        user, colon, secret = base64.b64decode(entry.auth, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = user = secret = ""
    if not colon:
        raise InputError(f"{where}.auth: not the base64 of USER:PASSWORD; log in again with docker")
    return Login(user=user, secret=secret.rstrip("\0"))


def _from_helper(helper: str, host: str, environ: Mapping[str, str]) -> Login | None:
    command = (f"docker-credential-{helper}", "get")
    done = _run(command, environ, "install it, or take it out of docker's config.json", stdin=host)
    if done.returncode != 0:
        # Helpers say so on standard output; it is how they answer for a registry they do not know.
        if "not found" in done.stdout.lower() or not done.stdout.strip():
            return None
        raise Refused(f"{' '.join(command)} for {host}: failed: {_said(done.stdout)}; log in again")
    try:
        answer = msgspec.json.decode(done.stdout, type=HelperAnswer)
    except msgspec.DecodeError as error:
        raise Refused(f"{' '.join(command)} for {host}: answered something that is no login; log in again") from error
    if answer.username == IDENTITY_TOKEN_USER:
        return Login(identity_token=answer.secret)
    return Login(user=answer.username, secret=answer.secret)


def _google_login(environ: Mapping[str, str]) -> Login:
    key_file = environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if key_file and _is_service_account_key(Path(key_file)):
        # The registry takes the key itself as a password, so that nothing has to be signed here.
        return Login(user="_json_key", secret=Path(key_file).read_text(encoding="utf-8"))
    command = ("gcloud", "auth", "application-default", "print-access-token")
    try:
        token = _printed(command if key_file else ("gcloud", "auth", "print-access-token"), environ, "")
    except Refused as refused:
        token = _metadata_token(environ) or ""
        if not token:
            raise Refused(
                f"{refused}; no metadata server answers either; next: `gcloud auth login`, or set "
                "GOOGLE_APPLICATION_CREDENTIALS to a service account's key file"
            ) from refused
    return Login(user="oauth2accesstoken", secret=token)


def _is_service_account_key(path: Path) -> bool:
    try:
        return json.loads(path.read_text(encoding="utf-8")).get("type") == "service_account"
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"GOOGLE_APPLICATION_CREDENTIALS: got {path}: not a readable JSON object ({error})") from error


def _metadata_token(environ: Mapping[str, str]) -> str | None:
    """The token of the machine's own service account, on Google's machines and clusters."""
    server = environ.get("GCE_METADATA_HOST", "metadata.google.internal")
    connection = http.client.HTTPConnection(server, timeout=METADATA_TIMEOUT_S)
    try:
        connection.request("GET", METADATA_PATH, headers={"Metadata-Flavor": "Google"})
        answer = connection.getresponse()
        content = answer.read()
        return msgspec.json.decode(content, type=AccessToken).access_token if answer.status == 200 else None
    except (http.client.HTTPException, OSError, msgspec.DecodeError):
        return None
    finally:
        connection.close()


def _printed(command: Sequence[str], environ: Mapping[str, str], next_step: str) -> str:
    done = _run(command, environ, next_step)
    if done.returncode != 0 or not done.stdout.strip():
        then = f"; {next_step}" if next_step else ""
        raise Refused(f"`{' '.join(command)}`: exit {done.returncode}: {_said(done.stderr)}{then}")
    return done.stdout.strip()


def _run(
    command: Sequence[str], environ: Mapping[str, str], next_step: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    then = f"; {next_step}" if next_step else ""
    try:
        return subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=PROGRAM_TIMEOUT_S,
            env=dict(environ),
        )
    except FileNotFoundError as error:
        raise Refused(f"`{command[0]}`: not found on PATH{then}") from error
    except subprocess.TimeoutExpired as error:
        raise Refused(f"`{' '.join(command)}`: no answer after {PROGRAM_TIMEOUT_S} s{then}") from error


def _said(text: str) -> str:
    """The line of a program's output that names the failure, else the last one."""
    lines = text.strip().splitlines() or ["nothing was said"]
    return next((line for line in lines if line.lower().startswith("error")), lines[-1])
