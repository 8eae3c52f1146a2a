"""`lock-base`: takes today's versions of the base's Debian packages."""

from __future__ import annotations

import argparse
import sys

from model_images.build.debian import lock_path, read_lock, write_lock
from model_images.build.debian_lock import resolve
from model_images.build.errors import BuildError
from model_images.build.platforms import PLATFORMS
from model_images.commands.reporting import progress, told


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the mirror has other versions")


def run(arguments: argparse.Namespace) -> int:
    """Writes the locks of all architectures, or says where they differ."""
    changed = False
    try:
        for platform in PLATFORMS.values():
            with progress() as say:
                say(f"reading the package lists for {platform.architecture}")
                packages = resolve(platform.architecture)
            path = lock_path(platform.architecture)
            old = (
                {package.name: package.version for package in read_lock(platform.architecture)}
                if path.is_file()
                else {}
            )
            new = {package.name: package.version for package in packages}
            for name in sorted(old | new):
                if old.get(name) != new.get(name):
                    changed = True
                    print(f"{platform.architecture}: {name}: {old.get(name, 'none')} -> {new.get(name, 'none')}")
            if not arguments.check:
                write_lock(platform.architecture, packages)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        return told(error)
    print("the base's packages have newer versions" if changed else "the base's packages are today's")
    return int(changed and arguments.check)
