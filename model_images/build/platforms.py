"""The platforms and accelerators that an image can be for, and what each is called elsewhere."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Literal, get_args

from model_images.build.errors import BuildError

Accelerator = Literal["cpu", "cuda", "neuron"]
ACCELERATORS: tuple[Accelerator, ...] = get_args(Accelerator)
PYTHON = "3.11"


@dataclass(frozen=True, kw_only=True)
class Platform:
    """`architecture` as OCI and Debian say, `machine` as Linux says, `wheels` as uv says."""

    architecture: str
    machine: str
    wheels: str

    def __str__(self) -> str:
        return f"linux/{self.architecture}"


GLIBC = 28  # wheels for glibc 2.28 and older: the base has 2.36, a given base may have less
PLATFORMS = {
    "linux/amd64": Platform(architecture="amd64", machine="x86_64", wheels=f"x86_64-manylinux_2_{GLIBC}"),
    "linux/arm64": Platform(architecture="arm64", machine="aarch64", wheels=f"aarch64-manylinux_2_{GLIBC}"),
}
DEFAULT_PLATFORM = "linux/amd64"


def platforms_of(text: str) -> tuple[Platform, ...]:
    """`linux/amd64,linux/arm64` as platforms, each once, in the table's order.

    Raises:
        BuildError: naming a platform that is not known.
    """
    names = {name.strip() for name in text.split(",") if name.strip()}
    unknown = sorted(names - PLATFORMS.keys())
    if unknown or not names:
        raise BuildError(f"--platform: got {text!r}; allowed: {', '.join(PLATFORMS)}, with a comma between two")
    return tuple(known for name, known in PLATFORMS.items() if name in names)


def machine_architecture() -> str:
    """The architecture whose programs this machine runs, as OCI calls it.

    Raises:
        BuildError: on a machine that is no Linux on amd64 or arm64.
    """
    for known in PLATFORMS.values():
        if platform.system() == "Linux" and platform.machine() == known.machine:
            return known.architecture
    got = f"{platform.system()} on {platform.machine()}"
    raise BuildError(f"this machine: got {got}; allowed: Linux on x86_64 or aarch64, which run the base's Python")
