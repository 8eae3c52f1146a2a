"""Builds the programs of a Kubernetes control plane from Go modules, once a version, into the user's cache.

Each folder of `modules` pins them: go.mod names the versions, go.sum the hash of every module. Measured on 2 cores at
the lowest priority: 7 minutes from nothing (API server 228 s), 15 seconds when Go's own cache is warm.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.cluster.errors import ClusterError
from tools.cluster.folders import home, programs
from tools.offline.files import locked, make_folder

MODULES = Path(__file__).parent / "modules"
_VERSION_PACKAGES = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
_FLAGS = "-mod=readonly -trimpath -buildvcs=false"  # no version is ever resolved anew


@dataclass(frozen=True, kw_only=True)
class Program:
    """One program: its file's name, the folder of its module, its package there."""

    name: str
    module: str
    package: str

    @property
    def folder(self) -> Path:
        return MODULES / self.module

    @property
    def path(self) -> Path:
        """Where it is once it is built from what the folder says now."""
        seed = hashlib.sha256(f"{self.package} {self.linker_flags()} {_FLAGS}".encode())
        for file in sorted(self.folder.iterdir()):
            seed.update(file.read_bytes())
        return programs() / f"{self.name}-{seed.hexdigest()[:16]}"

    def linker_flags(self) -> str:
        """Smaller files; and the version, without which the parts of Kubernetes would not know their own."""
        if self.module != "kubernetes":
            return "-s -w"
        version = module_version(self.folder, "k8s.io/kubernetes")
        major, minor = version.removeprefix("v").split(".")[:2]
        told = {
            "gitVersion": version,
            "gitMajor": major,
            "gitMinor": minor,
            "gitTreeState": "clean",
            "gitCommit": "go-module",
            "buildDate": "1970-01-01T00:00:00Z",
        }
        words = [f"-X {package}.{name}={value}" for package in _VERSION_PACKAGES for name, value in told.items()]
        return " ".join(["-s -w", *words])


PROGRAMS = (
    Program(name="etcd", module="etcd", package="."),
    Program(name="kube-apiserver", module="kubernetes", package="k8s.io/kubernetes/cmd/kube-apiserver"),
    Program(
        name="kube-controller-manager",
        module="kubernetes",
        package="k8s.io/kubernetes/cmd/kube-controller-manager",
    ),
    Program(name="kube-scheduler", module="kubernetes", package="k8s.io/kubernetes/cmd/kube-scheduler"),
    Program(name="kwok", module="kwok", package="sigs.k8s.io/kwok/cmd/kwok"),
)


def module_version(folder: Path, module: str) -> str:
    """The version of a module that the go.mod of a folder requires, such as `v1.34.4`."""
    found = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", (folder / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise ClusterError(f"{folder / 'go.mod'}: names no {module}; restore the file from git")
    return found[1]


def built_already() -> bool:
    """Whether every program is there."""
    return all(program.path.exists() for program in PROGRAMS)


def built(*, progress_s: float = 15.0) -> Mapping[str, Path]:
    """Paths of all programs by name; builds what is missing, one process at a time.

    While it builds, stderr gets a line each `progress_s` seconds. Raises ClusterError without Go, and for a build that
    fails.
    """
    missing = [program for program in PROGRAMS if not program.path.exists()]
    if missing:
        make_folder(programs())
        with locked(home() / ".build", on_wait=lambda: say("another process is building the cluster's programs")):
            for program in missing:
                if not program.path.exists():
                    _build(program, progress_s)
    return {program.name: program.path for program in PROGRAMS}


def _build(program: Program, progress_s: float) -> None:
    if shutil.which("go") is None:
        raise ClusterError("PATH: got no `go`; allowed: Go 1.26 or newer; install it from https://go.dev/dl/")
    say(f"building {program.name} from Go modules, once")
    partial = program.path.with_suffix(".partial")
    # Politely: it takes minutes of every core.
    words = ["nice", "-n", "19", "go", "build", "-ldflags", program.linker_flags()]
    started = time.monotonic()
    process = subprocess.Popen(
        [*words, "-o", str(partial), program.package],
        cwd=program.folder,
        env=os.environ | {"CGO_ENABLED": "0", "GOFLAGS": _FLAGS, "GOWORK": "off"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        errors = _wait(process, program.name, started, progress_s)
    finally:
        process.kill()
    if process.returncode != 0:
        partial.unlink(missing_ok=True)
        tail = "\n".join(errors.strip().splitlines()[-20:])
        raise ClusterError(f"go build of {program.name} failed:\n{tail}\nmend what it says and run again")
    partial.replace(program.path)
    say(f"built {program.name} in {time.monotonic() - started:.0f} s")


def _wait(process: subprocess.Popen[str], name: str, started: float, progress_s: float) -> str:
    """What the build wrote on stderr; a line of progress now and then, since minutes of silence look like a hang."""
    while True:
        try:
            return process.communicate(timeout=progress_s)[1]
        except subprocess.TimeoutExpired:
            say(f"still building {name}: {time.monotonic() - started:.0f} s")


def say(text: str) -> None:
    """A line of progress on stderr."""
    print(f"cluster: {text}", file=sys.stderr, flush=True)
