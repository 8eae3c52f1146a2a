"""The serving contracts: one file a target, all of them live in every start of the server.

Lambda is not among them: its loop asks for events instead of listening (contracts/aws_lambda.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from model_images.contracts import kubernetes, open_inference, sagemaker, vertex
from model_images.serve.served import Handler, Served

Routes = Mapping[tuple[str, str], Handler]
"""Handlers by method and path."""


def routes(served: Served, environ: Mapping[str, str]) -> dict[str, Routes]:
    """The routes of each contract.

    A later contract's route replaces an earlier one's: whoever deploys to Vertex AI chooses its paths, also /ping.
    """
    return {
        "kubernetes": kubernetes.routes(served),
        "sagemaker": sagemaker.routes(served),
        "open_inference": open_inference.routes(served),
        "vertex": vertex.routes(served, environ),
    }


def prefixes(served: Served) -> dict[str, Routes]:
    """Routes whose path only begins so, asked where no whole path fits."""
    return {"sagemaker": sagemaker.prefixes(served), "open_inference": open_inference.prefixes(served)}
