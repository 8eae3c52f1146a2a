"""Config and manifest of an image."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model_images.build.errors import BuildError
from model_images.build.foundation import Foundation
from model_images.build.image import config_blob, created, manifest_blob
from tests.model_images.build.layouts import AMD64, small_layer

NONE = Foundation(name="none", digest="sha256:0", layers=())


def test_the_server_starts_as_every_target_starts_it(tmp_path: Path) -> None:
    config = json.loads(config_blob(AMD64, NONE, [small_layer(tmp_path)], {}).content)["config"]
    assert config["Entrypoint"] == ["/usr/bin/python3", "-m", "model_images.serve"]
    assert config["Cmd"] == ["serve"]
    assert config["ExposedPorts"] == {"8080/tcp": {}}
    assert "User" not in config
    assert {"MODEL_DIR=/opt/ml/model", "PYTHONUTF8=1", "PYTHONSAFEPATH=1"} <= set(config["Env"])


def test_the_config_names_the_tar_of_each_layer(tmp_path: Path) -> None:
    layer = small_layer(tmp_path)
    config = json.loads(config_blob(AMD64, NONE, [layer], {}).content)
    assert config["rootfs"] == {"type": "layers", "diff_ids": [layer.diff_id]}
    assert len(config["history"]) == 1


def test_a_given_bases_path_and_history_stay(tmp_path: Path) -> None:
    given = {"config": {"Env": ["PATH=/usr/local/bin:/bin", "PYTHONUTF8=0"]}, "history": [{"created_by": "them"}]}
    ground = Foundation(name="b", digest="sha256:0", layers=(), python="/usr/local/bin/python3.11", config=given)
    config = json.loads(config_blob(AMD64, ground, [small_layer(tmp_path)], {}).content)
    assert "PATH=/usr/local/bin:/bin" in config["config"]["Env"]
    assert "PYTHONUTF8=1" in config["config"]["Env"]
    assert config["config"]["Entrypoint"][0] == "/usr/local/bin/python3.11"
    assert [step["created_by"] for step in config["history"]] == ["them", "homeport: model"]


def test_a_manifest_names_each_layers_role(tmp_path: Path) -> None:
    layer = small_layer(tmp_path)
    manifest = json.loads(manifest_blob(config_blob(AMD64, NONE, [layer], {}), [layer], {}).content)
    assert [one["annotations"] for one in manifest["layers"]] == [{"io.homeport.layer": "model"}]
    assert manifest["layers"][0]["digest"] == layer.digest


def test_no_clock_is_read_for_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert created() == "1970-01-01T00:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert created() == "2023-11-14T22:13:20Z"


@pytest.mark.parametrize("text", ["yesterday", "9" * 30])
def test_a_time_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    with pytest.raises(BuildError, match=rf"SOURCE_DATE_EPOCH: got '{text}'; allowed: whole seconds since 1970"):
        created()
