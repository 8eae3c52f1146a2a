"""Whole images, built from the samples: the same digest everywhere, few bytes moved by a change, accepted by others.

Needs a Debian mirror and a package index, as a build does, and foreign programs: tools/images/make_tools.sh.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_images.build.inspection import inspect
from tests.model_images.build.programs import registry, told

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "model_images/samples"


def build(folder: Path, output: Path, *words: str, **environ: str) -> dict[str, Any]:
    """`build --json`, by the command."""
    done = subprocess.run(
        [sys.executable, "-m", "model_images", "build", str(folder), "--output", str(output), "--json", *words],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def layers(built: dict[str, Any], platform: str = "linux/amd64") -> dict[str, dict[str, Any]]:
    return {layer["role"]: layer for layer in built["platforms"][platform]["layers"]}


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="module")
def image(work: Path) -> tuple[Path, dict[str, Any]]:
    """The image of the ONNX sample: its layout, and what `build --json` said."""
    return work / "image", build(SAMPLES / "tumor-onnx", work / "image")


@pytest.fixture(scope="module")
def both(work: Path) -> tuple[Path, dict[str, Any]]:
    """An image for both platforms."""
    return work / "both", build(SAMPLES / "fraud", work / "both", "--platform", "linux/amd64,linux/arm64")


@pytest.fixture(scope="module")
def registry_address() -> Iterator[str]:
    with registry() as address:
        yield address


def test_an_onnx_image_has_at_most_80_mib(image: tuple[Path, dict[str, Any]]) -> None:
    assert sum(layer["size"] for layer in layers(image[1]).values()) <= 80 << 20


def test_another_folder_time_mask_language_and_cache_give_the_same_digest(
    image: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    copy = tmp_path / "somewhere else" / "model"
    shutil.copytree(SAMPLES / "tumor-onnx", copy)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
    before = os.umask(0o077)
    try:
        environ = {"HOMEPORT_CACHE": str(tmp_path / "cache"), "TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8"}
        again = build(copy, tmp_path / "image", **environ, PYTHONHASHSEED="7")
    finally:
        os.umask(before)
    assert again["platforms"] == image[1]["platforms"]
    assert again["digest"] == image[1]["digest"]


def test_a_changed_model_moves_its_own_layer_only(image: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "tumor-onnx", tmp_path / "model")
    path = tmp_path / "model/model.yaml"
    path.write_text(f"# changed\n{path.read_text()}")
    old, new = layers(image[1]), layers(build(tmp_path / "model", tmp_path / "image"))
    assert [role for role in old if old[role] != new[role]] == ["model"]


def test_weights_apart_are_named_by_their_digest_and_are_not_in_the_image(tmp_path: Path) -> None:
    whole = build(SAMPLES / "fraud", tmp_path / "whole")
    apart = build(SAMPLES / "fraud", tmp_path / "apart", "--weights-apart")
    old, new = layers(whole), layers(apart)
    assert [role for role in old if old[role] != new[role]] == ["model"]
    layer = tmp_path / "apart/blobs/sha256" / new["model"]["digest"].removeprefix("sha256:")
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(layer.read_bytes()))) as archive:
        assert [name for name in archive.getnames() if name.startswith("opt/ml/model/")] == ["opt/ml/model/model.yaml"]
    labels = [inspect(tmp_path / name)["platforms"][0]["labels"] for name in ("whole", "apart")]
    assert labels[0]["io.homeport.model.digest"] == labels[1]["io.homeport.model.digest"]
    digest = hashlib.sha256((SAMPLES / "fraud/scorecard.py").read_bytes()).hexdigest()
    assert [label.get("io.homeport.weights") for label in labels] == [None, f"sha256:{digest}"]


def test_the_server_and_the_base_are_shared_by_models(
    image: tuple[Path, dict[str, Any]], both: tuple[Path, dict[str, Any]]
) -> None:
    one, other = layers(image[1]), layers(both[1])
    assert [role for role in one if one[role] == other[role]] == ["base", "server"]


def test_server_and_model_are_the_same_for_both_platforms(both: tuple[Path, dict[str, Any]]) -> None:
    one, other = layers(both[1]), layers(both[1], "linux/arm64")
    assert [role for role in one if one[role] == other[role]] == ["server", "model"]


def test_the_time_that_is_given_is_in_the_image(tmp_path: Path, both: tuple[Path, dict[str, Any]]) -> None:
    built = build(SAMPLES / "fraud", tmp_path / "image", SOURCE_DATE_EPOCH="1700000000")
    assert layers(built) == layers(both[1])
    said = json.loads(told("skopeo", "inspect", f"oci:{tmp_path}/image"))
    assert said["Created"] == "2023-11-14T22:13:20Z"


def test_arm64_libraries_are_in_an_arm64_image(both: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    layout, built = both
    for role, name in (("base", "usr/bin/python3.11"), ("dependencies", "opt/homeport/dependencies/orjson/orjson")):
        blob = layout / "blobs/sha256" / layers(built, "linux/arm64")[role]["digest"].removeprefix("sha256:")
        listed = subprocess.run(["tar", "-tzf", blob], capture_output=True, text=True, check=True).stdout.split()
        path = next(one for one in listed if one.startswith(name))
        binary = subprocess.run(["tar", "-xzOf", blob, path], capture_output=True, check=True).stdout
        assert binary[:4] == b"\x7fELF"
        assert int.from_bytes(binary[18:20], "little") == 183  # EM_AARCH64


def test_no_program_of_a_wheel_and_no_test_suite_is_in_the_image(image: tuple[Path, dict[str, Any]]) -> None:
    blob = image[0] / "blobs/sha256" / layers(image[1])["dependencies"]["digest"].removeprefix("sha256:")
    listed = subprocess.run(["tar", "-tzf", blob], capture_output=True, text=True, check=True).stdout.split()
    inside = [path.removeprefix("opt/homeport/dependencies/") for path in listed]
    assert not [path for path in inside if path.startswith("bin/") or "/tests/" in path or path.endswith("INSTALLER")]
    assert "numpy/__pycache__/__init__.cpython-311.pyc" in inside


def test_skopeo_reads_and_copies_it_unchanged(image: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    layout, built = image
    told("skopeo", "copy", f"oci:{layout}", f"oci:{tmp_path}/copy")
    said = json.loads(told("skopeo", "inspect", f"oci:{tmp_path}/copy"))
    assert said["Digest"] == built["digest"]
    assert said["Labels"]["org.opencontainers.image.title"] == "tumor-onnx"


def test_umoci_unpacks_it(image: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    told("umoci", "unpack", "--rootless", "--image", str(image[0]), str(tmp_path / "bundle"))
    assert (tmp_path / "bundle/rootfs/opt/ml/model/tumor.onnx").is_file()
    config = json.loads((tmp_path / "bundle/config.json").read_bytes())
    assert config["process"]["args"] == ["/usr/bin/python3", "-m", "model_images.serve", "serve"]


def test_buildah_stands_on_it(image: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    store = ["--root", str(tmp_path / "root"), "--runroot", str(tmp_path / "run"), "--storage-driver", "vfs"]
    container = told("buildah", *store, "from", "--quiet", f"oci:{image[0]}")
    code = "import onnxruntime, ssl; print(onnxruntime.__version__, bool(ssl.create_default_context().get_ca_certs()))"
    done = told("buildah", *store, "run", "--isolation", "chroot", container, "/usr/bin/python3", "-c", code)
    assert done == "1.32.0 True"
    told("buildah", *store, "rm", container)


def test_crane_validates_pushes_and_pulls_it_unchanged(
    image: tuple[Path, dict[str, Any]], registry_address: str, tmp_path: Path
) -> None:
    name = f"{registry_address}/models/tumor-onnx:1"
    told("crane", "push", str(image[0]), name)
    assert told("crane", "digest", name) == image[1]["digest"]
    told("crane", "validate", "--remote", name)
    told("crane", "pull", "--format", "oci", name, str(tmp_path / "pulled"))
    (pulled,) = json.loads((tmp_path / "pulled/index.json").read_bytes())["manifests"]
    assert pulled["digest"] == image[1]["digest"]


def test_an_index_of_platforms_goes_through_a_registry_unchanged(
    both: tuple[Path, dict[str, Any]], registry_address: str
) -> None:
    name = f"{registry_address}/models/fraud:1"
    told("skopeo", "copy", "--all", "--dest-tls-verify=false", f"oci:{both[0]}", f"docker://{name}")
    assert told("crane", "digest", name) == both[1]["digest"]
    told("crane", "validate", "--remote", name)
    for platform, part in both[1]["platforms"].items():
        assert told("crane", "digest", "--platform", platform, name) == part["digest"]


def test_an_image_is_built_on_a_base_out_of_a_registry(
    image: tuple[Path, dict[str, Any]], registry_address: str, tmp_path: Path
) -> None:
    name = f"{registry_address}/models/base"
    told("crane", "push", str(image[0]), f"{name}:1")
    base = f"{name}@{image[1]['digest']}"
    built = build(SAMPLES / "fraud", tmp_path / "image", "--base", base, HOMEPORT_CACHE=str(tmp_path / "cache"))
    given = [layer["digest"] for layer in built["platforms"]["linux/amd64"]["layers"] if layer["role"] == "given"]
    assert given == [layer["digest"] for layer in image[1]["platforms"]["linux/amd64"]["layers"]]
    said = json.loads(told("skopeo", "inspect", f"oci:{tmp_path}/image"))
    assert said["Labels"]["org.opencontainers.image.base.digest"] == image[1]["digest"]


def test_the_dockerfile_builds_the_same_files(image: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    words = ["dockerfile", str(SAMPLES / "tumor-onnx"), "--output", str(tmp_path / "context")]
    subprocess.run([sys.executable, "-m", "model_images", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    store = ["--root", str(tmp_path / "root"), "--runroot", str(tmp_path / "run"), "--storage-driver", "vfs"]
    built = ["bud", "--quiet", "--timestamp", "0", "--build-arg", "TARGETARCH=amd64", "--tag", "test"]
    told("buildah", *store, *built, str(tmp_path / "context"))
    told(
        "skopeo",
        "copy",
        f"containers-storage:[vfs@{tmp_path}/root+{tmp_path}/run]localhost/test",
        f"oci:{tmp_path}/oci:latest",
    )
    roots: list[list[str]] = []
    for layout in (image[0], tmp_path / "oci"):
        bundle = tmp_path / f"bundle-{len(roots)}"
        told("umoci", "unpack", "--rootless", "--image", f"{layout}:latest", str(bundle))
        listed = subprocess.run(["find", ".", "-printf", "%P %m %y %l\n"], cwd=bundle / "rootfs", capture_output=True)
        roots.append(sorted(listed.stdout.decode().splitlines()))
    assert roots[0] == roots[1]
