"""The JSON Schemas for editors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stacks.settings.model import ModelSettings
from stacks.settings.yaml_files import read_yaml
from tools.documents.schemas import ROOT, Schema, main, render, section_schema, write_or_check

SCHEMAS = {path.stem: json.loads(text) for path, text in render().items()}
LINE = "# yaml-language-server: $schema="


def test_the_schemas_are_in_step_with_the_settings() -> None:
    assert main(["--check"]) == 0


def test_a_schema_that_lags_is_named_with_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = {Path("x.json"): "new"}
    (tmp_path / "x.json").write_text("old")
    assert write_or_check(tmp_path, file, command="make it", check=True) == 1
    assert capsys.readouterr().err == "x.json is not in step with the settings: run make it\n"
    assert write_or_check(tmp_path, file, command="make it", check=False) == 0
    assert write_or_check(tmp_path, file, command="make it", check=True) == 0


@pytest.mark.parametrize(
    "path", [*sorted((ROOT / "stacks").glob("*/*.yaml")), ROOT / "stacks/places.yaml"], ids=lambda path: path.name
)
def test_every_settings_file_names_a_schema_that_is_there(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(LINE)
    assert (path.parent / first.removeprefix(LINE)).resolve().is_file()


@pytest.mark.parametrize("name", ["environment", "model", "stack", "places"])
def test_a_schema_refuses_unknown_keys_everywhere(name: str) -> None:
    schema = SCHEMAS[name]
    sections = [schema, *schema.get("$defs", {}).values()]
    objects = [section for section in sections if "properties" in section]
    assert objects
    assert all(section["additionalProperties"] is False for section in objects)


@pytest.mark.parametrize("name", ["environment", "model", "stack"])
def test_every_field_is_described(name: str) -> None:
    definitions = SCHEMAS[name].get("$defs", {})
    bare = [
        f"{section}.{field}"
        for section, schema in definitions.items()
        for field, value in schema.get("properties", {}).items()
        if "description" not in value
    ]
    assert bare == []


def test_the_stack_schema_knows_every_key_of_the_demo_files() -> None:
    known: Schema = SCHEMAS["stack"]["properties"]
    for path in (ROOT / "stacks/config").glob("*.yaml"):
        data = read_yaml(path.parent, path.name, [])
        assert data is not None
        config = data["config"]
        assert isinstance(config, dict)
        assert data.keys() <= known.keys()
        assert config.keys() <= known["config"]["properties"].keys()


def test_titles_made_up_from_field_names_are_left_out() -> None:
    assert '"title"' not in json.dumps(section_schema(ModelSettings))
