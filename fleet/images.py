"""The images of an offline environment's models: built from their folders, pinned in its stack files, asked once.

A real environment's images are built, tested and promoted by their own commands; nothing here runs for it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from fleet.board import Board
from fleet.children import Children, Ended
from fleet.events import Tally
from fleet.model import Fleet, FleetStack
from fleet.pins import pin, released

SAMPLES = Path("model_images", "samples")
SIDE_BY_SIDE = 2


class Made(StrEnum):
    BUILT = "built"
    FROM_CACHE = "from cache"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Image:
    """A model's image. `size` is that of its layers as stored, in bytes; a failed one has no digest but `problems`."""

    model: str
    made: Made
    layout: Path
    digest: str = ""
    size: int = 0
    seconds: float = 0
    problems: tuple[str, ...] = ()
    next_step: str = ""


@dataclass(frozen=True, kw_only=True)
class ImageBuilder:
    """Builds the images of one fleet; `children` is what a stop must reach."""

    fleet: Fleet
    board: Board
    children: Children

    def make(self, stacks: Sequence[FleetStack]) -> tuple[Image, ...]:
        """The images of the models released in `stacks` that have a folder here, their digests pinned in the files.

        What was pinned stays where a build fails. Raises FolderUnusable if a file cannot be written.
        """
        models = buildable(self.fleet, stacks)
        if not models:
            return ()
        with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
            images = tuple(pool.map(self._build, models))
        for line in pin(self.fleet, stacks, {image.model: image.digest for image in images if image.digest}):
            self.board.say(line)
        return images

    def _build(self, model: str) -> Image:
        started, tally, name = time.monotonic(), Tally(), board_name(model)
        self.board.begin(name, "build", tally)

        def on_line(line: str) -> None:
            tally.current = line

        folder = layout(self.fleet, model)
        before = digest_of(folder)
        ended = self.children.run(_words(self.fleet, model), on_line)
        image = read_build(model, folder, before, ended, time.monotonic() - started)
        if image.made is Made.FAILED and self.children.stopped:
            image = replace(image, problems=("interrupted",), next_step="run again")
        self.board.leave(name, image.seconds, line_of(image), "red" if image.made is Made.FAILED else "green")
        return image


def buildable(fleet: Fleet, stacks: Sequence[FleetStack]) -> tuple[str, ...]:
    """The models to build for `stacks`: none in a real environment."""
    if not fleet.offline:
        return ()
    return tuple(
        model for model in released(fleet.root, stacks) if (fleet.root / SAMPLES / model / "model.yaml").is_file()
    )


def read_build(model: str, folder: Path, before: str, ended: Ended, seconds: float) -> Image:
    """What `model_images build --json` told; `before` is the digest that lay in `folder` already."""
    again = f"python -m model_images build {SAMPLES / model} --output .homeport/{folder.name}"
    told = last_object(ended.output)
    if ended.code != 0 or not told or not str(told.get("digest", "")).startswith("sha256:"):
        problems = ended.errors or (f"the build ended with exit code {ended.code} and told nothing",)
        return Image(
            model=model,
            made=Made.FAILED,
            layout=folder,
            seconds=seconds,
            problems=problems,
            next_step=f"mend the cause, then run again; alone it is: {again}",
        )
    return Image(
        model=model,
        made=Made.FROM_CACHE if told["digest"] == before else Made.BUILT,
        layout=folder,
        digest=str(told["digest"]),
        size=sum(layer["size"] for platform in told["platforms"].values() for layer in platform["layers"]),
        seconds=seconds,
    )


def digest_of(folder: Path) -> str:
    """The digest of the image that lies in a layout, empty if there is none."""
    try:
        index: Any = json.loads((folder / "index.json").read_bytes())
        return str(index["manifests"][0]["digest"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def last_object(text: str) -> dict[str, Any] | None:
    """The JSON object that `text` ends with, None if there is none."""
    try:
        found: object = json.loads(text[text.index("{") :])
    except ValueError:
        return None
    return dict(found) if isinstance(found, dict) else None  # pyright: ignore[reportUnknownArgumentType]


def line_of(image: Image) -> str:
    """The image in a few words."""
    if image.made is Made.FAILED:
        return f"failed: {image.problems[-1]}"
    return f"{image.made}: {image.digest}"


def layout(fleet: Fleet, model: str) -> Path:
    """Where a model's image lies, as an OCI layout."""
    return fleet.folder / "images" / model


def board_name(model: str) -> str:
    return f"image {model}"


def _words(fleet: Fleet, model: str) -> tuple[str, ...]:
    output = layout(fleet, model).relative_to(fleet.root)
    accelerator = fleet.accelerators.get(model, "cpu")
    return (
        *("model_images", "build", str(SAMPLES / model)),
        *("--output", str(output), "--accelerator", accelerator, "--json"),
    )
