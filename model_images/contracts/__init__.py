"""The serving contracts: one file a target, all of them live in every start of the server.

Each module has `routes(served) -> {(method, path): handler}` and may have `prefixes(served)` for paths that only begin
so. Lambda is no module of this list: its loop asks for events instead of listening (contracts/aws_lambda.py).
"""

from __future__ import annotations

from model_images.contracts import kubernetes, open_inference, sagemaker, vertex

# A later contract's route replaces an earlier one's: paths of Vertex AI are chosen by whoever deploys, also /ping.
ROUTES = (kubernetes, sagemaker, open_inference, vertex)
