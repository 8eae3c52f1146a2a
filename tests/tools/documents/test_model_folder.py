"""The page of the model folder, and the JSON Schema of model.yaml."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import msgspec

from model_images.model_file import Framework, ModelFile, read_model_file
from tools.documents.model_folder import ARTIFACTS, PAGE, SCHEMA, main, meanings, render, schema
from tools.documents.schemas import ROOT


def test_page_and_schema_are_in_step() -> None:
    assert main(["--check"]) == 0


def test_the_example_at_the_top_is_a_model_file_without_a_mistake(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", render()[PAGE], re.DOTALL)
    assert example
    (tmp_path / "model.yaml").write_text(example[1])
    (tmp_path / "model.joblib").touch()
    assert read_model_file(tmp_path).name == "lending"


def test_every_field_of_every_part_is_described() -> None:
    fields = {
        (name, field) for name, part in msgspec.json.schema(ModelFile)["$defs"].items() for field in part["properties"]
    }
    assert fields <= meanings().keys()


def test_every_framework_has_a_row() -> None:
    assert set(ARTIFACTS) == set(get_args(Framework))


def test_the_schema_refuses_unknown_keys_everywhere() -> None:
    assert all(part["additionalProperties"] is False for part in schema()["$defs"].values())


def test_the_schema_holds_no_pattern_that_editors_cannot_read() -> None:
    assert "\\Z" not in json.dumps(schema())


def test_the_example_names_the_schema_that_is_there() -> None:
    assert f"HOMEPORT/{SCHEMA.as_posix()}" in render()[PAGE]
    assert (ROOT / SCHEMA).is_file()
