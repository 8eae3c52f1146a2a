"""A model folder's lock: in step with what it was made from, or refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from model_images.build.errors import LockError
from model_images.build.lock import Locked, _text, check_platform, locked_packages, read_lock, write_lock
from model_images.build.platforms import PLATFORMS
from model_images.build.wheels import Wheel
from model_images.model_file import read_model_file

SAMPLES = Path(__file__).parents[3] / "model_images/samples"
FOLDERS = sorted(path.parent for path in SAMPLES.glob("*/model.yaml"))
FRAUD = SAMPLES / "fraud"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_lock_of_every_sample_is_in_step(folder: Path) -> None:
    rows = locked_packages(read_lock(folder, read_model_file(folder), "cpu"))
    assert all(row.wheels.keys() == PLATFORMS.keys() for row in rows)


def test_a_row_names_the_wheel_of_each_platform() -> None:
    rows = {row.name: row for row in locked_packages((FRAUD / "requirements.lock").read_text())}
    numpy = rows["numpy"].wheels
    assert numpy["linux/amd64"].file.endswith("x86_64.whl")
    assert numpy["linux/arm64"].file.endswith("aarch64.whl")
    assert rows["redis"].wheels["linux/amd64"] == rows["redis"].wheels["linux/arm64"]


def test_no_address_of_an_index_is_in_a_lock() -> None:
    assert "://" not in "".join((folder / "requirements.lock").read_text() for folder in FOLDERS)


def test_a_missing_lock_is_told_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(LockError, match=r"requirements\.lock: No such file or directory; run `python -m model_images"):
        read_lock(tmp_path, read_model_file(FRAUD), "cpu")


def test_a_lock_made_from_other_requirements_is_refused(tmp_path: Path) -> None:
    shutil.copy(FRAUD / "requirements.lock", tmp_path)
    model = msgspec.structs.replace(read_model_file(FRAUD), requirements=("pandas==2.3.3",))
    with pytest.raises(LockError, match=r"requirements\.lock: out of step: made from sha256:.*; run `python -m"):
        read_lock(tmp_path, model, "cpu")


def test_each_accelerator_has_a_lock_of_its_own(tmp_path: Path) -> None:
    model = msgspec.structs.replace(read_model_file(FRAUD), framework="onnx")
    with pytest.raises(LockError, match=r"requirements-cuda\.lock: .*--accelerator cuda`"):
        read_lock(tmp_path, model, "cuda")


def test_a_platform_that_could_not_be_locked_is_refused_with_the_reason() -> None:
    text = "# inputs: x\n# not for linux/arm64: x==1 has no wheels\n"
    check_platform(text, PLATFORMS["linux/amd64"], "LOCK")
    with pytest.raises(LockError, match=r"^LOCK: not for linux/arm64: x==1 has no wheels; choose another version"):
        check_platform(text, PLATFORMS["linux/arm64"], "LOCK")


@pytest.mark.slow
def test_locking_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    shutil.copytree(FRAUD, tmp_path, dirs_exist_ok=True)
    path = write_lock(tmp_path, read_model_file(FRAUD), "cpu")
    assert path.read_text() == (FRAUD / "requirements.lock").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        ("pyspark==3.5.1", "requirements: pyspark==3.5.1 has no usable wheels"),
        ("numpy==99", "requirements: there is no version of numpy==99"),
    ],
)
def test_a_requirement_without_a_wheel_is_told(tmp_path: Path, requirement: str, said: str) -> None:
    model = msgspec.structs.replace(read_model_file(FRAUD), requirements=(requirement,))
    with pytest.raises(LockError) as raised:
        write_lock(tmp_path, model, "cpu")
    assert said in str(raised.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_graphics_card_has_wheels_of_its_own(tmp_path: Path) -> None:
    model = msgspec.structs.replace(read_model_file(FRAUD), framework="onnx")
    text = write_lock(tmp_path, model, "cuda").read_text()
    assert "onnxruntime-gpu" in {row.name for row in locked_packages(text)}
    with pytest.raises(LockError, match="not for linux/arm64: onnxruntime-gpu"):
        check_platform(text, PLATFORMS["linux/arm64"], "LOCK")


def test_a_package_for_one_platform_says_so_to_pip() -> None:
    wheels = {"linux/amd64": Wheel(file="x-1-py3-none-any.whl", sha256="a" * 64)}
    text = _text(Locked(name="x", version="1", wheels=wheels))
    assert "x==1 ; platform_machine == 'x86_64' \\\n" in text
    assert locked_packages(text) == [Locked(name="x", version="1", wheels=wheels)]


def test_a_lock_that_lost_a_package_is_refused(tmp_path: Path) -> None:
    text = (FRAUD / "requirements.lock").read_text()
    (tmp_path / "requirements.lock").write_text(text.replace("orjson==", "another=="))
    with pytest.raises(LockError, match=r"does not hold orjson==.*edited or is not whole; run `python -m"):
        read_lock(tmp_path, read_model_file(FRAUD), "cpu")
