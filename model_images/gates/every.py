"""All gates, run one after another; one that fails stops no other."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any

from model_images.gates.accuracy import accuracy
from model_images.gates.behaviour import behaviour
from model_images.gates.contracts import contracts
from model_images.gates.data_quality import data_quality
from model_images.gates.latency import latency
from model_images.gates.packages import packages
from model_images.gates.result import GateResult, judged
from model_images.gates.subject import Subject
from model_images.gates.unit_tests import unit_tests
from model_images.origin import folder_digest, source_commit
from model_images.runtimes import first_line
from model_images.serve.rows import MODEL_ERRORS

# The quick ones first.
GATES: Mapping[str, Callable[[Subject], GateResult]] = MappingProxyType(
    {
        "packages": packages,
        "unit tests": unit_tests,
        "data quality": data_quality,
        "accuracy": accuracy,
        "behaviour": behaviour,
        "contracts": contracts,
        "latency": latency,
    }
)
TOOLS = ("lightgbm", "numpy", "onnxruntime", "pandera", "pytest", "scikit-learn", "torch", "xgboost-cpu")


def run_gates(subject: Subject, begins: Callable[[str], None]) -> dict[str, GateResult]:
    """Every gate's result by its name; `begins` is told each as it begins."""
    found: dict[str, GateResult] = {}
    for name, gate in GATES.items():
        begins(name)
        try:
            found[name] = gate(subject)
        except MODEL_ERRORS as error:
            # Files that a gate reads, and the model itself, fail in ways of their own; all are told.
            lines = str(error).splitlines() if type(error).__module__.startswith("model_images") else []
            found[name] = judged(lines or [f"{type(error).__name__}: {first_line(error)}"])
    return found


def as_object(subject: Subject, results: Mapping[str, GateResult]) -> dict[str, Any]:
    """What is kept with an image: which model was tested, by what, with what result. No clock, no machine."""
    model = subject.model
    return {
        "model": {"name": model.name, "version": model.version, "framework": model.framework},
        "model_digest": subject.digest,
        # What `promote` writes into the lineage. Data lies in `training`, or is named by the script that lies there.
        "evaluation_digest": folder_digest(subject.folder / "evaluation"),
        "data_digest": folder_digest(subject.folder / "training"),
        "source_commit": source_commit(subject.folder),
        "passed": passed(results),
        "gates": {
            name: {
                "result": {True: "passed", False: "failed", None: "not declared"}[result.passed],
                "numbers": dict(result.numbers),
                "problems": list(result.problems),
                "note": result.note,
            }
            for name, result in results.items()
        },
        "tools": _tools(),
    }


def passed(results: Mapping[str, GateResult]) -> bool:
    """True if no gate failed; what is not declared does not fail."""
    return all(result.passed is not False for result in results.values())


def _tools() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # another framework's
            continue
    return found
