"""Images of model folders, built once a test session, and the command that starts one."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from pathlib import Path

from model_images.build.assemble import Order, build
from model_images.build.errors import LockError
from model_images.build.lock import read_lock, write_lock
from model_images.build.platforms import PLATFORMS, machine_architecture
from model_images.model_file import read_model_file

_built: dict[Path, Path] = {}


def built_image(folder: Path) -> Path:
    """The layout of a model folder's image for this machine; a folder without a lock is locked in a copy first."""
    if folder not in _built:
        work = Path(tempfile.mkdtemp(prefix="image-"))
        atexit.register(shutil.rmtree, work, ignore_errors=True)
        copy, model = work / "model", read_model_file(folder)
        shutil.copytree(folder, copy)
        try:
            read_lock(copy, model, "cpu")
        except LockError:
            write_lock(copy, model, "cpu")
        platform = PLATFORMS[f"linux/{machine_architecture()}"]
        build(Order(folder=copy, output=work / "image", platforms=(platform,)), lambda _: None)
        _built[folder] = work / "image"
    return _built[folder]


def image_command(folder: Path) -> list[str]:
    """Serves the image of a model folder; what the environment says of the server is handed on."""
    return [sys.executable, "-m", "model_images", "run", str(built_image(folder))]
