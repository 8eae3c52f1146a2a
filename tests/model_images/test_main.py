"""The commands as a person meets them: their help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from model_images.__main__ import COMMANDS, main, parser_of

MODEL = """
name: one
version: "1"
framework: python
artifact: model.py
inputs: [{name: x, type: float64}]
outputs: [{name: y, type: float64}]
warmup: {instances: [[1]]}
"""

EXAMPLES = [(name, example) for name, (_, _, examples) in COMMANDS.items() for example in examples]


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_an_example_of_the_help_is_a_sound_call_of_its_command(name: str, example: str) -> None:
    assert parser_of(name).parse_args(example.split()).command == name


def test_the_help_of_a_command_ends_with_its_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    assert capsys.readouterr().out.endswith("examples:\n  python -m model_images check model_images/samples/fraud\n")


def test_ctrl_c_ends_in_one_word_and_130(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(MODEL)
    (tmp_path / "model.py").write_text(
        "def load(folder):\n    raise KeyboardInterrupt\ndef predict(model, rows): ...\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "model_images", "check", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, "stopped\n")


def test_what_a_model_raises_is_told_with_sort_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "model.yaml").write_text(MODEL)
    (tmp_path / "model.py").write_text('def load(folder): ...\ndef predict(model, rows):\n    raise KeyError("oops")\n')
    assert main(["check", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'model.py'}, line 3: KeyError: 'oops'\n"
