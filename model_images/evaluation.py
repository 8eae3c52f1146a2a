"""A model's own evaluation: its metrics on the data set beside it, and whether they reach the thresholds.

The data set is a CSV file with a header: a column an input, by its name, and one for what is true, called `label` or
`target`. An input with a shape has a column a number, `name_0`, `name_1` and so on, row-major. Truth values are `true`
and `false`. What is true is of the type of the output that it is compared with; a model that answers probabilities
alone is compared with the numbers of their classes, from 0.

Metrics: of labels `accuracy` and `f1`; of probabilities `roc_auc` and `log_loss`; of numbers `rmse` and `mae`. The
threshold of `log_loss`, `rmse` and `mae` is a maximum, any other a minimum.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_images.model_file import Input, ModelFile, Tensor
from model_images.runtimes.outputs import size, wants_probabilities
from model_images.scores import LOSSES, METRICS, Answered
from model_images.serve.arrays import TYPES
from model_images.serve.rows import Array, Outputs, Rows, Runtime

TRUTH: Final = ("label", "target")
BATCH_ROWS: Final = 1024
FLAGS: Final = {"true": True, "false": False}


class EvaluationError(ValueError):
    """Data or metrics that cannot be used: one line, naming file, column or metric, and what is allowed."""


def evaluate(folder: Path, model: ModelFile, runtime: Runtime) -> dict[str, float]:
    """The metrics that `model.yaml` names, of the model on its evaluation data.

    Raises:
        EvaluationError: if there is no evaluation, or its data or metrics cannot be used.
    """
    if model.evaluation is None:
        raise EvaluationError(f"{folder / 'model.yaml'}: evaluation: missing; allowed: data and metrics to hold it to")
    path = folder / model.evaluation.data
    unknown = [name for name in model.evaluation.metrics if name not in METRICS]
    if unknown:
        raise EvaluationError(
            f"{folder / 'model.yaml'}: evaluation.metrics: got {', '.join(unknown)}; allowed: {', '.join(METRICS)}"
        )
    rows, texts = read_data(path, model.inputs)
    outputs = predicted(runtime, rows)
    values: dict[str, float] = {}
    for name in model.evaluation.metrics:
        needs, score = METRICS[name]
        answered, truth = _compared(needs, model.outputs, outputs, texts, path)
        try:
            values[name] = score(answered, truth)
        except ValueError as error:
            raise EvaluationError(f"{path}: {name}: {error}") from error
    return values


def missed(model: ModelFile, values: Mapping[str, float]) -> list[str]:
    """A line for each threshold of `model.yaml` that a metric does not reach; also one that is not a number."""
    lines: list[str] = []
    for name, threshold in (model.evaluation.metrics if model.evaluation else {}).items():
        reached = values[name] <= threshold if name in LOSSES else values[name] >= threshold
        if not reached:
            side = "at most" if name in LOSSES else "at least"
            lines.append(f"evaluation.metrics.{name}: got {values[name]:.4g}; allowed: {side} {threshold:g}")
    return lines


def predicted(runtime: Runtime, rows: Rows) -> Outputs:
    """The outputs of all rows, predicted 1,024 at a time."""
    parts = [
        runtime.predict(rows.slice(begin, min(begin + BATCH_ROWS, rows.count)))
        for begin in range(0, rows.count, BATCH_ROWS)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def read_data(path: Path, inputs: Sequence[Input], *, labelled: bool = True) -> tuple[Rows, list[str]]:
    """The rows of a data set, and the text of what is true of each (empty where `labelled` is false).

    Raises:
        EvaluationError: naming the file and the column, and the row from 0 where a value is not of its input's type.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file))
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}; allowed: a CSV file with a header") from error
    except (UnicodeDecodeError, ValueError, csv.Error) as error:
        raise EvaluationError(f"{path}: not readable as CSV with a header: {error}") from error
    table = _columns(path, lines)
    columns = {given.name: _column(path, table, given) for given in inputs}
    found = [name for name in TRUTH if name in table and name not in columns]
    if labelled and not found:
        raise EvaluationError(f"{path}: no column says what is true; allowed: one called {' or '.join(TRUTH)}")
    return _rows(columns, inputs, len(lines) - 1), table[found[0]] if labelled else []


def columns_of(given: Input) -> list[str]:
    """The columns of one input: its name, or a name for each value of an input with a shape."""
    return [f"{given.name}_{place}" for place in range(size(given))] if given.shape else [given.name]


def _columns(path: Path, lines: list[list[str]]) -> dict[str, list[str]]:
    if len(lines) < 2:
        raise EvaluationError(f"{path}: got {len(lines)} lines; allowed: a header and one row or more")
    header, *rows = lines
    for row, line in enumerate(rows):
        if len(line) != len(header):
            raise EvaluationError(f"{path}: row {row}: got {len(line)} values; allowed: {len(header)}, as the header")
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))


def _column(path: Path, table: Mapping[str, list[str]], given: Input) -> Array:
    names = columns_of(given)
    absent = [name for name in names if name not in table]
    if absent:
        raise EvaluationError(f"{path}: column {absent[0]} is missing; allowed: a column for each number of the inputs")
    parts = [_values(path, name, table[name], given) for name in names]
    return parts[0] if not given.shape else np.stack(parts, axis=1).reshape(-1, *given.shape)


def _values(path: Path, name: str, texts: list[str], tensor: Tensor) -> Array:
    array = np.empty(len(texts), TYPES[tensor.type])
    for row, text in enumerate(texts):
        try:
            array[row] = _value(text, tensor)
        except (ValueError, OverflowError, KeyError) as error:
            raise EvaluationError(f"{path}: row {row}, {name}: got {text!r:.40}; allowed: {tensor.type}") from error
    return array


def _value(text: str, tensor: Tensor) -> Any:
    match tensor.type:
        case "string":
            return text
        case "bool":
            return FLAGS[text.lower()]
        case "int64":
            return int(text)
        case "float32" | "float64":
            return float(text)


def _rows(columns: dict[str, Array], inputs: Sequence[Input], count: int) -> Rows:
    one_type = len({given.type for given in inputs}) == 1 and inputs[0].type not in {"string", "bool"}
    if one_type and not any(given.shape for given in inputs):
        return Rows(count, None, np.stack(list(columns.values()), axis=1), tuple(columns))
    return Rows(count, columns)


def _compared(
    needs: str, declared: Sequence[Tensor], outputs: Outputs, texts: list[str], path: Path
) -> tuple[Answered, Array]:
    """What the model answered and what is true, as a metric compares them."""
    if needs == "values":
        value = next((o for o in declared if o.type.startswith("float") and not o.shape), None)
        if value is None:
            raise EvaluationError(f"{path}: the model answers no single number; allowed metrics: those of labels")
        return Answered(values=outputs[value.name]), _values(path, "target", texts, value)
    label = next((o for o in declared if not o.type.startswith("float") and not o.shape), None)
    chance = next((o for o in declared if wants_probabilities(o)), None)
    truth = _values(path, "label", texts, label or Tensor(name="label", type="int64"))
    labels = outputs[label.name] if label else None
    if chance is None:
        return Answered(labels=labels), truth
    answered = outputs[chance.name]
    both: Array = np.stack([1 - answered, answered], axis=1) if answered.ndim == 1 else answered
    numbers = np.array(range(both.shape[1]), np.int64)
    classes = numbers if labels is None else _each_once(np.concatenate([truth, labels]))
    if labels is None:
        labels = numbers[both.argmax(axis=1)]
    if len(classes) != both.shape[1] or not np.isin(truth, classes).all():
        raise EvaluationError(
            f"{path}: got the classes {', '.join(map(str, _each_once(truth)))}; allowed: rows of each of the "
            f"{both.shape[1]} classes that the model answers"
        )
    return Answered(labels=labels, probabilities=both, classes=classes), truth


def _each_once(labels: Array) -> Array:
    return np.array(sorted(set(labels.tolist())), labels.dtype)
