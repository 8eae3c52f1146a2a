"""`python -m model_images COMMAND`: from a model folder to an image that is served, checked and released."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

# A command's module, what it does, and how it is called, in the order of a model's life. Only the chosen one is
# imported.
COMMANDS = {
    "check": (
        "model_images.commands.check",
        "read model.yaml, load the model and predict its warm-up example",
        ("check model_images/samples/fraud",),
    ),
    "serve": (
        "model_images.commands.serve",
        "serve the model as its image will",
        (
            "serve model_images/samples/fraud --port 8080",
            "serve FOLDER --port 0 --workers 1",
        ),
    ),
    "schema": (
        "model_images.commands.schema",
        "print what a request may hold, as JSON Schema for a gateway",
        (
            "schema model_images/samples/fraud",
            "schema FOLDER --features-key customer_id",
        ),
    ),
    "quantize": (
        "model_images.commands.quantize",
        "write an int8 form of an ONNX model, held to its own evaluation",
        (
            "quantize model_images/samples/digits-onnx --output .homeport/digits-int8",
            "quantize model_images/samples/digits-onnx --output .homeport/digits-int8 --calibrated",
        ),
    ),
    "prune": (
        "model_images.commands.prune",
        "write a form of an ONNX model whose smallest weights are zero",
        ("prune model_images/samples/digits-onnx --output .homeport/digits-pruned --sparsity 0.3",),
    ),
    "distill": (
        "model_images.commands.distill",
        "let a small network learn what a model answers, and write it",
        ("distill FOLDER --data unlabelled.csv --output .homeport/student",),
    ),
    "lock": (
        "model_images.commands.lock",
        "write the model folder's requirements.lock: every package with its hash",
        (
            "lock model_images/samples/fraud",
            "lock model_images/samples/fraud --accelerator cuda",
        ),
    ),
    "build": (
        "model_images.commands.build",
        "make the model's image: an OCI image layout, without a daemon",
        (
            "build model_images/samples/fraud --output .homeport/fraud",
            "build model_images/samples/fraud --output .homeport/fraud --platform linux/amd64,linux/arm64",
        ),
    ),
    "inspect": (
        "model_images.commands.inspect",
        "show an image's layers, sizes, labels, SBOM and provenance",
        ("inspect .homeport/fraud",),
    ),
    "dockerfile": (
        "model_images.commands.dockerfile",
        "write the same image as a Dockerfile, for docker buildx",
        ("dockerfile model_images/samples/fraud --output .homeport/fraud-docker",),
    ),
    "run": (
        "model_images.commands.run",
        "serve an image from its layout, without a container engine",
        (
            "run .homeport/fraud --port 8080",
            "run .homeport/fraud --env REDIS_URL=redis://localhost",
        ),
    ),
    "lock-base": (
        "model_images.commands.lock_base",
        "take today's versions of the base's Debian packages",
        ("lock-base --check",),
    ),
    "test": (
        "model_images.commands.test",
        "run every gate that an image must pass before it may be promoted",
        (
            "test model_images/samples/tumor-onnx --output gates.json",
            "test FOLDER --record-baseline",
        ),
    ),
    "compare": (
        "model_images.commands.compare",
        "would callers of one model notice that another has taken its place?",
        (
            "compare model_images/samples/tumor model_images/samples/tumor-onnx",
            "compare .homeport/stable .homeport/candidate --json",
        ),
    ),
    "push": (
        "model_images.commands.push",
        "bring an image to one or several registries: only what is missing",
        ("push .homeport/fraud HOST/models/fraud:dev --gates gates.json",),
    ),
    "pull": (
        "model_images.commands.pull",
        "take an image out of a registry, its digest unchanged",
        ("pull HOST/models/fraud:prod --output .homeport/pulled",),
    ),
    "verify": (
        "model_images.commands.verify",
        "does every region's registry hold the same image, whole?",
        ("verify sha256:DIGEST HOST/models/fraud OTHER-HOST/models/fraud",),
    ),
    "promote": (
        "model_images.commands.promote",
        "move an image on by digest, with a record of who, when and why",
        ("promote HOST/models/fraud:dev HOST/models/fraud:prod",),
    ),
    "lineage": (
        "model_images.commands.lineage",
        "where an image came from, what it passed, who moved it where",
        ("lineage HOST/models/fraud:prod",),
    ),
    "import": (
        "model_images.commands.import_model",
        "make a model folder of a model in an MLflow registry",
        ("import mlflow:models:/fraud@champion --output FOLDER",),
    ),
    "sagemaker": (
        "model_images.commands.sagemaker",
        "SageMaker: ready containers of a region, register a package",
        ("sagemaker bases --framework pytorch --region eu-west-1",),
    ),
}
PAGES = (
    "Pages: docs/reference/model-folder.md (model.yaml, gates), docs/reference/contracts.md (what an image answers)."
)

# What a shell makes of a command that Ctrl-C ended.
INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """The exit status: 0, 1 where the work failed, 2 where what was given is wrong, 130 on Ctrl-C."""
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    given = parser_of(chosen).parse_args(arguments)
    try:
        return import_module(COMMANDS[given.command][0]).run(given)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED


def parser_of(chosen: str | None) -> argparse.ArgumentParser:
    """Knows all commands by name, and the arguments of the `chosen` one."""
    parser = argparse.ArgumentParser(prog="python -m model_images", description=__doc__, epilog=PAGES)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, help_line, examples) in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=help_line,
            description=help_line,
            epilog="\n".join(["examples:", *(f"  python -m model_images {example}" for example in examples)]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == chosen:
            import_module(module).add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
