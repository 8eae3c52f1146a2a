"""Gate: how the model must behave, declared in `tests/behaviour.yaml`, tried on its example rows.

    directional:                    # the input changes so, the output moves that way in every row, and in one at least
      - {input: amount, increase: 100, output: probability, direction: up}
      - {input: foreign_card, from: false, to: true, output: probability, direction: up, rows: 0.95}
    invariance:                     # whichever of these values the input has, the output stays
      - {input: plan, values: [free, basic], output: probability, within: 0.001}

`increase` may be negative. `rows` is the share of rows that must obey (1 where it is left out), `within` the largest
difference that counts as staying (0). `element` picks one value of an output with a shape, from 0. A row whose changed
value the model's inputs do not allow is passed over; if none is left, the rule proves nothing and fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from model_images.gates.result import GateResult, judged, nothing_declared
from model_images.gates.subject import GateInputError, Row, Subject, read_declared
from model_images.model_file import ModelFile, Scalar
from model_images.runtimes import load
from model_images.serve.fields import wrong_values
from model_images.serve.rows import Array, Runtime
from model_images.serve.schema import Schema

ROWS = 200
SHOWN = 3
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    input: str
    output: str
    element: Annotated[int, msgspec.Meta(ge=0)] | None = None
    rows: Share = 1.0


class _Directional(_Rule, frozen=True, kw_only=True, rename={"before": "from", "after": "to"}):
    direction: Literal["up", "down"]
    increase: float | None = None
    before: Scalar | None = None
    after: Scalar | None = None


class _Invariance(_Rule, frozen=True, kw_only=True):
    values: Annotated[tuple[Scalar, ...], msgspec.Meta(min_length=2)]
    within: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class _Behaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    directional: tuple[_Directional, ...] = ()
    invariance: tuple[_Invariance, ...] = ()


def behaviour(subject: Subject) -> GateResult:
    """Raises GateInputError for a wrong file, MODEL_ERRORS where the model fails."""
    path = subject.folder / "tests" / "behaviour.yaml"
    rules = _read(path, subject.model)
    if not rules.directional and not rules.invariance:
        return nothing_declared("no rules in tests/behaviour.yaml")
    trial = _Trial(subject, load(subject.folder, subject.model))
    problems: list[str] = []
    for place, rule in enumerate(rules.directional):
        problems += [f"directional[{place}]: {problem}" for problem in trial.directional(rule)]
    for place, kept in enumerate(rules.invariance):
        problems += [f"invariance[{place}]: {problem}" for problem in trial.invariance(kept)]
    return judged(problems, rules=len(rules.directional) + len(rules.invariance), rows=len(trial.rows))


class _Trial:
    """Asks the model its example rows, as they are and changed."""

    def __init__(self, subject: Subject, runtime: Runtime) -> None:
        self.rows = subject.example_rows(ROWS)
        self._model = subject.model
        self._schema = Schema(subject.model)
        self._runtime = runtime

    def directional(self, rule: _Directional) -> list[str]:
        """The problems of one rule: none, or one line."""
        sign = 1 if rule.direction == "up" else -1
        if rule.increase is not None:
            what, step = f"{rule.input} {rule.increase:+g}", rule.increase
            pairs = self._pairs(lambda row: row, lambda row: {**row, rule.input: _stepped(row[rule.input], step)})
        else:
            what = f"{rule.input} {rule.before} -> {rule.after}"
            pairs = self._pairs(
                lambda row: {**row, rule.input: rule.before}, lambda row: {**row, rule.input: rule.after}
            )
        if not pairs:
            return [f"{what}: no example row may be changed so; the inputs' ranges do not allow it"]
        moved = (self._answers(rule, [after for _, after in pairs]) - self._answers(rule, [b for b, _ in pairs])) * sign
        told = f"{what}: {rule.output} does not go {rule.direction}"
        if not np.any(moved > 0):
            return [f"{told} in any of {len(pairs)} rows"]
        return _unless_enough(rule, moved >= 0, pairs, told)

    def invariance(self, rule: _Invariance) -> list[str]:
        problems: list[str] = []
        first = rule.values[0]
        for value in rule.values[1:]:
            what = f"{rule.input} {first} -> {value}"
            pairs = self._pairs(_setting(rule.input, first), _setting(rule.input, value))
            if not pairs:
                problems.append(f"{what}: no example row may be changed so; the inputs' values do not allow it")
                continue
            befores, afters = [before for before, _ in pairs], [after for _, after in pairs]
            apart = np.abs(self._answers(rule, afters) - self._answers(rule, befores))
            told = f"{what}: {rule.output} moves by up to {float(apart.max()):g}; allowed: {rule.within:g}"
            problems += _unless_enough(rule, apart <= rule.within, pairs, told)
        return problems

    def _pairs(self, before: Callable[[Row], Row], after: Callable[[Row], Row]) -> list[tuple[Row, Row]]:
        pairs = [(before(row), after(row)) for row in self.rows]
        return [
            pair for pair in pairs if not any(True for row in pair for _ in wrong_values(self._model.inputs, row, ""))
        ]

    def _answers(self, rule: _Rule, rows: Sequence[Row]) -> Array:
        read, _ = self._schema.from_json(msgspec.json.encode({"instances": rows}))
        output = np.asarray(self._runtime.predict(read)[rule.output], np.float64).reshape(len(rows), -1)
        return output[:, rule.element or 0]


def _unless_enough(rule: _Rule, obeys: Array, pairs: Sequence[tuple[Row, Row]], told: str) -> list[str]:
    share = float(np.mean(obeys))
    if share >= rule.rows:
        return []
    against = [pairs[int(place)][1] for place in np.flatnonzero(~obeys)[:SHOWN]]
    shown = "; ".join(f"{msgspec.json.encode(row).decode():.120}" for row in against)
    return [f"{told} in {int(np.sum(~obeys))} of {len(pairs)} rows (allowed: {1 - rule.rows:.0%}), as in {shown}"]


def _setting(name: str, value: Scalar) -> Callable[[Row], Row]:
    return lambda row: {**row, name: value}


def _stepped(value: Any, step: float) -> Any:
    stepped = value + step
    return int(stepped) if isinstance(value, int) and float(step).is_integer() else stepped


def _read(path: Path, model: ModelFile) -> _Behaviour:
    rules = read_declared(path, _Behaviour)
    wrong: list[str] = []
    for kind, listed in (("directional", rules.directional), ("invariance", rules.invariance)):
        for place, rule in enumerate(listed):
            wrong += [f"{path}: {kind}[{place}].{problem}" for problem in _contradictions(rule, model)]
    if wrong:
        raise GateInputError("\n".join(wrong))
    return rules


def _contradictions(rule: _Rule, model: ModelFile) -> list[str]:
    inputs = {given.name: given for given in model.inputs}
    outputs = {output.name: output for output in model.outputs}
    wrong: list[str] = []
    given, output = inputs.get(rule.input), outputs.get(rule.output)
    if given is None or given.shape:
        scalars = ", ".join(name for name, one in inputs.items() if not one.shape)
        wrong.append(f"input: got {rule.input!r}; allowed: a scalar input: {scalars or 'this model has none'}")
    if output is None or output.type == "string":
        numbers = ", ".join(name for name, one in outputs.items() if one.type != "string")
        wrong.append(f"output: got {rule.output!r}; allowed: an output of numbers: {numbers or 'this model has none'}")
    elif bool(output.shape) != (rule.element is not None):
        wrong.append(f"element: {'missing; say which value' if output.shape else 'not allowed'}: {rule.output}")
    elif rule.element is not None and rule.element >= int(np.prod(output.shape)):
        wrong.append(f"element: got {rule.element}; allowed: 0 to {int(np.prod(output.shape)) - 1}")
    if isinstance(rule, _Directional):
        steps, sets = rule.increase is not None, rule.before is not None and rule.after is not None
        if steps == sets or (steps and (rule.before is not None or rule.after is not None)):
            wrong.append("increase: allowed: either increase, or both from and to")
        elif steps and given is not None and given.type not in ("float32", "float64", "int64"):
            wrong.append(f"increase: {rule.input} is a {given.type}; allowed: from and to")
    return wrong
