"""Gate: the model is not slower under load than when its baseline was recorded, in `tests/baseline.json`.

A time says more of the machine than of the model, so what is recorded is a ratio: that of this model's server to the
server of a model with the same inputs and outputs that computes nothing, both asked in turns on the same machine.
`python -m model_images test FOLDER --record-baseline` records it.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from model_images.gates.load import Load, load_round
from model_images.gates.result import GateResult, judged, nothing_declared
from model_images.gates.server import started
from model_images.gates.subject import GateInputError, Subject
from model_images.model_file import ModelFile, Tensor
from model_images.whole_files import replace

ROUNDS, ROUND_S, FIRST_S = 5, 0.6, 0.2
# By how much a ratio may grow: CPU time is much the same from run to run, the slowest hundredth of the answers is not.
CPU_GROWTH, P99_GROWTH = 1.5, 3.0
Ratio = Annotated[float, msgspec.Meta(gt=0)]
ARTIFACT = """\
ANSWER = {answer!r}


def load(folder):
    return None


def predict(model, rows):
    return [ANSWER] * len(rows)
"""


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """This model's server over that of the one that computes nothing; no `cpu_ratio` where no CPU time is told."""

    p99_ratio: Ratio
    cpu_ratio: Ratio | None = None


def latency(subject: Subject) -> GateResult:
    """Raises GateInputError for a wrong baseline.json, ServerFailed."""
    path = baseline_path(subject)
    if not path.is_file():
        return nothing_declared("no tests/baseline.json; --record-baseline records one")
    try:
        baseline = msgspec.json.decode(path.read_bytes(), type=Baseline)
    except msgspec.DecodeError as error:
        raise GateInputError(f"{path}: {error}; allowed: what --record-baseline writes") from error
    return against(baseline, measured(subject))


def baseline_path(subject: Subject) -> Path:
    return subject.folder / "tests" / "baseline.json"


def record(subject: Subject) -> Baseline:
    """Measures, and writes the baseline. Raises ServerFailed, OSError."""
    baseline, path = measured(subject), baseline_path(subject)
    told = {name: value for name, value in msgspec.to_builtins(baseline).items() if value is not None}
    replace(path, (json.dumps(told, indent=2, sort_keys=True) + "\n").encode())
    return baseline


def against(baseline: Baseline, now: Baseline) -> GateResult:
    """Whether the ratios are within what the baseline allows."""
    problems: list[str] = []
    numbers: dict[str, float] = {}
    for name, was, ratio, growth in (
        ("cpu_ratio", baseline.cpu_ratio, now.cpu_ratio, CPU_GROWTH),
        ("p99_ratio", baseline.p99_ratio, now.p99_ratio, P99_GROWTH),
    ):
        if was is None or ratio is None:
            continue
        numbers |= {name: ratio, f"{name}_baseline": was}
        if ratio > was * growth:
            problems.append(
                f"{name}: got {ratio:g}; allowed: at most {was * growth:.3g}, {growth:g} x the baseline of {was:g}; "
                "make the model quicker, or record a new baseline (--record-baseline) and say why"
            )
    return judged(problems, **numbers)


def measured(subject: Subject) -> Baseline:
    """The two servers asked in turns: the medians of the rounds' ratios."""
    row = json.dumps({"instances": subject.warm_up_rows()[:1]}).encode()
    with tempfile.TemporaryDirectory() as scratch:
        write_idle_model(Path(scratch), subject.model)
        with started(subject.folder) as server, started(Path(scratch)) as idle:
            for one in (server, idle):
                load_round(one, row, FIRST_S)
            rounds = [(load_round(server, row, ROUND_S), load_round(idle, row, ROUND_S)) for _ in range(ROUNDS)]
    cpu = [ratio for one, other in rounds if (ratio := _cpu_ratio(one, other)) is not None]
    return Baseline(
        p99_ratio=round(statistics.median(one.p99_s / other.p99_s for one, other in rounds), 3),
        cpu_ratio=round(statistics.median(cpu), 3) if len(cpu) == len(rounds) else None,
    )


def write_idle_model(folder: Path, model: ModelFile) -> None:
    """A model folder with the inputs and outputs of `model` whose answer is always the same."""
    content: dict[str, Any] = msgspec.to_builtins(model)
    content |= {"name": "idle", "framework": "python", "artifact": "idle.py", "requirements": [], "evaluation": None}
    (folder / "model.yaml").write_text(json.dumps(_without_nulls(content)), encoding="utf-8")
    answers = {output.name: _zero(output, output.shape) for output in model.outputs}
    answer = answers if len(answers) > 1 else next(iter(answers.values()))
    (folder / "idle.py").write_text(ARTIFACT.format(answer=answer), encoding="utf-8")


def _without_nulls(value: Any) -> Any:
    """JSON is YAML as well; a key that is not set is left out."""
    if isinstance(value, Mapping):
        pairs: list[tuple[Any, Any]] = list(value.items())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return {key: _without_nulls(one) for key, one in pairs if one is not None}
    if isinstance(value, (list, tuple)):
        listed: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return [_without_nulls(one) for one in listed]
    return value


def _zero(output: Tensor, shape: tuple[int, ...]) -> Any:
    if shape:
        return [_zero(output, shape[1:]) for _ in range(shape[0])]
    return {"string": "", "bool": False, "int64": 0}.get(output.type, 0.0)


def _cpu_ratio(one: Load, other: Load) -> float | None:
    if not one.cpu_s_each or not other.cpu_s_each:
        return None
    return one.cpu_s_each / other.cpu_s_each
