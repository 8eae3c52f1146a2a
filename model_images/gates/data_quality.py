"""Gate: the evaluation set is fit to judge by. Every column is held to the model's own inputs (type, range, values,
nothing missing), by a pandera schema made of them; `evaluation/expectations.yaml` may ask for more:

    rows: 100                            # at least so many
    duplicates: 0.01                     # at most this share of the rows stands there more than once
    columns:
      label: {values: [0, 1]}
      mean_radius: {mean: [12, 16]}
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import msgspec

from model_images.evaluation import FLAGS, columns_of
from model_images.gates.result import GateResult, judged, nothing_declared
from model_images.gates.subject import Subject, read_declared
from model_images.model_file import Input, Scalar
from model_images.serve.fields import FLOAT32_LIMIT, allowed

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa


class _Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mean: tuple[float, float] | None = None
    values: tuple[Scalar, ...] = ()


class _Expectations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rows: Annotated[int, msgspec.Meta(ge=1)] = 1
    duplicates: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    columns: dict[str, _Expected] = {}


def data_quality(subject: Subject) -> GateResult:
    """Raises GateInputError for a wrong expectations.yaml."""
    path = subject.evaluation_path
    if path is None:
        return nothing_declared("no evaluation in model.yaml")
    expectations = read_declared(path.parent / "expectations.yaml", _Expectations)
    try:
        texts = _texts(path)
    except OSError as error:
        return judged([f"{path}: {error.strerror}; allowed: a CSV file with a header"])
    except ValueError as error:
        return judged([f"{path}: not readable as CSV with a header: {' '.join(str(error).split()):.200}"])
    table, unreadable = typed(texts, subject.model.inputs)
    problems = [
        *unreadable.values(),
        *_against_inputs(table, unreadable, subject.model.inputs),
        *_against_expectations(texts, expectations),
    ]
    return judged([f"{path.name}: {problem}" for problem in problems], rows=len(texts), columns=len(texts.columns))


def schema_of(inputs: Sequence[Input], unreadable: Collection[str] = ()) -> pa.DataFrameSchema:
    """The pandera schema of a typed table with a column for each value of a model's inputs.

    Columns that could not be typed are only held to be there.
    """
    import pandera.pandas as pa

    columns: dict[str, pa.Column] = {}
    for given in inputs:
        for name in columns_of(given):
            free = name in unreadable
            columns[name] = pa.Column(None, [] if free else _checks(given), nullable=free)
    return pa.DataFrameSchema(columns)


def typed(texts: pd.DataFrame, inputs: Sequence[Input]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The table with the inputs' columns in the inputs' types, empty cells missing; what is wrong with a column
    that holds something else, by its name: it stays as it is.

    pandera's own coercion would cut fractions off and take any text for true.
    """
    table, unreadable = texts.copy(), dict[str, str]()
    for given in inputs:
        for name in columns_of(given):
            if name not in texts.columns or given.type == "string":
                continue
            values, reads = _parsed(cast("Any", texts)[name], given)
            if reads.all():
                table[name] = values
                continue
            wrong = cast("Any", texts)[name][~reads]
            free = msgspec.structs.replace(given, shape=(), min=None, max=None, values=())
            unreadable[name] = _line(name, len(wrong), len(texts), wrong.index[0], wrong.iloc[0], allowed(free))
    return table, unreadable


def _parsed(column: Any, given: Input) -> tuple[Any, Any]:
    """A column of texts as values, and which of them could be read; an empty text is a missing value."""
    import pandas as pd

    empty = column.str.strip() == ""
    if given.type == "bool":
        values = column.str.lower().map(FLAGS)
        return values, empty | values.notna()
    numbers = cast("Any", pd).to_numeric(column.mask(empty), errors="coerce")
    reads = empty | numbers.notna()
    if given.type == "int64":
        reads &= empty | (numbers % 1 == 0)
    return numbers, reads


def _checks(given: Input) -> list[pa.Check]:
    import pandera.pandas as pa

    told = allowed(msgspec.structs.replace(given, shape=()))
    if given.values:
        return [cast("Any", pa.Check).isin(list(given.values), error=told)]
    if given.type in ("bool", "string"):
        return []
    limit = FLOAT32_LIMIT if given.type == "float32" else 1.7976931348623157e308
    low = -limit if given.min is None else given.min
    high = limit if given.max is None else given.max
    if given.type == "int64" and given.min is None and given.max is None:
        return []
    return [cast("Any", pa.Check).in_range(low, high, error=told)]  # an infinity is in no range


def _texts(path: Path) -> pd.DataFrame:
    """The file's cells as they stand there."""
    import pandas as pd

    return cast("Any", pd).read_csv(path, dtype="str", keep_default_na=False, na_values=[])


def _against_inputs(table: pd.DataFrame, unreadable: Collection[str], inputs: Sequence[Input]) -> list[str]:
    from pandera.errors import SchemaErrors

    try:
        cast("Any", schema_of(inputs, unreadable)).validate(table, lazy=True)
    except SchemaErrors as errors:
        return _told(cast("Any", errors).failure_cases, len(table))
    return []


def _told(cases: Any, rows: int) -> list[str]:
    """One line a column and check: how many rows fail, and the first of them."""
    problems: list[str] = []
    for (column, check), group in cases.groupby(["column", "check"], sort=False, dropna=False):
        first = group.iloc[0]
        if check == "column_in_dataframe":
            missing = ", ".join(map(str, group["failure_case"]))
            problems.append(f"column {missing:.200}: missing; allowed: a column for each value of the inputs")
        elif check == "not_nullable":
            problems.append(f"column {column}: {len(group)} of {rows} rows: row {first['index']} holds nothing")
        else:
            problems.append(_line(column, len(group), rows, first["index"], first["failure_case"], check))
    return problems


def _line(column: str, wrong: int, rows: int, row: object, got: object, may_be: object) -> str:
    return f"column {column}: {wrong} of {rows} rows: row {row} holds {str(got)!r:.60}; allowed: {may_be}"


def _against_expectations(texts: pd.DataFrame, wanted: _Expectations) -> list[str]:
    problems: list[str] = []
    if len(texts) < wanted.rows:
        problems.append(f"got {len(texts)} rows; allowed: {wanted.rows} or more")
    twice = float(cast("Any", texts).duplicated().mean()) if len(texts) else 0.0
    if twice > wanted.duplicates:
        problems.append(f"{twice:.1%} of the rows stand there more than once; allowed: {wanted.duplicates:.1%}")
    for name, expected in wanted.columns.items():
        if name in texts.columns:
            problems += _against_expected(name, cast("Any", texts)[name], expected)
        else:
            problems.append(f"column {name}: missing; expectations.yaml names it")
    return problems


def _against_expected(name: str, column: Any, expected: _Expected) -> list[str]:
    import pandas as pd

    problems: list[str] = []
    named = [str(value).lower() if isinstance(value, bool) else str(value) for value in expected.values]
    others = sorted(set(column.tolist()) - set(named))
    if named and others:
        problems.append(f"column {name}: got {', '.join(others):.100}; allowed: {', '.join(named)}")
    if expected.mean is not None:
        low, high = expected.mean
        mean = float(cast("Any", pd).to_numeric(column, errors="coerce").mean())
        if not low <= mean <= high:
            problems.append(f"column {name}: got a mean of {mean:g}; allowed: {low:g} to {high:g}")
    return problems
