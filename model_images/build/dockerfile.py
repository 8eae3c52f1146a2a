"""The same image as a Dockerfile and its context, for those who build with `docker buildx`.

The files are the same layers and the settings the same config; the digest is BuildKit's, not ours. No step runs a
command in the image, so that it builds for every platform on any machine and without a network.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from model_images.build.assemble import Order, Part, Say, assemble
from model_images.build.errors import BuildError

NAME = "Dockerfile"


def write_context(order: Order, say: Say) -> Path:
    """Writes Dockerfile and layers into the folder `order.output`; answers the Dockerfile.

    Raises:
        BuildError: as for an image; also if the folder holds other things, or the base is a layout.
    """
    if order.output.is_dir() and any(order.output.iterdir()) and not (order.output / NAME).is_file():
        raise BuildError(f"{order.output}: holds other files; allowed: a folder that is new, empty or written before")
    if order.base and "@sha256:" not in order.base:
        raise BuildError(f"--base: got {order.base}; allowed in a Dockerfile: HOST/REPOSITORY@sha256:...")
    _, _, parts = assemble(order, say)
    layers = order.output / "layers"
    shutil.rmtree(layers, ignore_errors=True)
    for part in parts:
        folder = layers / part.platform.architecture
        folder.mkdir(parents=True)
        for layer in part.layers:
            if layer.role != "given":
                shutil.copyfile(layer.path, folder / f"{layer.role}.tar.gz")
    path = order.output / NAME
    path.write_text(_text(order, parts[0]), encoding="utf-8")
    return path


def _text(order: Order, part: Part) -> str:
    config: dict[str, Any] = json.loads(part.config.content)["config"]
    variables = dict(variable.split("=", 1) for variable in config["Env"])
    lines = [
        f"# Written by `python -m model_images dockerfile {order.folder}`. Build it with:",
        "#     docker buildx build --platform PLATFORM[,PLATFORM] FOLDER",
        f"FROM {order.base or 'scratch'}",
        "ARG TARGETARCH",
        *(f"ADD layers/${{TARGETARCH}}/{layer.role}.tar.gz /" for layer in part.layers if layer.role != "given"),
        *(f"ENV {name}={json.dumps(value)}" for name, value in variables.items()),
        *(f"LABEL {name}={json.dumps(value)}" for name, value in sorted(config["Labels"].items())),
        *(f"EXPOSE {port}" for port in config["ExposedPorts"]),
        f"WORKDIR {config['WorkingDir']}",
        f"ENTRYPOINT {json.dumps(config['Entrypoint'])}",
        f"CMD {json.dumps(config['Cmd'])}",
    ]
    return "\n".join(lines) + "\n"
