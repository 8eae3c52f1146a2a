"""`python -m model_images.serve`, as the image starts it, and `python -m model_images serve`, as a person does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.model_images.conftest import SAMPLES
from tests.model_images.folders import model_folder
from tests.model_images.live import ROOT, free_port, start

IMAGE = [sys.executable, "-m", "model_images.serve"]
USER = [sys.executable, "-m", "model_images", "serve"]


def ran(*command: str, **environ: str) -> tuple[int, str]:
    """Exit status and stderr of a command that ends by itself."""
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environ}, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("words", [[], pytest.param(["serve"], marks=pytest.mark.slow)])
def test_the_image_serves_with_the_word_that_sagemaker_adds_and_without(words: list[str]) -> None:
    server = start([*IMAGE, *words], {"MODEL_DIR": str(SAMPLES / "fraud"), "WORKERS": "1"})
    try:
        assert server.get("/ping").status == 200
        assert server.stop() == 0
    finally:
        server.discard()


def test_an_unknown_word_is_refused_in_one_line() -> None:
    assert ran(*IMAGE, "train") == (2, "got 'train'; allowed: serve, batch, or nothing\n")


def test_a_folder_without_a_model_is_refused_in_one_line(tmp_path: Path) -> None:
    status, said = ran(*IMAGE, MODEL_DIR=str(tmp_path), AIP_HTTP_PORT=str(free_port()))
    assert status in {1, 2}
    assert said.count("\n") == 1


def test_every_wrong_variable_is_told(tmp_path: Path) -> None:
    status, said = ran(*USER, str(model_folder(tmp_path)), "--port", "70000", WORKERS="many", DRAIN_DELAY_S="soon")
    assert status == 2
    assert said.splitlines() == [
        "--port: got 70000; allowed: 0 to 65535",
        "WORKERS: got 'many'; allowed: 1 to 256",
        "DRAIN_DELAY_S: got 'soon'; allowed: 0 to 600",
    ]


def test_a_wrong_model_file_is_told_in_lines(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, old="framework: python", new="framework: keras")
    status, said = ran(*USER, str(folder), "--port", "0")
    assert status == 2
    assert said.startswith(f"{folder}/model.yaml: framework: got 'keras'")
    assert "Traceback" not in said


def test_starting_imports_nothing_that_is_not_needed() -> None:
    listing = "import sys, model_images.serve.start, model_images.serve.worker, model_images.runtimes.python"
    done = subprocess.run(
        [sys.executable, "-c", f"{listing}; print(*sys.modules)"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {
        "pydantic",
        "pulumi",
        "rich",
        "click",
        "uvicorn",
        "redis",
        "onnxruntime",
        "pandas",
        "multiprocessing",
        "http.client",
        "model_images.serve.aws",
        "model_images.serve.batch",
        "model_images.serve.features",
    }
    assert heavy & set(done.stdout.split()) == set()


CROWDED = """
import os, resource

def load(folder):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return float(os.environ["OMP_NUM_THREADS"] == "1" and soft == hard)

def predict(model, rows):
    return [model for _ in rows]
"""


def test_workers_have_one_thread_for_numbers_and_as_many_open_files_as_they_may(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, code=CROWDED)
    words = ["sh", "-c", 'ulimit -Sn 256; unset OMP_NUM_THREADS; exec "$@"', "sh", *USER, str(folder)]
    server = start(words, {"WORKERS": "1"})
    try:
        assert server.post_json("/invocations", {"instances": [[1.5, "DE"]]}).json() == {"predictions": [1.0]}
    finally:
        server.discard()
