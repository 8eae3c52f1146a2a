"""Copying a model out of Cloud Storage, against a server that speaks its API."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_images.serve.storage import StorageError, fetch
from tests.model_images.conftest import SAMPLES
from tests.model_images.folders import model_folder
from tests.model_images.live import ROOT, free_port, start
from tests.model_images.serve.storage_double import Storage, running

SERVER = [sys.executable, "-m", "model_images.serve", "serve"]
URI = "gs://models/fraud/v1"


@pytest.fixture
def storage() -> Iterator[Storage]:
    objects = {
        "fraud/v1/model.yaml": b"name: fraud\n",
        "fraud/v1/weights/a b+c%2F#?.bin": bytes(range(256)) * 4096,
        "fraud/v1/empty": b"",
        "fraud/v1/folder/": b"",
        "fraud/v10/other": b"x",
        "fraud/v1": b"x",
    }
    with running(Storage(objects)) as started:
        yield started


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def refused(storage: Storage, folder: Path, uri: str = URI) -> str:
    with pytest.raises(StorageError) as caught:
        fetch(uri, folder, storage.environ, pause_s=0)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("uri", [URI, f"{URI}/"])
def test_all_objects_below_the_address_are_copied_and_no_others(storage: Storage, tmp_path: Path, uri: str) -> None:
    fetch(uri, tmp_path, storage.environ)
    assert files(tmp_path) == {
        "empty": b"",
        "model.yaml": b"name: fraud\n",
        "weights/a b+c%2F#?.bin": storage.objects["fraud/v1/weights/a b+c%2F#?.bin"],
    }


def test_a_whole_bucket_may_be_the_model(tmp_path: Path) -> None:
    with running(Storage({"model.yaml": b"a", "b/c": b"d"})) as storage:
        fetch("gs://models", tmp_path, storage.environ)
    assert files(tmp_path) == {"model.yaml": b"a", "b/c": b"d"}


def test_a_token_is_asked_of_the_metadata_server_once(storage: Storage, tmp_path: Path) -> None:
    storage.token_needed = True
    fetch(URI, tmp_path, storage.environ)
    assert storage.tokens_given == 1


def test_an_emulator_is_asked_without_a_token(storage: Storage, tmp_path: Path) -> None:
    fetch(URI, tmp_path, storage.environ)
    assert storage.tokens_given == 0


def test_a_composed_object_is_checked_by_its_crc(storage: Storage, tmp_path: Path) -> None:
    storage.composed = set(storage.objects)
    storage.faults = ["", "damaged"]
    fetch(URI, tmp_path, storage.environ, pause_s=0)
    assert files(tmp_path)["model.yaml"] == b"name: fraud\n"
    assert storage.faults == []


@pytest.mark.parametrize("fault", ["busy", "cut", "damaged"])
def test_what_fails_once_is_asked_for_again(storage: Storage, tmp_path: Path, fault: str) -> None:
    storage.faults = ["", fault, "", fault]
    fetch(URI, tmp_path, storage.environ, pause_s=0)
    assert len(files(tmp_path)) == 3


def test_a_file_that_never_comes_whole_is_named(storage: Storage, tmp_path: Path) -> None:
    storage.faults = [""] + ["cut"] * 5
    assert refused(storage, tmp_path) == (
        "AIP_STORAGE_URI: got 'gs://models/fraud/v1': 'fraud/v1/model.yaml': tried 5 times, the last time "
        "the connection ended after 6 of 12 bytes"
    )


@pytest.mark.parametrize("composed", [True, False])
def test_a_file_that_is_never_as_stored_is_named(storage: Storage, tmp_path: Path, composed: bool) -> None:
    storage.composed = set(storage.objects) if composed else set()
    storage.faults = [""] + ["damaged"] * 5
    message = refused(storage, tmp_path)
    assert "'fraud/v1/model.yaml': tried 5 times, the last time checksum " in message
    assert "of what arrived; stored: " in message


@pytest.mark.parametrize(
    "uri", ["s3://a/b", "gs://", "gs:///a", "gs://A_B!/c", "/models", "http://a/b", "gs://a\nb/c", "gs://models\n"]
)
def test_an_address_of_another_kind_is_refused(storage: Storage, tmp_path: Path, uri: str) -> None:
    assert refused(storage, tmp_path, uri) == (
        f"AIP_STORAGE_URI: got {uri!r}; allowed: gs://BUCKET/FOLDER, or empty: the image's own model"
    )
    assert storage.asked == []


def test_an_address_with_nothing_below_is_refused(storage: Storage, tmp_path: Path) -> None:
    assert refused(storage, tmp_path, "gs://models/nothing") == (
        "AIP_STORAGE_URI: got 'gs://models/nothing': nothing lies below it; allowed: a folder with a model.yaml"
    )


def test_a_bucket_that_is_not_there_is_told(storage: Storage, tmp_path: Path) -> None:
    assert refused(storage, tmp_path, "gs://other/fraud") == (
        "AIP_STORAGE_URI: got 'gs://other/fraud': there is no such bucket or object (404); check the name"
    )


def test_rights_that_are_missing_are_told(storage: Storage, tmp_path: Path) -> None:
    storage.status = 403
    assert refused(storage, tmp_path) == (
        "AIP_STORAGE_URI: got 'gs://models/fraud/v1': the service account may not read it (403); "
        "grant it roles/storage.objectViewer on the bucket"
    )
    assert len(storage.asked) == 1


def test_a_service_that_stays_busy_is_told(storage: Storage, tmp_path: Path) -> None:
    storage.status = 503
    assert refused(storage, tmp_path) == (
        "AIP_STORAGE_URI: got 'gs://models/fraud/v1': the list of objects: tried 5 times, the last time HTTP 503"
    )


def test_a_metadata_server_that_does_not_answer_is_told(storage: Storage, tmp_path: Path) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    with pytest.raises(StorageError) as caught:
        fetch(URI, tmp_path, {**storage.environ, "GCE_METADATA_HOST": nowhere}, pause_s=0)
    assert str(caught.value) == (
        "AIP_STORAGE_URI: got 'gs://models/fraud/v1': the list of objects: tried 5 times, the last time "
        f"no credentials: the metadata server at {nowhere} gave no token: [Errno 111] Connection refused"
    )


def test_a_token_goes_to_no_other_host(storage: Storage, tmp_path: Path) -> None:
    storage.token_needed = True
    storage.faults = ["moved"]
    assert refused(storage, tmp_path).endswith("HTTP 302")
    assert "/elsewhere" not in storage.asked


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/evil", "a//b", "./a", "a/\0b"])
def test_an_object_whose_name_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    with running(Storage({f"fraud/v1/{name}": b"x"})) as storage:
        message = refused(storage, folder)
    assert message == (
        f"AIP_STORAGE_URI: got 'gs://models/fraud/v1': an object is named {name!r}; allowed: a path in a folder"
    )
    assert files(tmp_path) == {}


def test_an_object_that_is_also_a_folder_is_told(tmp_path: Path) -> None:
    with running(Storage({"fraud/v1/a": b"x", "fraud/v1/a/b": b"y"})) as storage:
        assert "'fraud/v1/a/b' of 'gs://models/fraud/v1' cannot be written: " in refused(storage, tmp_path)


def test_an_object_that_is_kept_compressed_is_refused(storage: Storage, tmp_path: Path) -> None:
    storage.extra = {"contentEncoding": "gzip"}
    assert refused(storage, tmp_path) == (
        "AIP_STORAGE_URI: got 'gs://models/fraud/v1': 'fraud/v1/empty' is kept with Content-Encoding 'gzip'; "
        "allowed: none; upload it again without"
    )


def image_with(environ: dict[str, str]) -> list[str]:
    """The command that runs the fraud sample's image, with variables that are no settings of the server."""
    from tests.model_images.images import image_command

    given = [word for name, value in environ.items() for word in ("--env", f"{name}={value}")]
    return [*image_command(SAMPLES / "fraud"), *given]


def served_by(storage: Storage, uri: str) -> dict[str, str]:
    return {**storage.environ, "AIP_STORAGE_URI": uri, "WORKERS": "1"}


def test_the_server_serves_the_model_that_it_copied(source: str, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    folder = model_folder(tmp_path / "model")
    objects = {f"m/{path.name}": path.read_bytes() for path in folder.iterdir()}
    with running(Storage(objects, token_needed=True)) as storage:
        environ = {**served_by(storage, "gs://models/m"), "TMPDIR": str(tmp_path)}
        server = start(image_with(environ) if source == "image" else SERVER, environ)
    try:
        assert server.post_json("/invocations", {"instances": [[2, "FR"]]}).json() == {"predictions": [4.0]}
    finally:
        assert server.stop() == 0
    assert list(tmp_path.glob("model-*")) == []


@pytest.mark.parametrize(
    ("uri", "line"),
    [
        ("gs://models/nothing", "'gs://models/nothing': nothing lies below it; allowed: a folder with a model.yaml"),
        ("fraud", "'fraud'; allowed: gs://BUCKET/FOLDER, or empty: the image's own model"),
    ],
)
def test_an_address_that_is_wrong_ends_the_image_with_one_line(storage: Storage, uri: str, line: str) -> None:
    environ = {**os.environ, **served_by(storage, uri), "AIP_HTTP_PORT": str(free_port())}
    done = subprocess.run(SERVER, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"AIP_STORAGE_URI: got {line}\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_the_model_is_copied_ends_the_server_without_a_word(number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environ = {"STORAGE_EMULATOR_HOST": f"127.0.0.1:{silent.getsockname()[1]}", "AIP_STORAGE_URI": "gs://models/m"}
        server = start(SERVER, environ, wait=False)
        asked, _ = silent.accept()
        server.process.send_signal(number)
        assert (server.process.wait(30), server.log) == (0, "")
        asked.close()
        server.discard()


def test_a_bucket_that_cannot_be_reached_ends_the_image_with_one_line() -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    environ = {**os.environ, "STORAGE_EMULATOR_HOST": nowhere, "AIP_STORAGE_URI": "gs://models/m"}
    environ["AIP_HTTP_PORT"] = str(free_port())
    done = subprocess.run(SERVER, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "tried 5 times" in done.stderr
