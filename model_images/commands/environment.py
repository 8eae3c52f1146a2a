"""Which packages a command needs of this environment, told before the work begins and not in the midst of it."""

from __future__ import annotations

import sys
from collections.abc import Collection
from importlib.util import find_spec

from model_images.model_file import Framework

# The module by which each framework is found. tools/requirements.lock holds all but PyTorch, by far the largest.
MODULES: dict[Framework, tuple[str, ...]] = {
    "sklearn": ("sklearn",),
    "xgboost": ("xgboost",),
    "lightgbm": ("lightgbm",),
    "onnx": ("onnxruntime",),
    "pytorch": ("torch",),
    "python": (),
}


def lacks(framework: Framework, *modules: str) -> bool:
    """Says on a line each what of a framework, and of other modules, is not installed; whether anything is not."""
    absent = [name for name in (*MODULES[framework], *modules) if find_spec(name) is None]
    for line in _lines(absent):
        print(line, file=sys.stderr)
    return bool(absent)


def _lines(absent: Collection[str]) -> list[str]:
    lines: list[str] = []
    if "torch" in absent:
        from model_images.build.frameworks import FRAMEWORKS

        (pin,) = FRAMEWORKS["pytorch"]["cpu"]
        lines.append(
            f"torch: not installed here, and too large for `make tools`; next: `{sys.executable} -m uv pip install "
            f"--python {sys.executable} {pin}`, or `build` the image and `run` it"
        )
    if others := sorted({*absent} - {"torch"}):
        lines.append(f"{', '.join(others)}: not installed here; next: `make tools` installs what this needs")
    return lines
