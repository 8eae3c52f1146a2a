"""Writes docs/reference/model-folder.md and stacks/schemas/model-folder.json from `model_images/model_file.py`.

`python -m tools.documents.model_folder` writes them; with `--check` it only says whether they are in step. What a field
means is the text below it in its class; what gates read is said by the gates' own modules. None of them is imported:
that would need every framework.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec

from model_images.build.frameworks import FRAMEWORKS
from model_images.model_file import NOT_BAKED, ModelFile
from tools.documents.schemas import DIALECT, FOLDER, ROOT, Schema, write_or_check

PAGE = Path("docs/reference/model-folder.md")
SCHEMA = FOLDER / "model-folder.json"
COMMAND = "python -m tools.documents.model_folder"
SOURCE = Path("model_images/model_file.py")
_HEAD = f"""# The model folder

Written by `{COMMAND}` from `model_images/`; do not edit.

A folder anywhere on this machine becomes an image. Start with two files, the trained model and a `model.yaml`:

```yaml
# yaml-language-server: $schema=HOMEPORT/stacks/schemas/model-folder.json
name: lending
version: "1.0"
framework: sklearn
artifact: model.joblib              # joblib.dump(pipeline, "model.joblib")
inputs:                             # what one row holds
  - {{name: income, type: float64, min: 0}}
  - {{name: home_ownership, type: string, values: [own, rent, mortgage]}}
outputs:                            # what is answered for it
  - {{name: label, type: string}}
  - {{name: probability, type: float64}}
warmup:
  instances: [[50000, own]]         # one example request
requirements: [pandas==3.1.1]       # this pipeline picks columns by name
```

(The first line is for editors; HOMEPORT is where this project lies.) Then, from this project's root:

```console
$ make tools                                                 # once: frameworks (without PyTorch) and what gates need
$ python -m model_images check FOLDER                        # is it sound? predicts the example
$ python -m model_images lock FOLDER                         # pins every package of the image: requirements.lock
$ python -m model_images test FOLDER --output gates.json     # every gate; --record-baseline records its latency first
$ python -m model_images build FOLDER --output image
```

All mistakes of a file are told at once, each with the field, what was got and what is allowed. No other key may stand
in it.
`check`, `test`, `compare` and `serve` use this environment's frameworks, in the versions of the table below. A model
that pins others in `requirements` is tried in its image: `build`, then `run`.

| in the folder | what it is | in the image |
| --- | --- | --- |
| `model.yaml` | what is described below | yes |
| the artifact, and any other file | what the model reads | yes |
| `requirements.lock` | written by `lock`; anew after `requirements` or `framework` changed | its packages |
| `evaluation/data.csv` | rows with what is true of them, named by `evaluation.data` | no |
| `evaluation/expectations.yaml` | what else must hold of that data | no |
| `tests/test_*.py` | unit tests, run by pytest in the folder | no |
| `tests/behaviour.yaml` | how answers must move, or stay, when an input changes | no |
| `tests/baseline.json` | the recorded latency, written by `test --record-baseline` | no |
| `training/` | what made the artifact | no |

Never in the image: {", ".join(f"`{name}`" for name in NOT_BAKED)}, hidden
files, `__pycache__`. `model_images/samples` holds a complete folder for most frameworks.
"""
# What is saved how, what it takes, what it answers.
ARTIFACTS: dict[str, tuple[str, str, str]] = {
    "sklearn": (
        "an estimator or pipeline with `predict`, by `joblib.dump`",
        (
            "one array; a data frame (and `pandas` in `requirements`) where it picks columns by name. `Home Ownership` "
            "in training is the input `home_ownership`"
        ),
        (
            "a float called `probability` or `probabilities`, or with a shape `[classes]`, is `predict_proba` (a "
            "single one: of the second class); any other is `predict`"
        ),
    ),
    "xgboost": (
        "a booster, by `save_model` as `.json` or `.ubj`",
        "numbers only; matched to the booster's features by name, else by place",
        "as sklearn; a label is the class's number (int64, or bool of two classes)",
    ),
    "lightgbm": (
        "a booster, by `booster.save_model` as text",
        "numbers only; matched to the booster's features by name, else by place",
        "as sklearn; a label is the class's number (int64, or bool of two classes)",
    ),
    "onnx": (
        "a graph with a free first dimension",
        "one tensor an input by name, or one of shape (rows, inputs) that takes all single numbers",
        "the graph's outputs by name; a single one may have any name. ZipMap is unwrapped",
    ),
    "pytorch": (
        "`torch.export.export` with `torch.export.Dim` as first dimension, by `torch.export.save` (`.pt2`)",
        "one tensor an input in the inputs' order, or one of shape (rows, inputs) that takes all single numbers",
        "a dictionary by output name, or a tuple in the outputs' order",
    ),
    "python": (
        "a file with `load(folder)` and `predict(model, rows)`; `custom_attributes(rows, outputs)` if it likes",
        'rows as objects by input name; `raise RowRefused(row, "why")` refuses one',
        "a list with one value a row, or an object by output name where there are several",
    ),
}
# Pages that their own modules hold, each with the heading here.
_TOLD = (
    ("evaluation: data and metrics", Path("model_images/evaluation.py")),
    ("evaluation/expectations.yaml", Path("model_images/gates/data_quality.py")),
    ("tests/behaviour.yaml", Path("model_images/gates/behaviour.py")),
    ("requirements.lock", Path("model_images/gates/packages.py")),
    ("tests/test_*.py", Path("model_images/gates/unit_tests.py")),
    ("tests/baseline.json", Path("model_images/gates/latency.py")),
)
NOTHING: tuple[object, ...] = (None, [], {})
_KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


_REST = """\
## `schema`: for a gateway that refuses

`python -m model_images schema FOLDER > NAME.request.json` prints what `POST /invocations` may hold, as JSON Schema of
draft 4. A model of the stacks names such a file as `access.request_schema`: then its API refuses what does not fit,
before the model is asked. With `--features-key KEY` rows that hold `KEY` may leave out inputs, as they may where the
server has `FEATURES_KEY`. Write it anew when `inputs` change.

## `--weights-apart`: the artifact outside of the image

`python -m model_images build FOLDER --output image --weights-apart` leaves the artifact out. The image's label
`io.homeport.weights` is its SHA-256. Upload the artifact to the region's model store as `sha256/HEX`, and start the
image with `WEIGHTS=s3://BUCKET/sha256/HEX`: it is fetched at each start, and loaded if it has that digest. The model's
digest is that of the whole folder, as if the artifact were inside. For artifacts that are too large to be pulled with
every image.

## `batch`: files instead of requests

`MODEL_DIR=FOLDER python -m model_images.serve batch --input file:/IN --output file:/OUT` predicts the `.csv` and
`.jsonl` files of a folder, also with `.gz`; `s3://BUCKET/PREFIX` stands for either. The image takes the same words as
arguments of its container. Exit statuses and what is written: [contracts](contracts.md#batch).
"""


def schema() -> Schema:
    """The JSON Schema of model.yaml, every field described."""
    made: Schema = msgspec.json.schema(ModelFile)
    told = meanings()
    for name, part in made["$defs"].items():
        part.pop("title", None)
        for field, value in part["properties"].items():
            value.pop("title", None)
            described = {"description": told[name, field]}
            # Beside a reference nothing else is read by older editors.
            part["properties"][field] = {"allOf": [value], **described} if "$ref" in value else {**value, **described}
    return {"$schema": DIALECT, **cast("Schema", _portable(made))}


def meanings() -> dict[tuple[str, str], str]:
    """The text below each field of the classes of `model_file.py`, by class and field; a class inherits them."""
    found: dict[tuple[str, str], str] = {}
    for node in ast.parse((ROOT / SOURCE).read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ClassDef):
            continue
        bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
        found.update({(node.name, field): text for (owner, field), text in found.items() if owner in bases})
        for field, below in zip(node.body, node.body[1:], strict=False):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[node.name, name] = " ".join(text.split())
                case _:
                    continue
    return found


def render() -> dict[Path, str]:
    """The page and the schema as text, by their paths in the project."""
    made = schema()
    parts = [_HEAD, "## model.yaml\n", *_table("ModelFile", made)]
    for name, heading in (
        ("Input", "One of `inputs`"),
        ("Tensor", "One of `outputs`"),
        ("WarmUp", "`warmup`"),
        ("Batching", "`batching`"),
        ("Evaluation", "`evaluation`"),
    ):
        parts += [f"### {heading}\n", f"{made['$defs'][name]['description']}\n", *_table(name, made)]
    parts += ["## Frameworks\n", *_frameworks()]
    for heading, path in _TOLD:
        parts += [f"## {heading}\n", f"{_docstring(path)}\n"]
    parts.append(_REST)
    return {PAGE: "\n".join(parts).rstrip() + "\n", SCHEMA: json.dumps(made, indent=2) + "\n"}


def main(words: list[str] | None = None) -> int:
    """Exit code 0 when written or in step, 1 when `--check` finds one behind."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="The page of the model folder, and its JSON Schema.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if one is not in step")
    return write_or_check(ROOT, render(), command=COMMAND, check=parser.parse_args(words).check)


def _table(name: str, made: Schema) -> Iterator[str]:
    part = made["$defs"][name]
    yield "| field | what it takes | left out | meaning |"
    yield "| --- | --- | --- | --- |"
    for field, value in part["properties"].items():
        kept = _without_reference(value)
        left_out = "needed" if field in part["required"] else _default(kept)
        yield f"| `{field}` | {_kind(kept)} | {left_out} | {value['description']} |"
    yield ""


def _without_reference(value: Schema) -> Schema:
    return {**value, **value["allOf"][0]} if "allOf" in value else value


def _kind(value: Schema) -> str:
    """What a value looks like, in words."""
    if "$ref" in value:
        return "see below"
    if "anyOf" in value:
        kinds = list(dict.fromkeys(_kind(one) for one in value["anyOf"] if one.get("type") != "null"))
        return "number" if kinds == ["whole number", "number"] else ", or ".join(kinds)
    if "enum" in value:
        return ", ".join(f"`{one}`" for one in value["enum"])
    if value["type"] == "array":
        return f"list: {_kind(value['items'])}" if value.get("items") else "list"
    if value["type"] == "object":
        return f"mapping to {_kind(value['additionalProperties'])}" if "additionalProperties" in value else "mapping"
    if "pattern" in value:
        return _words()[value["pattern"]]
    return f"{_KINDS[value['type']]}{_range(value)}"


def _words() -> dict[str, str]:
    """What a text of each pattern is, as the errors of model.yaml say it."""
    found: dict[str, str] = {}
    left: list[Any] = [_portable(msgspec.json.schema(ModelFile))]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            left += cast("Schema", node).values()
            if "pattern" in node:
                found[node["pattern"]] = node["description"]
        elif isinstance(node, list):
            left += cast("list[Any]", node)
    return found


def _range(value: Schema) -> str:
    if "minimum" in value:
        return f", {value['minimum']:g} to {value['maximum']:g}"
    return f", more than {value['exclusiveMinimum']}" if "exclusiveMinimum" in value else ""


def _default(value: Schema) -> str:
    return "none" if value.get("default") in NOTHING else f"`{json.dumps(value['default'])}`"


def _frameworks() -> Iterator[str]:
    yield "| framework | artifact | what it is given | outputs | in the image |"
    yield "| --- | --- | --- | --- | --- |"
    for framework, (saved, given, answered) in ARTIFACTS.items():
        packages = ", ".join(FRAMEWORKS[cast("Any", framework)]["cpu"]) or "nothing more"
        yield f"| `{framework}` | {saved} | {given} | {answered} | {packages} |"
    yield ""


def _docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) or ""


def _portable(node: object) -> object:
    r"""`\Z` is Python's alone: an editor's `$` means the same, since no text here ends with a line break."""
    if isinstance(node, dict):
        return {key: _portable(value) for key, value in cast("Schema", node).items()}
    if isinstance(node, list):
        return [_portable(item) for item in cast("list[object]", node)]
    return node.removesuffix(r"\Z") + "$" if isinstance(node, str) and node.endswith(r"\Z") else node


if __name__ == "__main__":
    sys.exit(main())
