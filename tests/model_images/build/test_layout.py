"""The layout on disk: whole at every moment, and refused where it is damaged."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from model_images.build.documents import INDEX_TYPE, index_blob
from model_images.build.errors import LayoutError
from model_images.build.inspection import inspect
from model_images.build.layout import check_output, write_layout
from model_images.build.reading import blob_path, manifests, read_blob, read_image
from tests.model_images.build.layouts import index_of, note, put_blob, small_image, small_layer

ROOT = Path(__file__).parents[3]
WRITER = """
import itertools, sys
from pathlib import Path
from tests.model_images.build.layouts import small_image, small_layer
work, output = Path(sys.argv[1]), Path(sys.argv[2])
layers = [small_layer(work, text=text * 100) for text in "ab"]
for turn in itertools.count():
    small_image(output, layers[turn % 2])
    print(turn, flush=True)
"""


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_one_manifest_is_named_and_its_referrers_lie_beside(tmp_path: Path) -> None:
    image = small_image(tmp_path / "image", small_layer(tmp_path))
    assert [one["digest"] for one in index_of(tmp_path / "image")["manifests"]] == [image["digest"]]
    (referrer,) = index_of(tmp_path / "image/referrers")["manifests"]
    assert referrer["digest"] == note(image).descriptor["digest"]


def test_a_rebuild_replaces_the_image_and_leaves_nothing_of_the_old(tmp_path: Path) -> None:
    small_image(tmp_path / "image", small_layer(tmp_path, text="one"))
    small_image(tmp_path / "image", small_layer(tmp_path, text="two"))
    small_image(tmp_path / "fresh", small_layer(tmp_path, text="two"))
    assert files(tmp_path / "image") == files(tmp_path / "fresh")


def test_a_rebuild_mends_a_damaged_blob(tmp_path: Path) -> None:
    layer = small_layer(tmp_path)
    small_image(tmp_path / "image", layer)
    blob_path(tmp_path / "image", layer.digest).write_bytes(b"x" * layer.size)
    small_image(tmp_path / "image", layer)
    inspect(tmp_path / "image")


def test_everybody_may_read_a_layout(tmp_path: Path) -> None:
    small_image(tmp_path / "image", small_layer(tmp_path))
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "image").rglob("*") if path.is_file()} == {0o644}


def test_a_folder_with_other_files_is_refused_and_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(LayoutError, match="holds other files; allowed: a folder that is new, empty or an image layout"):
        check_output(tmp_path)
    assert files(tmp_path) == {"thesis.txt"}


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LayoutError, match="is a file"):
        check_output(tmp_path / "file")


def test_a_folder_that_is_no_layout_is_told(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"not an image layout .*`python -m model_images build` writes one"):
        read_image(tmp_path)


def test_a_layout_of_several_images_is_refused(tmp_path: Path) -> None:
    layout = tmp_path / "image"
    image = small_image(layout, small_layer(tmp_path))
    (layout / "index.json").write_bytes(index_blob([image, image]).content)
    with pytest.raises(LayoutError, match=r"index\.json names 2 images; allowed: one"):
        read_image(layout)


def test_a_damaged_document_is_refused(tmp_path: Path) -> None:
    layout = tmp_path / "image"
    image = small_image(layout, small_layer(tmp_path))
    path = blob_path(layout, image["digest"])
    path.write_bytes(path.read_bytes().replace(b"small", b"large").replace(b"2", b"3"))
    with pytest.raises(LayoutError, match=r"damaged: its content has the digest sha256:.*; build the image again"):
        read_blob(layout, image)


def test_an_index_leads_to_the_manifest_of_each_platform(tmp_path: Path) -> None:
    layout = tmp_path / "image"
    image = small_image(layout, small_layer(tmp_path))
    index = put_blob(layout, {"manifests": [image, image], "schemaVersion": 2}) | {"mediaType": INDEX_TYPE}
    (layout / "index.json").write_bytes(index_blob([index]).content)
    assert [one["digest"] for one, _ in manifests(layout)] == [image["digest"]] * 2


def test_new_and_old_referrers_are_not_mixed_up(tmp_path: Path) -> None:
    layer = small_layer(tmp_path / "work")
    image = small_image(tmp_path / "image", layer)
    write_layout(tmp_path / "image", image, [layer], [])
    assert index_of(tmp_path / "image/referrers")["manifests"] == []


def test_a_kill_at_any_moment_leaves_a_whole_image(tmp_path: Path) -> None:
    output = tmp_path / "image"
    for turn in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(output)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.003 * turn)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        found = inspect(output)
        assert found["digest"] in {one["subject"] for one in found["referrers"]}
    layer = small_layer(tmp_path)
    small_image(output, layer)
    small_image(tmp_path / "fresh", layer)
    assert files(output) == files(tmp_path / "fresh")


def test_a_first_build_that_was_killed_is_no_obstacle_to_the_next(tmp_path: Path) -> None:
    for turn in range(4):
        output = tmp_path / f"image-{turn}"
        writer = subprocess.Popen(
            [sys.executable, "-c", f"print(flush=True)\n{WRITER}", str(tmp_path), str(output)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert writer.stdout is not None
        while not output.exists():
            time.sleep(0.0005)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        small_image(output, small_layer(tmp_path))
        inspect(output)


def test_a_layout_of_several_images_is_not_overwritten(tmp_path: Path) -> None:
    image = small_image(tmp_path / "image", small_layer(tmp_path))
    index = index_of(tmp_path / "image")
    (tmp_path / "image/index.json").write_text(json.dumps(index | {"manifests": [image, image]}))
    with pytest.raises(LayoutError, match="holds 2 images"):
        check_output(tmp_path / "image")


def test_a_build_waits_for_another_into_the_same_folder(tmp_path: Path) -> None:
    small_image(tmp_path / "image", small_layer(tmp_path))
    handle = os.open(tmp_path / "image", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    second = threading.Thread(target=small_image, args=(tmp_path / "image", small_layer(tmp_path, text="two")))
    second.start()
    second.join(0.2)
    waited = second.is_alive()
    os.close(handle)
    second.join()
    assert waited
