"""`requirements.lock` of a model folder: every package of its image, by version, the wheel for each platform by sha256.

Made by uv for Python 3.11 on both architectures. Its first line is the digest of what was asked for: a lock that is out
of step with model.yaml, or with the server, is refused and never mended silently. `cpu` is locked in
`requirements.lock`, another accelerator in `requirements-ACCELERATOR.lock`. pip and uv can install from it as well.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import uv

from model_images.build.errors import LockError
from model_images.build.frameworks import requirements_of
from model_images.build.platforms import PLATFORMS, PYTHON, Accelerator, Platform
from model_images.build.wheels import Wheel, best_wheel
from model_images.model_file import ModelFile
from model_images.whole_files import replace

INPUTS = "# inputs: "
NOT_FOR = "# not for "
# In every refusal of uv; what is left of it is the reason.
WORDS_OF_COURSE = (
    "error: No solution found when resolving dependencies cause: Because ",
    ", we can conclude that your requirements are unsatisfiable",
)


@dataclass(frozen=True, kw_only=True)
class Locked:
    """One package of a lock: its wheel for each platform that needs it, by the platform's name."""

    name: str
    version: str
    wheels: Mapping[str, Wheel]


def lock_path(folder: Path, accelerator: Accelerator) -> Path:
    """The lock of a model folder for one accelerator."""
    return folder / ("requirements.lock" if accelerator == "cpu" else f"requirements-{accelerator}.lock")


def write_lock(folder: Path, model: ModelFile, accelerator: Accelerator) -> Path:
    """Resolves the packages of the image anew and writes the lock; a platform without a wheel is noted in it.

    Raises:
        LockError: if no platform has such a set of wheels; with what uv says.
    """
    requirements = requirements_of(model, accelerator)
    rows: dict[tuple[str, str], dict[str, Wheel]] = {}
    refusals: dict[str, LockError] = {}
    for name, platform in PLATFORMS.items():
        try:
            for key, wheel in _resolve(requirements, platform):
                rows.setdefault(key, {})[name] = wheel
        except LockError as error:
            refusals[name] = error
    if len(refusals) == len(PLATFORMS):
        raise LockError(f"{folder / 'model.yaml'}: requirements: {next(iter(refusals.values()))}")
    lines = [f"{INPUTS}{_digest(requirements)}", "# Written by `python -m model_images lock`: do not edit."]
    lines += [f"{NOT_FOR}{name}: {error}" for name, error in refusals.items()]
    lines += [_text(Locked(name=key[0], version=key[1], wheels=wheels)) for key, wheels in sorted(rows.items())]
    path = lock_path(folder, accelerator)
    replace(path, ("\n".join(lines) + "\n").encode())
    return path


def _resolve(requirements: Sequence[str], platform: Platform) -> list[tuple[tuple[str, str], Wheel]]:
    """Names, versions and wheels for one platform."""
    words = ["pip", "compile", "requirements.in", "--python-version", PYTHON, "--python-platform", platform.wheels]
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "requirements.in").write_text("\n".join(requirements), encoding="utf-8")
        text = run_uv([*words, "--only-binary", ":all:", "--format", "pylock.toml"], Path(work))
    found: list[tuple[tuple[str, str], Wheel]] = []
    for package in tomllib.loads(text)["packages"]:
        # The addresses of the wheels are the business of the machine that asks.
        wheels = [
            Wheel(file=unquote(wheel["url"].rpartition("/")[2]), sha256=wheel["hashes"]["sha256"])
            for wheel in package.get("wheels", ())
        ]
        best = best_wheel(wheels, platform)
        if best is None:
            raise LockError(f"{package['name']}=={package['version']} has no wheel for {platform}")
        found.append(((package["name"], package["version"]), best))
    return found


def read_lock(folder: Path, model: ModelFile, accelerator: Accelerator) -> str:
    """The text of the lock.

    Raises:
        LockError: if it is not there, or was made from other requirements than those of today.
        BuildError: if the framework cannot use the accelerator.
    """
    wanted = _digest(requirements_of(model, accelerator))
    path = lock_path(folder, accelerator)
    next_step = f"run `python -m model_images lock {folder}" + (
        "`" if accelerator == "cpu" else f" --accelerator {accelerator}`"
    )
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise LockError(f"{path}: {error.strerror}; {next_step}") from error
    got = text.partition("\n")[0].removeprefix(INPUTS)
    if got != wanted:
        raise LockError(
            f"{path}: out of step: made from {got:.23}, model.yaml and the server ask for {wanted:.23}; {next_step}"
        )
    held = {f"{_plain(locked.name)}=={locked.version}" for locked in locked_packages(text)}
    missing = next((pin for pin in requirements_of(model, accelerator) if _plain(pin) not in held), None)
    if missing:
        raise LockError(f"{path}: does not hold {missing}, so it was edited or is not whole; {next_step}")
    return text


def _plain(requirement: str) -> str:
    """`Name[extra]==1` with the name as indexes compare it, without extras."""
    name, equals, version = requirement.partition("==")
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower() + equals + version


def _text(locked: Locked) -> str:
    machines = [f"platform_machine == '{PLATFORMS[name].machine}'" for name in sorted(locked.wheels)]
    marker = f" ; {machines[0]}" if len(machines) < len(PLATFORMS) else ""
    hashes = sorted({wheel.sha256 for wheel in locked.wheels.values()})
    lines = [f"# {name} {wheel.sha256} {wheel.file}" for name, wheel in sorted(locked.wheels.items())]
    requirement = [f"{locked.name}=={locked.version}{marker}", *(f"    --hash=sha256:{digest}" for digest in hashes)]
    return "\n".join(lines) + "\n" + " \\\n".join(requirement)


def locked_packages(text: str) -> list[Locked]:
    """The packages of a lock's text."""
    found: list[Locked] = []
    wheels: dict[str, Wheel] = {}
    for line in text.splitlines():
        words = line.split()
        if line.startswith("# linux/") and len(words) == 4:
            wheels[words[1]] = Wheel(sha256=words[2], file=words[3])
        elif "==" in line and not line.startswith("#"):
            name, _, version = words[0].partition("==")
            found.append(Locked(name=name, version=version, wheels=wheels))
            wheels = {}
    return found


def check_platform(text: str, platform: Platform, what: str) -> None:
    """Refuses a platform that the lock is not for.

    Raises:
        LockError: with what was said when it was made.
    """
    start = f"{NOT_FOR}{platform}: "
    said = next((line.removeprefix(start) for line in text.splitlines() if line.startswith(start)), None)
    if said is not None:
        raise LockError(f"{what}: not for {platform}: {said}; choose another version, or build for another platform")


def _digest(requirements: tuple[str, ...]) -> str:
    text = "\n".join((*requirements, PYTHON, *PLATFORMS))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def run_uv(words: list[str], folder: Path) -> str:
    """What `uv WORDS` prints, run in `folder`.

    Raises:
        LockError: what uv says, in one line.
    """
    environment = {key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "UV_TARGET"}}
    done = subprocess.run(
        [uv.find_uv_bin(), *words, "--no-progress"],
        cwd=folder,
        env=environment | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if not line.startswith(("Using CPython", "Resolved "))]
        said = " ".join(" ".join(lines).split())
        for words_of_course in WORDS_OF_COURSE:
            said = said.replace(words_of_course, "")
        raise LockError(said or f"uv ended with {done.returncode}")
    return done.stdout
