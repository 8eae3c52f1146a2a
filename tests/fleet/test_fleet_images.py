"""Images of an offline environment: built, pinned in the stack files, asked once. The real builder runs elsewhere."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from fleet.board import Board
from fleet.children import Children
from fleet.commands import Order, Report, preview, up
from fleet.consent import Consent
from fleet.errors import FolderUnusable
from fleet.first_prediction import FirstPrediction
from fleet.image_table import images_object, images_well, print_images, print_prediction
from fleet.images import Image, Made
from fleet.model import Fleet
from fleet.pins import pin, released, with_digests
from fleet.result import Outcome
from tests.fleet.conftest import HERE, ROOT
from tests.fleet.fleets import CENTRAL, WEST, fleet, models

OLD, NEW = f"sha256:{'0' * 64}", f"sha256:{'1' * 64}"
FLOW = f'''# a comment
config:
  homeport:releases:   # of this region
    fraud: {{stable: {{image: "{OLD}"}}}}   # keep
    churn: {{stable: {{image: "{OLD}"}}}}
'''
SILENT = Console(quiet=True)


def order(of: Fleet, *only: str) -> Order:
    return Order(
        fleet=of, only=only, parallel=2, consent=Consent(console=SILENT, yes=True, repair=False), console=SILENT
    )


@pytest.fixture
def with_images(stubbed: Fleet) -> Fleet:
    """The stubbed fleet with stack files of its own, one model folder, and a stand-in that builds and serves it."""
    root = stubbed.root
    (root / "stacks").unlink()
    shutil.copytree(ROOT / "stacks", root / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    package = root / "model_images"
    shutil.copytree(ROOT / "model_images" / "samples" / "fraud", package / "samples" / "fraud")
    (package / "__init__.py").touch()
    shutil.copy(HERE / "stub_model_images.py", package / "__main__.py")
    return stubbed


def model_folder(of: Fleet) -> Path:
    return of.root / "model_images" / "samples" / "fraud"


def config(of: Fleet, region: str = WEST) -> Path:
    return of.root / "stacks" / "config" / f"Pulumi.{region}-models.yaml"


def digest(of: Fleet) -> str:
    return f"sha256:{hashlib.sha256((model_folder(of) / 'model.yaml').read_bytes()).hexdigest()}"


def printed(report: Report) -> str:
    console = Console(file=io.StringIO(), width=120)
    print_images(report.images, console)
    print_prediction(report.prediction, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def server_is_gone(of: Fleet) -> bool:
    try:
        os.kill(int((of.root / "server.pid").read_text()), 0)
    except ProcessLookupError:
        return True
    return False


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_only_the_digits_change() -> None:
    assert with_digests(FLOW, {"fraud": NEW}) == FLOW.replace(OLD, NEW, 1)


def test_a_digest_in_block_style_is_found_too() -> None:
    block = f"config:\n  homeport:releases:\n    fraud:\n      stable:\n        image: {OLD} # why\n"
    assert with_digests(block, {"fraud": NEW}) == block.replace(OLD, NEW)


def test_a_candidate_is_never_pinned() -> None:
    text = FLOW.replace("stable", "candidate")
    assert with_digests(text, {"fraud": NEW, "churn": NEW}) == text


def test_lines_keep_their_ends(tmp_path: Path) -> None:
    of, path = fleet(tmp_path, models()), tmp_path / "stacks" / "config" / f"Pulumi.{WEST}-models.yaml"
    path.parent.mkdir(parents=True)
    of.folder.mkdir(parents=True)
    path.write_bytes(FLOW.replace("\n", "\r\n").encode())
    pin(of, of.stacks, {"fraud": NEW})
    assert path.read_bytes() == FLOW.replace(OLD, NEW, 1).replace("\n", "\r\n").encode()


def test_a_file_that_already_says_so_is_not_written(tmp_path: Path) -> None:
    of, path = fleet(tmp_path, models()), tmp_path / "stacks" / "config" / f"Pulumi.{WEST}-models.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(FLOW)
    before = path.stat().st_ino
    assert pin(of, of.stacks, {"fraud": OLD}) == ()
    assert path.stat().st_ino == before


def test_a_file_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    of, path = fleet(tmp_path, models()), tmp_path / "stacks" / "config" / f"Pulumi.{WEST}-models.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(FLOW)
    with pytest.raises(FolderUnusable, match="cannot be written"):
        pin(of, of.stacks, {"fraud": NEW})  # the environment has no folder yet
    assert path.read_text() == FLOW


def test_a_file_that_is_no_yaml_releases_nothing(tmp_path: Path) -> None:
    of, path = fleet(tmp_path, models()), tmp_path / "stacks" / "config" / f"Pulumi.{WEST}-models.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("config: [")
    assert released(of.root, of.stacks) == ()


def test_up_pins_what_it_built_in_every_region_before_it_deploys(with_images: Fleet) -> None:
    report = up(order(with_images))
    assert [(image.made, image.digest) for image in report.images] == [(Made.BUILT, digest(with_images))]
    assert {result.outcome for result in report.results} == {Outcome.DONE}
    for region in (WEST, CENTRAL):
        assert digest(with_images) in config(with_images, region).read_text()


def test_a_second_up_takes_the_image_from_the_cache_and_writes_no_file(with_images: Fleet) -> None:
    up(order(with_images))
    before = config(with_images).stat().st_ino
    report = up(order(with_images))
    assert "from cache" in printed(report)
    assert config(with_images).stat().st_ino == before


def test_the_image_is_asked_its_warm_up_example_and_stopped(with_images: Fleet) -> None:
    report = up(order(with_images))
    assert report.prediction is not None
    assert (report.prediction.status, report.prediction.body) == (200, '{"predictions": ["run", "run"]}')
    assert "fraud, asked in its image:" in printed(report)
    assert server_is_gone(with_images)


def test_where_images_cannot_run_the_server_from_source_is_asked(with_images: Fleet) -> None:
    (model_folder(with_images) / "no-run").write_text("no user namespaces here")
    report = up(order(with_images))
    assert images_well(report.images, report.prediction)
    text = printed(report)
    assert "the image cannot be run on this machine: no user namespaces here" in text
    assert "fraud, asked in the server from source:" in text
    assert server_is_gone(with_images)


def test_a_model_that_never_answers_is_a_failure_of_the_run(with_images: Fleet) -> None:
    for name in ("no-run", "no-serve"):
        (model_folder(with_images) / name).write_text(f"{name}: broken")
    report = up(order(with_images))
    assert not images_well(report.images, report.prediction)
    assert images_object(report)["ok"] is False
    assert "-> no-serve: broken" in printed(report)


def test_a_failed_build_leaves_what_was_pinned_and_the_stacks_stand(with_images: Fleet) -> None:
    before = config(with_images).read_text()
    (model_folder(with_images) / "fails").write_text("model.yaml: name: missing")
    report = up(order(with_images))
    assert config(with_images).read_text() == before
    assert {result.outcome for result in report.results} == {Outcome.DONE}
    assert report.prediction is None
    assert not images_well(report.images, report.prediction)
    assert "image fraud: model.yaml: name: missing" in printed(report)


def test_a_real_environment_neither_builds_nor_pins(with_images: Fleet) -> None:
    before = config(with_images).read_text()
    assert up(order(replace(with_images, offline=False))).images == ()
    assert config(with_images).read_text() == before


def test_a_preview_builds_and_writes_nothing(with_images: Fleet) -> None:
    before = config(with_images).read_text()
    assert preview(order(with_images)).images == ()
    assert config(with_images).read_text() == before
    assert not (with_images.folder / "images").exists()


def test_a_stack_that_releases_no_model_needs_no_image(with_images: Fleet) -> None:
    assert up(order(with_images, "demo-aws-account")).images == ()


def test_a_stop_ends_the_build_and_deploys_nothing(with_images: Fleet) -> None:
    (model_folder(with_images) / "slow").touch()

    def stop_once_it_builds() -> None:
        wait_until((model_folder(with_images) / "building").exists)
        os.kill(os.getpid(), signal.SIGINT)

    stopper = threading.Thread(target=stop_once_it_builds)
    stopper.start()
    report = up(order(with_images))
    stopper.join()
    assert report.interrupted
    assert {result.outcome for result in report.results} == {Outcome.NOT_STARTED}
    assert report.prediction is None
    assert [image.problems for image in report.images] == [("interrupted",)]


def test_a_server_that_a_stop_ended_says_nothing_of_the_model(with_images: Fleet) -> None:
    children = Children(with_images.root)
    children.interrupt()
    image = Image(model="fraud", made=Made.BUILT, layout=with_images.folder / "images" / "fraud")
    first = FirstPrediction(fleet=with_images, board=Board(SILENT, ()), children=children)
    with first.asked((image,)):
        pass
    assert first.answer is None


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    (tmp_path / "deaf.py").write_text(
        "import signal, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('up', file=sys.stderr, flush=True)\ntime.sleep(60)\n"
    )
    said = threading.Event()
    with Children(tmp_path).started(("deaf",), lambda _line: said.set()) as child:
        assert said.wait(10)
    assert child.process.returncode == -signal.SIGKILL


def test_a_child_does_not_outlive_a_killed_run(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(
        "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(60)\n"
    )
    (tmp_path / "run.py").write_text(
        f"import sys, time\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\nfrom fleet.children import Children\n"
        "with Children(Path()).started(('server',), print):\n    time.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "run.py"], cwd=tmp_path)
    written = tmp_path / "pid"
    wait_until(lambda: written.exists() and bool(written.read_text()))
    run.kill()
    run.wait()
    wait_until(lambda: not Path(f"/proc/{written.read_text()}").exists())


def test_the_table_names_model_digest_size_and_seconds() -> None:
    image = Image(model="fraud", made=Made.BUILT, layout=Path("x"), digest=NEW, size=26_214_400, seconds=7.4)
    report = Report(results=(), seconds=1, interrupted=False, images=(image,))
    (row,) = [line.split() for line in printed(report).splitlines() if "fraud" in line]
    assert row == ["fraud", NEW, "25.0", "MiB", "7"]


def test_without_images_programs_are_told_nothing_of_them() -> None:
    assert images_object(Report(results=(), seconds=1, interrupted=False)) == {}
