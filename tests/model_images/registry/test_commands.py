"""The commands as a person types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from model_images.__main__ import main
from tests.model_images.registry.layouts import MODEL_DIGEST, layout
from tests.model_images.registry.memory_registry import MemoryRegistry, memory_registry
from tests.model_images.registry.registries import Asked, proxy

NOWHERE = "127.0.0.1:9/models/fraud"


def asked(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    status = main([str(word) for word in words])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_push_to_two_registries_then_verify_says_the_same(
    tmp_path: Path, memory: MemoryRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    root = layout(tmp_path / "image")
    with memory_registry() as other:
        places = [f"{memory.host}/models/fraud", f"{other.host}/models/fraud"]
        status, out, _ = asked(capsys, "push", tmp_path / "image", *(f"{one}:1.2" for one in places), "--json")
        assert (status, json.loads(out)["digest"]) == (0, root["digest"])
        status, out, _ = asked(capsys, "verify", root["digest"], *places, "--json")
        assert (status, json.loads(out)["same"]) == (0, True)


def test_verify_ends_with_1_and_a_line_where_one_registry_differs(
    tmp_path: Path, memory: MemoryRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    root = layout(tmp_path / "image")
    with memory_registry() as empty:
        asked(capsys, "push", tmp_path / "image", f"{memory.host}/models/fraud")
        places = [f"{memory.host}/models/fraud", f"{empty.host}/models/fraud"]
        status, out, err = asked(capsys, "verify", root["digest"], *places)
        assert status == 1
        assert err.startswith(f"{empty.host}/models/fraud: ")
        assert "yes" in out
        assert "no" in out


def test_pull_prints_the_digest(tmp_path: Path, memory: MemoryRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    root = layout(tmp_path / "image")
    asked(capsys, "push", tmp_path / "image", f"{memory.host}/models/fraud:1.2")
    status, out, _ = asked(capsys, "pull", f"{memory.host}/models/fraud:1.2", "--output", tmp_path / "back")
    assert (status, out.strip().split("@")[-1]) == (0, root["digest"])


def test_gates_attached_at_the_push_are_enough_for_promote_and_shown_by_lineage(
    tmp_path: Path, memory: MemoryRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    layout(tmp_path / "image")
    (tmp_path / "gates.json").write_text(json.dumps({"model_digest": MODEL_DIGEST, "passed": True}))
    dev, prod = f"{memory.host}/dev/fraud:1.2", f"{memory.host}/prod/fraud:1.2"
    assert asked(capsys, "push", tmp_path / "image", dev, "--gates", tmp_path / "gates.json")[0] == 0
    assert asked(capsys, "promote", dev, prod, "--by", "ada")[0] == 0
    status, out, _ = asked(capsys, "lineage", prod)
    assert status == 0
    assert f"{dev} -> {prod}  by ada" in out
    assert "gates   passed" in out


def test_promote_without_gates_ends_with_1_and_one_line(
    tmp_path: Path, memory: MemoryRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    layout(tmp_path / "image")
    asked(capsys, "push", tmp_path / "image", f"{memory.host}/dev/fraud:1.2")
    status, _, err = asked(capsys, "promote", f"{memory.host}/dev/fraud:1.2", f"{memory.host}/prod/fraud")
    assert status == 1
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("push", "nothing", NOWHERE), "nothing/index.json: No such file or directory"),
        (("push", "nothing", "Fraud"), "reference: got 'Fraud'; allowed: HOST[:PORT]/REPOSITORY"),
        (("verify", "sha256:1", NOWHERE), "digest: got 'sha256:1'; allowed: sha256: and 64"),
        (("promote", NOWHERE, NOWHERE, "--gates", "none.json"), "--gates: none.json: No such file or directory"),
    ],
)
def test_what_cannot_be_right_ends_with_2_and_a_line(
    words: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = asked(capsys, *words)
    assert (status, out.strip()) == (2, "")
    assert err.startswith(line)


def test_a_registry_outside_the_allowed_regions_is_refused_before_anything_is_sent(
    tmp_path: Path, memory: MemoryRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    layout(tmp_path / "image")
    outside = "123456789012.dkr.ecr.us-east-1.amazonaws.com/models/fraud"
    inside = f"{memory.host}/models/fraud"
    regions = f"eu-central-1,{memory.host}"
    status, _, err = asked(capsys, "push", tmp_path / "image", inside, outside, "--allowed-regions", regions)
    assert status == 1
    assert "the host names region us-east-1; allowed regions: " in err
    assert memory.asked == []


def test_one_registry_that_fails_does_not_stop_the_other(
    tmp_path: Path, memory: MemoryRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    layout(tmp_path / "image")

    def refuses(asked: Asked) -> bool:
        asked.answer(403)
        return True

    with proxy(memory.host, refuses) as closed:
        places = [f"{closed.host}/models/fraud", f"{memory.host}/models/fraud"]
        status, out, _ = asked(capsys, "push", tmp_path / "image", *places, "--json")
    answer = json.loads(out)
    assert status == 1
    assert (len(answer["pushed"]), len(answer["failed"])) == (1, 1)


def test_a_place_that_cannot_be_written_is_one_line(
    tmp_path: Path, memory: MemoryRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    layout(tmp_path / "image")
    asked(capsys, "push", tmp_path / "image", f"{memory.host}/models/fraud:1.2")
    (tmp_path / "file").write_text("")
    status, _, err = asked(capsys, "pull", f"{memory.host}/models/fraud:1.2", "--output", tmp_path / "file/back")
    assert (status, err.count("\n")) == (1, 1)


def test_the_registry_client_is_light_to_import() -> None:
    code = (
        "import sys, model_images.registry.push; print({'rich', 'pydantic', 'pulumi', 'sagemaker'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
