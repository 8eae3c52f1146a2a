"""The image's entry point: `python -m model_images.serve [serve]`, the model in MODEL_DIR, all else in the environment.

SageMaker starts every container with the word `serve`. `batch --input URL --output URL` predicts files and ends.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """The exit status; an unknown word is refused in one line."""
    folder = Path(os.environ.get("MODEL_DIR") or "/opt/ml/model")
    if arguments[:1] == ["batch"]:
        from model_images.serve.batch.command import run as predict_files

        return predict_files(arguments[1:], folder, os.environ)
    if arguments not in ([], ["serve"]):
        print(f"got {' '.join(arguments)!r}; allowed: serve, batch, or nothing", file=sys.stderr)
        return 2
    if os.environ.get("AWS_LAMBDA_RUNTIME_API"):
        from model_images.contracts.aws_lambda import serve as answer_events  # one process, no listening socket

        return answer_events(folder, os.environ)
    from model_images.serve.start import serve

    return serve(folder, os.environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
