"""Gate: the metrics that `model.yaml` names reach their thresholds on the evaluation set."""

from __future__ import annotations

from model_images.evaluation import evaluate, missed
from model_images.gates.result import GateResult, judged, nothing_declared
from model_images.gates.subject import Subject
from model_images.runtimes import load


def accuracy(subject: Subject) -> GateResult:
    """Raises EvaluationError, and MODEL_ERRORS where the model fails."""
    if subject.model.evaluation is None:
        return nothing_declared("no evaluation in model.yaml")
    values = evaluate(subject.folder, subject.model, load(subject.folder, subject.model))
    return judged(missed(subject.model, values), **{name: round(value, 6) for name, value in values.items()})
