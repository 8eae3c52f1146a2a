"""Runs an image from its layout on this machine, without a container engine: unpacked, checked, its own entry point.

In a mount namespace of its own: the root is read-only, /proc, /dev, /sys and /tmp are the machine's. Root needs nothing
more; another user gets a user namespace, where the kernel allows it. Network and users are the machine's: this is for
trying an image, not for keeping it in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from model_images.build.errors import BuildError
from model_images.build.platforms import machine_architecture
from model_images.build.reading import manifests, read_config
from model_images.build.unpack import unpacked
from model_images.serve.settings import VARIABLES

# $0 is the root, the rest the command. Read-only in both: what a server must not write, it cannot.
INSIDE = """
set -e
mount --bind "$0" "$0"
for place in proc dev sys tmp; do mount --rbind "/$place" "$0/$place"; done
mount -o remount,bind,ro "$0"
exec chroot "$0" "$@"
"""
PROGRAMS = "/usr/sbin:/usr/bin:/sbin:/bin"


def run(layout: Path, environ: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Becomes the server of the image; does not return.

    Of `environ`, this process's own, the server gets what its table of variables names; then comes `given`.

    Raises:
        LayoutError: if the image is damaged.
        BuildError: if it is for another machine, or this one lets nobody have a namespace.
    """
    machine = machine_architecture()
    for descriptor, manifest in manifests(layout):
        config = read_config(layout, manifest)
        if config["architecture"] == machine:
            root = unpacked(layout, descriptor["digest"], manifest, config)
            break
    else:
        raise BuildError(f"{layout}: no image for linux/{machine}; build it with --platform linux/{machine}")
    inside = config.get("config", {})
    named = {variable.name: environ[variable.name] for variable in VARIABLES if variable.name in environ}
    own = {"PATH": PROGRAMS} | dict(variable.split("=", 1) for variable in inside.get("Env") or ())
    command = [*(inside.get("Entrypoint") or ()), *(inside.get("Cmd") or ())]
    if not command:
        raise BuildError(f"{layout}: the image names no command; build it with `python -m model_images build`")
    os.execve(_unshare(), _words(root, command), named | own | dict(given))  # noqa: S606  no shell is wanted here


def _unshare() -> str:
    program = shutil.which("unshare", path=PROGRAMS)
    if program is None:
        raise BuildError("run needs the program unshare: install the package util-linux")
    return program


def _words(root: Path, command: list[str]) -> list[str]:
    own_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    words = ["unshare", *own_user, "--mount", "--propagation", "private"]
    tried = subprocess.run([_unshare(), *words[1:], "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise BuildError(
            f"run: this machine allows no namespace ({tried.stderr.strip()}); "
            "run it as root, or load the image into a container engine: skopeo copy oci:IMAGE docker-daemon:NAME:TAG"
        )
    return [*words, "sh", "-c", INSIDE, str(root), *command]
