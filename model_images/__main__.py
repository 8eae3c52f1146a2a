"""`python -m model_images COMMAND`: from a model folder to an image that is served, checked and released."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

# A command's module and what it does, in the order of a model's life. Only the chosen one is imported.
COMMANDS = {
    "check": ("model_images.commands.check", "read model.yaml, load the model and predict its warm-up example"),
    "serve": ("model_images.commands.serve", "serve the model as its image will"),
    "quantize": ("model_images.commands.quantize", "write an int8 form of an ONNX model, held to its own evaluation"),
    "prune": ("model_images.commands.prune", "write a form of an ONNX model whose smallest weights are zero"),
    "distill": ("model_images.commands.distill", "let a small network learn what a model answers, and write it"),
    "lock": ("model_images.commands.lock", "write the model folder's requirements.lock: every package with its hash"),
    "build": ("model_images.commands.build", "make the model's image: an OCI image layout, without a daemon"),
    "inspect": ("model_images.commands.inspect", "show an image's layers, sizes, labels, SBOM and provenance"),
    "dockerfile": ("model_images.commands.dockerfile", "write the same image as a Dockerfile, for docker buildx"),
    "run": ("model_images.commands.run", "serve an image from its layout, without a container engine"),
    "lock-base": ("model_images.commands.lock_base", "take today's versions of the base's Debian packages"),
    "test": ("model_images.commands.test", "run every gate that an image must pass before it may be promoted"),
    "compare": ("model_images.commands.compare", "would callers of one model notice that another has taken its place?"),
    "push": ("model_images.commands.push", "bring an image to one or several registries: only what is missing"),
    "pull": ("model_images.commands.pull", "take an image out of a registry, its digest unchanged"),
    "verify": ("model_images.commands.verify", "does every region's registry hold the same image, whole?"),
    "promote": ("model_images.commands.promote", "move an image on by digest, with a record of who, when and why"),
    "lineage": ("model_images.commands.lineage", "where an image came from, what it passed, who moved it where"),
    "import": ("model_images.commands.import_model", "make a model folder of a model in an MLflow registry"),
    "sagemaker": ("model_images.commands.sagemaker", "SageMaker: ready containers of a region, register a package"),
}


def main(arguments: list[str]) -> int:
    """The exit status: 0, 1 where the work failed, 2 where what was given is wrong."""
    parser = argparse.ArgumentParser(prog="python -m model_images", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    for name, (module, help_line) in COMMANDS.items():
        command = commands.add_parser(name, help=help_line, description=help_line)
        if name == chosen:
            import_module(module).add_arguments(command)
    given = parser.parse_args(arguments)
    return import_module(COMMANDS[given.command][0]).run(given)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
