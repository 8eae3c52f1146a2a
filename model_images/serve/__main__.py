"""The image's entry point: `python -m model_images.serve [serve]`, the model in MODEL_DIR, all else in the environment.

SageMaker starts every container with the word `serve`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """The exit status; an unknown word is refused in one line."""
    if arguments not in ([], ["serve"]):
        print(f"got {' '.join(arguments)!r}; allowed: serve, or nothing", file=sys.stderr)
        return 2
    folder = Path(os.environ.get("MODEL_DIR") or "/opt/ml/model")
    if os.environ.get("AWS_LAMBDA_RUNTIME_API"):
        from model_images.contracts.aws_lambda import serve as answer_events  # one process, no listening socket

        return answer_events(folder, os.environ)
    from model_images.serve.start import serve

    return serve(folder, os.environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
