"""Where in a region's bucket of predictions what lies. Pure; each ends with a slash."""

from __future__ import annotations


def capture_folder(model: str) -> str:
    """Questions and answers kept for later: a share of the calls."""
    return f"capture/{model}/"


def async_folder(model: str) -> str:
    """Answers, and failures, of calls that did not wait."""
    return f"async/{model}/"


def batch_input_folder(model: str) -> str:
    """Files that the model is to predict for."""
    return f"batch/{model}/input/"


def batch_output_folder(model: str) -> str:
    """Its predictions, a file each."""
    return f"batch/{model}/output/"


def baselines_folder(model: str) -> str:
    """What inputs looked like in training: drift is measured against it, so it is kept."""
    return f"baselines/{model}/"


EXPIRING = ("async/", "batch/", "capture/")
"""Below these, a folder a model, everything goes when it is old enough."""
