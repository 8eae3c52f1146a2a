"""What a command says of packages that are not installed."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from model_images.commands.environment import lacks


def test_a_framework_that_is_installed_is_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert not lacks("onnx", "pytest")
    assert capsys.readouterr().err == ""


def test_modules_that_are_not_installed_are_named_with_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert lacks("python", "not_there", "also_not_there")
    assert capsys.readouterr().err == (
        "also_not_there, not_there: not installed here; next: `make tools` installs what this needs\n"
    )


@pytest.mark.skipif(find_spec("torch") is not None, reason="torch is installed")
def test_pytorch_is_told_with_its_own_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert lacks("pytorch")
    assert "torch==" in capsys.readouterr().err
