"""The images and the first prediction of an `up`, for people and for programs. Pure but for printing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fleet.commands import Report
from fleet.first_prediction import Prediction
from fleet.images import Image, Made

MIB = 1024 * 1024


def images_well(images: Sequence[Image], prediction: Prediction | None) -> bool:
    """False if an image was not built, or the one that was asked did not answer."""
    return all(image.made is not Made.FAILED for image in images) and (prediction is None or prediction.well)


def print_images(images: Sequence[Image], console: Console) -> None:
    """A row an image, then why one was not built."""
    if not images:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("image", no_wrap=True)
    table.add_column("digest", overflow="fold")
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    for image in images:
        table.add_row(*_row(image))
    console.print(table)
    for image in images:
        for problem in image.problems:
            console.print(Text(f"image {image.model}: {problem}", style="red"), soft_wrap=True)
        if image.next_step:
            console.print(Text(f"  next: {image.next_step}"), soft_wrap=True)


def print_prediction(prediction: Prediction | None, console: Console) -> None:
    """What was asked, of which server, and the answer."""
    if prediction is None:
        return
    if prediction.note:
        console.print(Text(prediction.note, style="yellow"), soft_wrap=True)
    console.print(Text(f"{prediction.model}, asked in {prediction.asked}:"), soft_wrap=True)
    console.print(Text(f"  {json.dumps(prediction.example)}"), soft_wrap=True)
    console.print(Text(f"  -> {prediction.body}", style="green" if prediction.well else "red"), soft_wrap=True)


def images_object(report: Report) -> dict[str, Any]:
    """The same for programs: keys beside those of the stacks. Nothing where no image was to be built."""
    if not report.images:
        return {}
    images = [
        asdict(image) | {"layout": str(image.layout), "seconds": round(image.seconds, 1)} for image in report.images
    ]
    found: dict[str, Any] = {
        "images": images,
        "prediction": asdict(report.prediction) if report.prediction else None,
    }
    # Without images, `ok` is what the stacks' own object says.
    return found if images_well(report.images, report.prediction) else {**found, "ok": False}


def _row(image: Image) -> list[Text | str]:
    if image.made is Made.FAILED:
        return [Text(image.model, style="bold"), Text("failed; what was pinned stays", style="red"), "", ""]
    seconds = "from cache" if image.made is Made.FROM_CACHE else f"{image.seconds:.0f}"
    return [Text(image.model, style="bold"), Text(image.digest), f"{image.size / MIB:.1f} MiB", seconds]
