"""Makes once what must exist before the first `up`: a state bucket and a secrets key in each home of an environment.

A home is a jurisdiction or an account; its bucket and key lie in the region that its URLs name, and nothing is copied
out of it. Done with the `aws` command and the caller's own rights, because the stacks' own role exists only later.
May be run again: what is there is left, what is missing is made, settings are set anew. A kill between the making of a
key and of its alias leaves a key without alias behind, and the next run makes another.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text

from fleet.adoption import partition
from fleet.consent import Consent
from fleet.errors import FleetError
from stacks.settings import Environment, SecretsKey, StateBucket, backend_url

NOTHING_PUBLIC = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"


class BootstrapFailed(FleetError):
    pass


@dataclass(frozen=True, kw_only=True)
class Step:
    """One `aws` command. `unless` is a command that succeeds, printing `answers` if given, where this step is needless.

    `{key}` in a word stands for the id of the key made by an earlier step of the same home.
    """

    title: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    answers: str = ""
    makes_key: bool = False


def run(environment: Environment, root: Path, consent: Consent, console: Console) -> int:
    """Shows the plan and, with consent, carries it out. 0 when all is there or nothing was agreed to.

    Raises BootstrapFailed, naming the command that failed.
    """
    if environment.offline:
        _make_folders(environment, root, console)
        return 0
    account = next(iter(environment.accounts.values())).id
    plans = {home: plan(bucket, key, account) for home, bucket, key in homes(environment)}
    for home, steps in plans.items():
        console.print(Text(home, style="bold"))
        for step in steps:
            console.print(Text(f"  # {step.title}\n  aws {shlex.join(step.words)}"), soft_wrap=True)
    if not consent.to(f"Making this in account {account}:", sorted(plans), "--yes"):
        return 0
    _check_caller(account, homes(environment)[0][1].region)
    for home, steps in plans.items():
        _carry_out(home, steps, console)
    return 0


def homes(environment: Environment) -> tuple[tuple[str, StateBucket, SecretsKey], ...]:
    """Every home that is not local: its name, its bucket and its key."""
    named = [(f"account {cloud}", home.state, home.secrets) for cloud, home in environment.accounts.items()]
    named += [(name, home.state, home.secrets) for name, home in environment.jurisdictions.items()]
    return tuple((name, state, secrets) for name, state, secrets in named if state is not None and secrets is not None)


def plan(bucket: StateBucket, key: SecretsKey, account: str) -> tuple[Step, ...]:
    """The steps for one home, the key first, since it seals the bucket. Pure."""
    return (*_key_steps(key), *_bucket_steps(bucket, key, account))


def _key_steps(key: SecretsKey) -> tuple[Step, ...]:
    known = ("kms", "describe-key", "--region", key.region, "--key-id", key.alias)
    identifier = ("--query", "KeyMetadata.KeyId", "--output", "text")
    described = f"Homeport: seals the secrets in Pulumi state ({key.alias})"
    return (
        Step(
            title=f"secrets key {key.alias} in {key.region}",
            words=("kms", "create-key", "--region", key.region, "--description", described, *identifier),
            unless=(*known, *identifier),
            makes_key=True,
        ),
        Step(
            title="its alias",
            words=(
                "kms",
                "create-alias",
                "--region",
                key.region,
                "--alias-name",
                key.alias,
                "--target-key-id",
                "{key}",
            ),
            unless=known,
        ),
        Step(
            title="its yearly rotation",
            words=("kms", "enable-key-rotation", "--region", key.region, "--key-id", "{key}"),
        ),
    )


def _bucket_steps(bucket: StateBucket, key: SecretsKey, account: str) -> tuple[Step, ...]:
    where = ("--bucket", bucket.bucket, "--region", bucket.region)
    owned = (*where, "--expected-bucket-owner", account)
    # us-east-1 is the default, which S3 refuses to hear by its name and reports as None.
    placed = bucket.region != "us-east-1"
    sealed = _json(_encryption(bucket, key, account))
    constraint = ("--create-bucket-configuration", f"LocationConstraint={bucket.region}") if placed else ()
    return (
        Step(
            title=f"state bucket {bucket.bucket} in {bucket.region}",
            words=("s3api", "create-bucket", *where, *constraint),
            unless=("s3api", "get-bucket-location", *owned, "--query", "LocationConstraint", "--output", "text"),
            answers=bucket.region if placed else "None",
        ),
        Step(
            title="no public access",
            words=("s3api", "put-public-access-block", *owned, "--public-access-block-configuration", NOTHING_PUBLIC),
        ),
        Step(
            title="versions, so that no state is ever lost",
            words=("s3api", "put-bucket-versioning", *owned, "--versioning-configuration", "Status=Enabled"),
        ),
        Step(
            title="encryption",
            words=("s3api", "put-bucket-encryption", *owned, "--server-side-encryption-configuration", sealed),
        ),
        Step(
            title="TLS only",
            words=("s3api", "put-bucket-policy", *owned, "--policy", _json(_tls_only(bucket))),
        ),
    )


def _encryption(bucket: StateBucket, key: SecretsKey, account: str) -> dict[str, object]:
    arn = f"arn:{partition(key.region)}:kms:{key.region}:{account}:{key.alias}"
    # S3 takes only a key of the bucket's own region.
    sealed = (
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
        if key.region == bucket.region
        else {"SSEAlgorithm": "AES256"}
    )
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": sealed, "BucketKeyEnabled": True}]}


def _tls_only(bucket: StateBucket) -> dict[str, object]:
    arn = f"arn:{partition(bucket.region)}:s3:::{bucket.bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


def _make_folders(environment: Environment, root: Path, console: Console) -> None:
    for stack in environment.stacks():
        folder = Path(urlsplit(backend_url(environment, stack.text, root)).path)
        folder.mkdir(parents=True, exist_ok=True)
    console.print(f"{environment.name} is offline: its state lives in local folders, which are there now.")


def _check_caller(account: str, region: str) -> None:
    found = _aws(("sts", "get-caller-identity", "--region", region, "--query", "Account", "--output", "text"))
    if found.returncode != 0:
        raise BootstrapFailed(f"not logged in to AWS: {_reason(found)}", "log in, for example: aws sso login")
    if found.stdout.strip() != account:
        raise BootstrapFailed(
            f"logged in to account {found.stdout.strip()}; the environment's account is {account}",
            "log in to that account, or mend accounts.aws.id in the environment file",
        )


def _carry_out(home: str, steps: Sequence[Step], console: Console) -> None:
    key = ""
    for step in steps:
        there = _probe(step)
        if there is None:
            words = tuple(word.replace("{key}", key) for word in step.words)
            done = _aws(words)
            if done.returncode != 0:
                raise BootstrapFailed(
                    f"{home}: {step.title}: {_reason(done)}\n  command: aws {shlex.join(words)}",
                    "mend the cause, then run the same command again: what is there already is left as it is",
                )
            there = done.stdout.strip()
            console.print(Text(f"{home}: {step.title}: {'set' if not step.unless else 'made'}"))
        else:
            console.print(Text(f"{home}: {step.title}: already there"))
        key = there if step.makes_key else key


def _probe(step: Step) -> str | None:
    """What the probe prints where the thing is there, else None. Raises BootstrapFailed if it is elsewhere."""
    if not step.unless:
        return None
    found = _aws(step.unless)
    if found.returncode != 0:
        return None
    if step.answers and found.stdout.strip() != step.answers:
        raise BootstrapFailed(
            f"{step.title}: exists already, but in {found.stdout.strip()}",
            "name another bucket in the environment file",
        )
    return found.stdout.strip()


def _aws(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    if shutil.which("aws") is None:
        raise BootstrapFailed("no `aws` on PATH", "install the AWS command line interface")
    return subprocess.run(["aws", *words], capture_output=True, text=True, check=False)


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"aws ended with code {done.returncode}"


def _json(content: dict[str, object]) -> str:
    return json.dumps(content, sort_keys=True)
