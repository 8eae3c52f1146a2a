"""Builds the pinned Pulumi CLI from Go modules, once a version, into the user's cache.

The pin is tools/offline/cli: go.mod names the version, go.sum the hash of every module, so what is built here is what
everybody builds. Measured on 2 cores: 4 minutes from nothing, 17 seconds when Go's own cache is warm. Another version:
`go get -tool github.com/pulumi/pulumi/pkg/v3/cmd/pulumi@VERSION` in that folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.offline.errors import OfflineError
from tools.offline.files import locked, make_folder

MODULE = Path(__file__).parent / "cli"
COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = (
    "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"  # without it the CLI calls itself a dev build
)
WAY_OUT = "or install the official Pulumi CLI (3.259 or newer), which needs no Go: https://www.pulumi.com/docs/install/"


def cache_folder() -> Path:
    """Where built engines are kept for all checkouts of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "homeport" / "engine"


def pinned_version() -> str:
    """The CLI's version in go.mod, such as `v3.259.0`."""
    match = re.search(r"github\.com/pulumi/pulumi/pkg/v3 (v\S+)", (MODULE / "go.mod").read_text(encoding="utf-8"))
    if match is None:
        raise OfflineError(f"{MODULE / 'go.mod'}: names no github.com/pulumi/pulumi/pkg/v3; restore the file from git")
    return match[1]


def built_cli(*, progress_s: float = 15.0) -> Path:
    """Path of the built CLI; builds it first when the cache has none for this go.sum, one process at a time.

    While it builds, stderr gets a line each `progress_s` seconds. Raises OfflineError for a missing or too old Go, and
    for a build that fails.
    """
    key = hashlib.sha256((MODULE / "go.sum").read_bytes()).hexdigest()[:16]
    folder = cache_folder() / key
    cli = folder / "pulumi"
    if cli.exists():
        return cli
    make_folder(folder)
    with locked(folder / ".lock", on_wait=lambda: _say("another process is building the Pulumi CLI; waiting for it")):
        if not cli.exists():
            _build(cli, progress_s)
    return cli


def _build(cli: Path, progress_s: float) -> None:
    _check_go()
    version = pinned_version()
    _say(f"building the Pulumi CLI {version} from Go modules, once: about 4 minutes on 2 cores from nothing")
    partial = cli.with_suffix(".partial")
    words = ["go", "build", "-ldflags", f"-s -w -X {VERSION_VARIABLE}={version}", "-o", str(partial), COMMAND]
    started = time.monotonic()
    alone = os.environ | {"GOWORK": "off"}  # a workspace above this checkout would refuse the module
    process = subprocess.Popen(
        words,
        cwd=MODULE,
        env=alone,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        errors = _wait(process, started, progress_s)
    finally:
        process.kill()
    if process.returncode != 0:
        partial.unlink(missing_ok=True)
        tail = "\n".join(errors.strip().splitlines()[-20:])
        raise OfflineError(f"go build of the Pulumi CLI failed:\n{tail}\nmend what it says and run again, {WAY_OUT}")
    partial.replace(cli)
    _say(f"built in {time.monotonic() - started:.0f} s: {cli}")


def _wait(process: subprocess.Popen[str], started: float, progress_s: float) -> str:
    """What the build wrote on stderr; a line of progress now and then, since minutes of silence look like a hang."""
    while True:
        try:
            return process.communicate(timeout=progress_s)[1]
        except subprocess.TimeoutExpired:
            _say(f"still building the Pulumi CLI: {time.monotonic() - started:.0f} s")


def _check_go() -> None:
    """Refuses a missing or too old Go. Run in the module's folder, `go` itself fetches a newer toolchain if it may."""
    needed = re.search(r"^go (\S+)$", (MODULE / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    wanted = needed[1] if needed else "1.26"
    if shutil.which("go") is None:
        raise OfflineError(
            f"PATH: got no `go` and no recent `pulumi`; allowed: Go {wanted} or newer; "
            f"install Go from https://go.dev/dl/, {WAY_OUT}"
        )
    answer = subprocess.run(["go", "env", "GOVERSION"], cwd=MODULE, capture_output=True, text=True, check=False)
    found = answer.stdout.strip().removeprefix("go")
    if answer.returncode != 0 or _numbers(found) < _numbers(wanted):
        said = answer.stderr.strip() or f"go {found}"
        raise OfflineError(
            f"PATH: `go` is too old: {said}; allowed: Go {wanted} or newer; "
            f"install it from https://go.dev/dl/, {WAY_OUT}"
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
