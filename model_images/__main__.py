"""`python -m model_images check FOLDER`: is this model folder sound? Building the image is not there yet."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from model_images.model_file import ModelFileError, read_model_file
from model_images.runtimes.python import PythonModelError, predict


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m model_images", description="What goes into a model's image.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="read model.yaml, load the model and predict its warm-up example")
    check.add_argument("folder", type=Path, help="for example model_images/samples/fraud")
    folder: Path = parser.parse_args(arguments).folder
    try:
        model = read_model_file(folder)
        if model.framework != "python":
            print(f"{folder}: model.yaml is sound; framework {model.framework} is not run yet, only python is")
            return 0
        print(json.dumps({"predictions": predict(folder, model)}))
    except (ModelFileError, PythonModelError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
