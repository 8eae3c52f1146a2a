"""Which packages an image holds: those of the server, and those of its model's framework on its accelerator.

One row a framework and accelerator; a pair that is not in the table cannot be built. Run on a device: `cpu` alone. The
`cuda` rows resolve, and no graphics card has seen them: CUDA's libraries come with the wheels (pytorch, xgboost) or
are expected from the host (onnx). `neuron` has no row: its packages are in no index that this table could be checked
against. `pytorch` on `cpu` takes the wheel that this machine's index offers, which brings the CUDA libraries too
(about 3 GB); with `UV_TORCH_BACKEND=cpu` set, uv asks PyTorch's own index for the smaller ones.
"""

from __future__ import annotations

from model_images.build.errors import BuildError
from model_images.build.platforms import Accelerator
from model_images.model_file import Framework, ModelFile

# The versions are those of requirements.txt, with which the server is tested; a test compares them.
SERVER = (
    "hiredis==3.5.0",
    "httptools==0.9.0",
    "msgspec==0.22.0",
    "numpy==2.4.6",
    "orjson==3.13.0",
    "pyyaml==6.0.3",
    "redis==8.1.0",
    "uvloop==0.22.1",
    "yamlcore==0.0.4",
)
FRAMEWORKS: dict[Framework, dict[Accelerator, tuple[str, ...]]] = {
    "sklearn": {"cpu": ("scikit-learn==1.9.1",)},
    "xgboost": {"cpu": ("xgboost-cpu==3.2.0",), "cuda": ("xgboost==3.2.0",)},
    "lightgbm": {"cpu": ("lightgbm==4.7.0",)},
    "onnx": {"cpu": ("onnxruntime==1.32.0",), "cuda": ("onnxruntime-gpu==1.31.1",)},
    "pytorch": {"cpu": ("torch==2.15.0",), "cuda": ("torch==2.15.0",)},
    # What a plain-Python model needs of CUDA, it names itself.
    "python": {"cpu": (), "cuda": ()},
}


# A model may pin these itself, to the versions that it was trained with; its word then replaces the table's.
REPLACEABLE = ("lightgbm", "numpy", "onnxruntime", "scikit-learn", "torch", "xgboost-cpu", "xgboost")


def requirements_of(model: ModelFile, accelerator: Accelerator) -> tuple[str, ...]:
    """What the image of `model` asks for, sorted: the server's packages, the framework's, the model's own.

    Raises:
        BuildError: if the framework cannot use the accelerator.
    """
    row = FRAMEWORKS[model.framework]
    if accelerator not in row:
        allowed = f"allowed for framework {model.framework}: {', '.join(row)}"
        raise BuildError(f"--accelerator: got {accelerator!r}; {allowed}")
    own = {requirement.partition("==")[0].lower() for requirement in model.requirements}
    pins = {*SERVER, *row[accelerator]}
    kept = {pin for pin in pins if pin.partition("==")[0] not in own or pin.partition("==")[0] not in REPLACEABLE}
    return tuple(sorted({*kept, *model.requirements}))
