"""The image started on this machine: as `run` does it, and under what the strictest targets allow."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from model_images.build.reading import manifests, read_config
from model_images.build.unpack import unpacked
from model_images.model_file import read_model_file
from tests.model_images.build.layouts import small_image, small_layer
from tests.model_images.images import built_image, image_command
from tests.model_images.live import start

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "model_images/samples"
# Nothing is mounted in it, not even /proc; its network is an empty one.
CAGE = """
set -e
mount --bind "$0" "$0"
mount -o remount,bind,ro "$0"
ip link set lo up
exec chroot --userspec=12345:12345 "$0" "$@"
"""
ASK = """
import sys, time, urllib.error, urllib.request
for turn in range(400):
    try:
        head = {"content-type": "application/json"}
        request = urllib.request.Request(sys.argv[1], sys.argv[2].encode() or None, head)
        print(urllib.request.urlopen(request).read().decode())
        break
    except urllib.error.URLError:
        time.sleep(0.05)
"""


@contextmanager
def caged(folder: Path) -> Generator[subprocess.Popen[bytes]]:
    """The entry point of a model folder's image in a read-only root, as another user, without a network."""
    assert os.geteuid() == 0, "a namespace with a mount in it needs root; run this test as root"
    layout = built_image(folder)
    descriptor, manifest = next(manifests(layout))
    config = read_config(layout, manifest)
    root = unpacked(layout, descriptor["digest"], manifest, config)
    inside = config["config"]
    words = ["unshare", "--mount", "--net", "sh", "-c", CAGE, str(root), *inside["Entrypoint"], *inside["Cmd"]]
    environ = dict(variable.split("=", 1) for variable in inside["Env"]) | {"DRAIN_DELAY_S": "0", "WORKERS": "2"}
    process = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def asked(process: subprocess.Popen[bytes], path: str, body: str = "") -> str:
    words = ["nsenter", "--target", str(process.pid), "--net", sys.executable, "-c", ASK]
    done = subprocess.run([*words, f"http://127.0.0.1:8080{path}", body], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fraud", "tumor-onnx"])
def test_a_read_only_root_another_user_and_no_network_are_enough(name: str) -> None:
    model = read_model_file(SAMPLES / name)
    instances = list(model.warmup.instances)
    with caged(SAMPLES / name) as process:
        assert asked(process, "/readyz") == "ok"
        answer = json.loads(asked(process, "/invocations", json.dumps({"instances": instances})))
        assert len(answer["predictions"]) == len(instances)
        process.terminate()
        assert process.wait(20) == 0


def batch(work: Path) -> subprocess.Popen[str]:
    """The image with the arguments that a batch's job has, as process 1 of its own, in the cage with `work` as /tmp."""
    assert os.geteuid() == 0, "a namespace with a mount in it needs root; run this test as root"
    work.chmod(0o777)
    layout = built_image(SAMPLES / "churn")
    descriptor, manifest = next(manifests(layout))
    config = read_config(layout, manifest)
    root = unpacked(layout, descriptor["digest"], manifest, config)
    inside = config["config"]
    cage = CAGE.replace("mount -o", f"mount --bind '{work}' \"$0/tmp\"\nmount -o")
    words = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", cage, str(root)]
    words += [*inside["Entrypoint"], "batch", "--input", "file:/tmp/in", "--output", "file:/tmp/out"]
    environ = dict(variable.split("=", 1) for variable in inside["Env"])
    return subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_the_images_word_batch_predicts_files(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_text("months,support_calls,plan\n3,4,free\n48,0,premium\n")
    process = batch(tmp_path)
    told, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert json.loads(told)["rows"] == 2
    leaves, stays = map(float, (tmp_path / "out/a.csv.out").read_text().split())
    assert leaves > stays


@pytest.mark.slow
def test_a_batch_that_is_told_to_end_is_no_success_to_whoever_runs_the_container(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_text("3,4,free\n" * 3_000_000)
    process = batch(tmp_path)
    assert process.stderr is not None
    while " us for 1 row" not in process.stderr.readline():
        assert process.poll() is None
    [first] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(first), signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "in/a.csv"]


@pytest.mark.slow
def test_run_serves_the_image_and_hands_the_servers_variables_on() -> None:
    server = start(image_command(SAMPLES / "fraud"), {"WORKERS": "1"})
    assert server.post_json("/invocations", {"instances": [[12.5, 14, False]]}).json() == {"predictions": [0.019007]}
    assert len(server.workers()) == 1
    assert server.stop() == 0


@pytest.mark.slow
def test_a_user_who_is_not_root_may_run_it() -> None:
    layout = built_image(SAMPLES / "fraud")
    work = Path(subprocess.check_output(["mktemp", "--directory"], text=True).strip())
    subprocess.run(["cp", "--recursive", str(layout), str(work / "image")], check=True)
    subprocess.run(["chown", "--recursive", "12345:12345", str(work)], check=True)
    words = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"]
    server = start([*words, *image_command(SAMPLES / "fraud")[:-1], str(work / "image")], {"HOMEPORT_CACHE": str(work)})
    assert server.get("/ping").status == 200
    assert server.stop() == 0


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_images", "run", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_folder_that_is_no_image_is_one_line(tmp_path: Path) -> None:
    done = run(str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "not an image layout" in done.stderr


def test_a_variable_without_a_value_is_refused(tmp_path: Path) -> None:
    small_image(tmp_path / "image", small_layer(tmp_path))
    assert run(str(tmp_path / "image"), "--env", "PORT").stderr == "--env: got 'PORT'; allowed: NAME=VALUE\n"
