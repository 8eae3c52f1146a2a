"""Config and manifest of an image: what is run, with what around it, and no time but the given one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from model_images.build.documents import CONFIG_TYPE, MANIFEST_TYPE, Blob, json_blob
from model_images.build.errors import BuildError
from model_images.build.foundation import Foundation
from model_images.build.layers import Layer
from model_images.build.platforms import Platform
from model_images.build.sources import MODEL_PLACE

ENTRY_POINT = ["-m", "model_images.serve"]  # after the Python of the base
COMMAND = ["serve"]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {
    "MODEL_DIR": f"/{MODEL_PLACE}",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": "/opt/homeport/server:/opt/homeport/dependencies",
    "PYTHONSAFEPATH": "1",  # whatever the target's working folder holds is not imported
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",  # whatever locale the target names: the image has none
}


def created() -> str:
    """The time that images say they were made at: SOURCE_DATE_EPOCH, else the epoch itself.

    Raises:
        BuildError: if SOURCE_DATE_EPOCH is no number of seconds.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH") or "0"
    try:
        return datetime.fromtimestamp(int(text), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError) as error:
        raise BuildError(f"SOURCE_DATE_EPOCH: got {text!r}; allowed: whole seconds since 1970") from error


def config_blob(platform: Platform, ground: Foundation, layers: Sequence[Layer], labels: Mapping[str, str]) -> Blob:
    """The image's config; a given base's environment and history come first."""
    inherited: Sequence[str] = ground.config.get("config", {}).get("Env") or ()
    below: Sequence[Mapping[str, Any]] = ground.config.get("history") or ()
    environment = {"PATH": PATH} | dict(variable.split("=", 1) for variable in inherited) | ENVIRONMENT
    time = created()
    own = [layer for layer in layers if layer.role != "given"]
    config: dict[str, Any] = {
        "Cmd": COMMAND,
        "Entrypoint": [ground.python, *ENTRY_POINT],
        "Env": [f"{key}={value}" for key, value in sorted(environment.items())],
        "ExposedPorts": {"8080/tcp": {}},
        "Labels": dict(labels),
        "WorkingDir": "/",
    }
    document: dict[str, Any] = {
        "architecture": platform.architecture,
        "config": config,
        "created": time,
        "history": [*below, *({"created": time, "created_by": f"homeport: {layer.role}"} for layer in own)],
        "os": "linux",
        "rootfs": {"diff_ids": [layer.diff_id for layer in layers], "type": "layers"},
    }
    return json_blob(document, CONFIG_TYPE)


def manifest_blob(config: Blob, layers: Sequence[Layer], annotations: Mapping[str, str]) -> Blob:
    """The manifest of one platform."""
    described = [
        {
            "mediaType": layer.media_type,
            "digest": layer.digest,
            "size": layer.size,
            "annotations": {"io.homeport.layer": layer.role},
        }
        for layer in layers
    ]
    document = {
        "annotations": dict(annotations),
        "config": config.descriptor(),
        "layers": described,
        "mediaType": MANIFEST_TYPE,
        "schemaVersion": 2,
    }
    return json_blob(document, MANIFEST_TYPE)


def platform_of(platform: Platform) -> dict[str, str]:
    """How an index names a platform."""
    return {"architecture": platform.architecture, "os": "linux"}
