"""What `inspect` tells of an image."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.model_images.build.layouts import small_image, small_layer

ROOT = Path(__file__).parents[3]


def inspect(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "model_images", "inspect", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_layers_labels_and_referrers_are_shown_as_json(tmp_path: Path) -> None:
    layer = small_layer(tmp_path)
    image = small_image(tmp_path / "image", layer)
    found = json.loads(inspect(str(tmp_path / "image"), "--json").stdout)
    (part,) = found["platforms"]
    assert (found["digest"], part["platform"], part["size"]) == (image["digest"], "linux/amd64", layer.size)
    assert part["labels"] == {"name": "small"}
    assert [one["diff_id"] for one in part["layers"]] == [layer.diff_id]
    assert [one["subject"] for one in found["referrers"]] == [image["digest"]]


def test_the_same_is_shown_to_people(tmp_path: Path) -> None:
    layer = small_layer(tmp_path)
    small_image(tmp_path / "image", layer)
    said = inspect(str(tmp_path / "image")).stdout
    assert layer.digest in said
    assert "starts /usr/bin/python3 -m model_images.serve serve" in said


def test_a_damaged_layer_is_one_line(tmp_path: Path) -> None:
    layer = small_layer(tmp_path)
    small_image(tmp_path / "image", layer)
    (tmp_path / "image/blobs/sha256" / layer.digest.removeprefix("sha256:")).write_bytes(b"x")
    done = inspect(str(tmp_path / "image"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "missing or damaged" in done.stderr
