"""How a YAML file is read: as YAML 1.2, and what makes it unreadable, with the whole message."""
# ruff: noqa: E501  a message is a fact: it stands whole, on one line

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.settings.errors import Problem
from stacks.settings.yaml_files import read_yaml


def read(folder: Path, text: str | bytes) -> tuple[dict[str, object] | None, list[str]]:
    (folder / "x.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    problems: list[Problem] = []
    return read_yaml(folder, "x.yaml", problems), [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on: NO", {"on": "NO"}),
        ("a: yes", {"a": "yes"}),
        ("a: 010", {"a": 10}),
        ("a: 0o10", {"a": 8}),
        ("a: 1:30", {"a": "1:30"}),
        ("a: 2026-11-24", {"a": "2026-11-24"}),
        ("a: &b {c: 1}\nd: *b", {"a": {"c": 1}, "d": {"c": 1}}),
        ("{}", {}),
    ],
)
def test_words_and_numbers_mean_what_yaml_1_2_says(tmp_path: Path, text: str, value: dict[str, object]) -> None:
    assert read(tmp_path, text) == (value, [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", 'x.yaml: line 3, column 1: got "a"; allowed: each key once; remove one of the two'),
        ("a: {b: 1, b: 2}", 'x.yaml: line 1, column 11: got "b"; allowed: each key once; remove one of the two'),
        ("1: a", "x.yaml: line 1, column 1: got 1; allowed: a text as key; put the key in quotes"),
        ("? [a]\n: b", "x.yaml: line 1, column 3: got a list; allowed: a text as key; put the key in quotes"),
        ("- a", "x.yaml: got a list; allowed: a mapping; start with `key: value` lines"),
        ("", "x.yaml: got null; allowed: a mapping; start with `key: value` lines"),
        (
            "a: [1, 2",
            "x.yaml: line 1, column 9: got text that is no YAML (expected ',' or ']', but got '<stream end>'); allowed: YAML 1.2; correct the text near this line",
        ),
        (
            "a: 1\n  b: 2",
            "x.yaml: line 2, column 4: got text that is no YAML (mapping values are not allowed here); allowed: YAML 1.2; correct the text near this line",
        ),
        (
            "a: !!python/object:os.system {}",
            "x.yaml: line 1, column 4: got text that is no YAML (could not determine a constructor for the tag 'tag:yaml.org,2002:python/object:os.system'); allowed: YAML 1.2; correct the text near this line",
        ),
        ("a: " + "1" * 5000, "x.yaml: got a value beyond all measure; allowed: YAML 1.2; look for a slip of the keyboard"),
        ("a: " + "[" * 5000, "x.yaml: got a value beyond all measure; allowed: YAML 1.2; look for a slip of the keyboard"),
        ("a: &a {b: *a}", "x.yaml: got a value that JSON cannot hold; allowed: values that do not hold themselves, whole characters; look for `*` and `\\u`"),
        ('a: "\\ud800"', "x.yaml: got a value that JSON cannot hold; allowed: values that do not hold themselves, whole characters; look for `*` and `\\u`"),
        (b"a: \xff", "x.yaml: byte 3: got bytes that are no UTF-8; allowed: UTF-8 text; save it as UTF-8"),
        ("a: \x07", "x.yaml: got unacceptable character #x0007: special characters are not allowed; allowed: YAML 1.2; correct the text"),
    ],
)  # fmt: skip
def test_an_unreadable_file_is_refused_with_the_whole_message(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert read(tmp_path, text) == (None, [message])


def test_every_double_key_is_reported(tmp_path: Path) -> None:
    assert len(read(tmp_path, "a: 1\na: 2\nb: {c: 1, c: 2}")[1]) == 2


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    problems: list[Problem] = []
    assert read_yaml(tmp_path.parent, tmp_path.name, problems) is None
    assert str(problems[0]) == f"{tmp_path.name}: got Is a directory; allowed: a readable file; make it readable"
