"""What the race needs: an environment a peer (their dependencies contradict each other) and one ONNX model.

Everything lies in a cache folder outside the project and is made once: some two minutes and 2 GiB.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SHARED = ("scikit-learn==1.9.1", "onnxruntime==1.32.0")
ENVIRONMENTS = {
    "thin": (*SHARED, "fastapi==0.165.0", "uvicorn==0.54.0", "httptools==0.9.0", "uvloop==0.22.1", "orjson==3.13.0"),
    "litserve": (*SHARED, "litserve==0.2.19"),
    # With uvloop 0.23 MLServer's workers end at their start.
    "mlserver": (*SHARED, "mlserver==1.7.1", "uvloop==0.21.0"),
    "bentoml": (*SHARED, "bentoml==1.4.39"),
}
ROWS = (1, 64)


def folder() -> Path:
    """Where environments and model lie."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "homeport" / "model-servers"


def environment(name: str) -> Path:
    """The `bin` folder of a peer's virtual environment, made now if it is not there."""
    target = folder() / name
    marker = target / "complete"
    wanted = "\n".join(ENVIRONMENTS[name])
    if not marker.is_file() or marker.read_text() != wanted:
        print(f"installing {name} ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "uv", "venv", "--quiet", "--clear", target], check=True)
        install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", target / "bin/python"]
        subprocess.run([*install, *ENVIRONMENTS[name]], check=True)
        marker.write_text(wanted)
    return target / "bin"


def model_folder() -> Path:
    """A model folder: gradient boosting (100 trees of depth 3) on breast_cancer, 30 features, as ONNX.

    Beside `model.yaml` lie `rows1.json`, `rows64.json` (what is sent) and `expect1.json`, `expect64.json` (what
    scikit-learn answers).
    """
    target = folder() / "model"
    if not (target / "model.yaml").is_file():
        subprocess.run([sys.executable, Path(__file__).parent / "adapters/make_model.py", target], check=True)
    return target
