"""An MLflow model's signature and input example, as inputs, outputs and warm-up of a `model.yaml`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from model_images.registry.errors import InputError, Refused

# MLflow's column types, and numpy's names in tensor specifications.
TYPES = {
    "double": "float64",
    "float": "float32",
    "integer": "int64",
    "long": "int64",
    "boolean": "bool",
    "string": "string",
    **{name: name for name in ("float64", "float32", "int64", "bool")},
    "int32": "int64",
    "int16": "int64",
    "int8": "int64",
    "uint8": "int64",
    "str": "string",
    "object": "string",
}
PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[A-Za-z0-9._,-]+\])?==[0-9][A-Za-z0-9.!+]*")
WARM_UP_ROWS = 3
SIGN = "log it with signature=mlflow.models.infer_signature(inputs, model.predict(inputs))"


def written(name: str) -> str:
    """A column's name as `model.yaml` can hold it: the runtimes compare the model's own names in this form."""
    return re.sub(r"[^a-z0-9]", "_", name.lower())


def tensors(signature: Mapping[str, Any] | None, side: str, *, columns: bool = False) -> list[dict[str, Any]]:
    """`inputs` or `outputs` of a `model.yaml`. With `columns`, one tensor of shape [k] is k scalars.

    Raises:
        Refused: all that a `model.yaml` cannot say, a line each.
    """
    text = (signature or {}).get(side)
    if not text:
        raise Refused(f"signature.{side}: missing; {SIGN}")
    entries: list[dict[str, Any]] = json.loads(text)
    wrong: list[str] = []
    found: list[dict[str, Any]] = []
    for place, entry in enumerate(entries):
        where = f"signature.{side}[{place}]"
        default = {"inputs": "input", "outputs": "prediction"}[side]
        default = default if len(entries) == 1 else f"{default}_{place}"
        try:
            found += _tensor(entry, default, where, columns=columns)
        except Refused as refused:
            wrong.append(str(refused))
    names = [one["name"] for one in found]
    wrong += [f"signature.{side}: {name}: two columns have this name in lower case" for name in _twice(names)]
    wrong += [
        f"signature.{side}: {name}: names begin with a letter; rename it" for name in names if not name[0].isalpha()
    ]
    if wrong:
        raise Refused("\n".join(wrong))
    return found


def _tensor(entry: Mapping[str, Any], default: str, where: str, *, columns: bool) -> Iterator[dict[str, Any]]:
    name = written(str(entry.get("name") or default))
    specification = entry.get("tensor-spec")
    kind = specification["dtype"] if specification else entry.get("type")
    if kind not in TYPES:
        raise Refused(f"{where}: {name}: got {kind}; allowed: {', '.join(TYPES)}; convert it before the model")
    if not specification:
        yield {"name": name, "type": TYPES[kind]}
        return
    shape: Sequence[int] = specification["shape"][1:]
    if any(size < 1 for size in shape):
        raise Refused(
            f"{where}: {name}: got shape {specification['shape']}; allowed: one unknown size, the first; {SIGN}"
        )
    if columns and len(shape) == 1:
        for place in range(shape[0]):
            yield {"name": f"x{place}", "type": TYPES[kind]}
    else:
        yield {"name": name, "type": TYPES[kind]} | ({"shape": list(shape)} if shape else {})


def warm_up(folder: Path, inputs: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """The first rows of the input example, in the inputs' order.

    Raises:
        Refused: the model was logged without an example, or it is not one of rows.
    """
    path = folder / "serving_input_example.json"
    if not path.is_file():
        raise Refused("input example: missing; the image warms up with it; log the model with input_example=inputs[:3]")
    content = json.loads(path.read_text(encoding="utf-8"))
    rows = list(_rows(content, [str(one["name"]) for one in inputs]))[:WARM_UP_ROWS]
    if not rows or any(len(row) != len(inputs) for row in rows):
        raise Refused(
            f"input example: got {str(content)[:120]}; allowed: rows with the signature's {len(inputs)} inputs"
        )
    return rows


def _rows(content: Any, names: Sequence[str]) -> Iterator[list[Any]]:
    if "dataframe_split" in content:
        split = content["dataframe_split"]
        columns = [written(str(name)) for name in split.get("columns", names)]
        order = [columns.index(name) if name in columns else place for place, name in enumerate(names)]
        for row in split["data"]:
            yield [row[place] for place in order]
    elif isinstance(content.get("inputs"), dict):
        by_name = {written(name): values for name, values in content["inputs"].items()}
        if {*names} <= {*by_name}:
            yield from (list(row) for row in zip(*(by_name[name] for name in names), strict=True))
    elif isinstance(rows := content.get("inputs", content.get("instances")), list):
        for row in rows:  # pyright: ignore[reportUnknownVariableType]
            yield row if isinstance(row, list) and len(names) > 1 else [row]


def pinned(folder: Path, left_out: frozenset[str]) -> tuple[list[str], list[str]]:
    """The requirements with exact versions but for `left_out` (names in lower case), and those that are not pinned."""
    path = folder / "requirements.txt"
    if not path.is_file():
        raise InputError(f"{path}: not there; the MLflow model is not whole")
    kept: list[str] = []
    loose: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        name = re.split(r"[^A-Za-z0-9._-]", text)[0].lower().replace("_", "-")
        if not text or name in left_out:
            continue
        (kept if PINNED.fullmatch(text) else loose).append(text)
    return sorted(kept), loose


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
