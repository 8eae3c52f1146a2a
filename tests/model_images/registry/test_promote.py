"""By digest, with a record that travels, and never without passed gates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_images.registry.errors import InputError, Refused
from model_images.registry.lineage import lineage
from model_images.registry.promote import Grounds, promote
from model_images.registry.records import GATES, Gates, Promotion, read_gates
from model_images.registry.reference import parse_reference
from model_images.registry.repository import Repository
from model_images.registry.transport import Transport
from tests.model_images.registry.asking import SOON
from tests.model_images.registry.layouts import MODEL_DIGEST, index, layout, referrer
from tests.model_images.registry.memory_registry import MemoryRegistry, memory_registry
from tests.model_images.registry.test_push import pushed


@pytest.fixture(params=[True, False], ids=["lists referrers", "keeps no list"])
def other(request: pytest.FixtureRequest) -> Iterator[MemoryRegistry]:
    with memory_registry(with_referrers=request.param) as server:
        yield server


def at(reference: str) -> Repository:
    parsed = parse_reference(reference)
    return Repository(parsed, Transport(parsed.host, SOON))


def gates(folder: Path, **changes: object) -> Gates:
    record = {"model_digest": MODEL_DIGEST, "passed": True, "evaluation_digest": "sha256:" + "1" * 64, "gates": []}
    (folder / "gates.json").write_text(json.dumps(record | changes))
    return read_gates(folder / "gates.json")


def moved(source: str, target: str, folder: Path, grounds: Grounds) -> Promotion:
    return promote(at(source), at(target), grounds, folder / "between")[0]


def test_the_digest_stays_and_the_record_says_who_when_and_why(
    tmp_path: Path, memory: MemoryRegistry, other: MemoryRegistry
) -> None:
    root = layout(tmp_path / "image")
    pushed(tmp_path / "image", at(f"{memory.host}/dev/fraud"), "1.2")
    target = f"{other.host}/prod/fraud:1.2"
    moved(f"{memory.host}/dev/fraud:1.2", target, tmp_path, Grounds(who="ada", gates=gates(tmp_path)))
    found = lineage(at(target))
    assert found.image == root["digest"]
    (record,) = found.promotions
    assert (record.who, record.target, record.source_commit) == ("ada", target, "5bf72ed")
    assert record.evaluation_digest == "sha256:" + "1" * 64
    assert record.gates in found.gates
    assert found.others == {"application/vnd.cyclonedx+json": 1}


def test_the_second_step_needs_no_gates_again_and_the_chain_is_kept(
    tmp_path: Path, memory: MemoryRegistry, other: MemoryRegistry
) -> None:
    layout(tmp_path / "image")
    pushed(tmp_path / "image", at(f"{memory.host}/dev/fraud"), "1.2")
    staging, prod = f"{memory.host}/staging/fraud:1.2", f"{other.host}/prod/fraud:1.2"
    moved(f"{memory.host}/dev/fraud:1.2", staging, tmp_path, Grounds(who="ada", gates=gates(tmp_path)))
    moved(staging, prod, tmp_path, Grounds(who="bob"))
    assert [(one.who, one.target) for one in lineage(at(prod)).promotions] == [("ada", staging), ("bob", prod)]


def test_without_gates_nothing_is_promoted(tmp_path: Path, memory: MemoryRegistry) -> None:
    layout(tmp_path / "image")
    pushed(tmp_path / "image", at(f"{memory.host}/dev/fraud"), "1.2")
    with pytest.raises(Refused, match="no passed gates are recorded for its model; next: `python -m model_images test"):
        moved(f"{memory.host}/dev/fraud:1.2", f"{memory.host}/prod/fraud", tmp_path, Grounds())
    assert not any(repository == "prod/fraud" for repository, _ in memory.manifests)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"passed": False}, "not every gate passed"),
        ({"model_digest": "sha256:" + "2" * 64}, "are of model sha256:2222"),
    ],
)
def test_gates_that_failed_or_are_of_another_model_are_refused(
    tmp_path: Path, memory: MemoryRegistry, changes: dict[str, object], line: str
) -> None:
    layout(tmp_path / "image")
    pushed(tmp_path / "image", at(f"{memory.host}/dev/fraud"), "1.2")
    with pytest.raises(Refused, match=line):
        moved(
            f"{memory.host}/dev/fraud:1.2",
            f"{memory.host}/prod/fraud",
            tmp_path,
            Grounds(gates=gates(tmp_path, **changes)),
        )


def test_an_attached_record_of_another_model_does_not_count(tmp_path: Path, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "image")
    record = json.dumps({"model_digest": "sha256:" + "2" * 64, "passed": True}).encode()
    folder = tmp_path / "image/referrers"
    listed = json.loads((folder / "index.json").read_text())
    listed["manifests"].append(referrer(folder, root, GATES, record))
    (folder / "index.json").write_text(json.dumps(listed))
    pushed(tmp_path / "image", at(f"{memory.host}/dev/fraud"), "1.2")
    with pytest.raises(Refused, match="no passed gates"):
        moved(f"{memory.host}/dev/fraud:1.2", f"{memory.host}/prod/fraud", tmp_path, Grounds())


def test_an_image_that_was_not_built_here_is_refused(tmp_path: Path, memory: MemoryRegistry) -> None:
    layout(tmp_path / "image", labels={})
    pushed(tmp_path / "image", at(f"{memory.host}/dev/fraud"), "1.2")
    with pytest.raises(Refused, match=r"has no label io\.homeport\.model\.digest"):
        moved(f"{memory.host}/dev/fraud:1.2", f"{memory.host}/prod/fraud", tmp_path, Grounds(gates=gates(tmp_path)))


def test_within_one_registry_no_byte_is_sent(tmp_path: Path, memory: MemoryRegistry) -> None:
    layout(tmp_path / "image")
    pushed(tmp_path / "image", at(f"{memory.host}/dev/fraud"), "1.2")
    source, target = at(f"{memory.host}/dev/fraud:1.2"), at(f"{memory.host}/prod/fraud:1.2")
    _, done = promote(source, target, Grounds(gates=gates(tmp_path)), tmp_path / "between")
    assert (done.sent, done.mounted) == (0, 5)
    assert not list((tmp_path / "between").rglob("*"))


def test_the_commit_is_found_in_the_provenance(tmp_path: Path, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "image", labels={"io.homeport.model.digest": MODEL_DIGEST}, sbom=True)
    folder = tmp_path / "image/referrers"
    statement = {"predicate": {"buildDefinition": {"resolvedDependencies": [{"digest": {"gitCommit": "abc123"}}]}}}
    listed = json.loads((folder / "index.json").read_text())
    kind = "application/vnd.in-toto+json"
    listed["manifests"].append(referrer(folder, root, kind, json.dumps(statement).encode()))
    (folder / "index.json").write_text(json.dumps(listed))
    pushed(tmp_path / "image", at(f"{memory.host}/dev/fraud"), "1.2")
    assert lineage(at(f"{memory.host}/dev/fraud:1.2")).source_commit == "abc123"


@pytest.mark.parametrize("content", ["", "[]", '{"passed": "yes"}'])
def test_a_file_that_is_no_gate_record_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "gates.json").write_text(content)
    with pytest.raises(InputError, match=r"gates\.json: no gate record: .*; `python -m model_images test"):
        read_gates(tmp_path / "gates.json")


def test_a_digest_that_contradicts_the_image_is_refused(tmp_path: Path, memory: MemoryRegistry) -> None:
    layout(tmp_path / "image")
    pushed(tmp_path / "image", at(f"{memory.host}/dev/fraud"), "1.2")
    target = f"{memory.host}/prod/fraud@sha256:{'0' * 64}"
    with pytest.raises(InputError, match="leave the digest out"):
        moved(f"{memory.host}/dev/fraud:1.2", target, tmp_path, Grounds(gates=gates(tmp_path)))


def test_the_gates_commit_goes_before_the_images_and_the_callers_before_both(
    tmp_path: Path, memory: MemoryRegistry
) -> None:
    layout(tmp_path / "image")
    pushed(tmp_path / "image", at(f"{memory.host}/dev/fraud"), "1.2")
    source, passed = f"{memory.host}/dev/fraud:1.2", gates(tmp_path, source_commit="of-the-gates")
    said = [
        moved(source, f"{memory.host}/{place}/fraud:1.2", tmp_path, Grounds(gates=passed, source_commit=commit))
        for place, commit in (("staging", None), ("prod", "of-the-caller"))
    ]
    assert [promotion.source_commit for promotion in said] == ["of-the-gates", "of-the-caller"]


def test_a_foreign_statement_that_is_no_json_tells_no_commit(tmp_path: Path, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "image", labels={"io.homeport.model.digest": MODEL_DIGEST})
    side = tmp_path / "image/referrers"
    index(side, [referrer(side, root, "application/vnd.in-toto+json", b"not json")])
    pushed(tmp_path / "image", at(f"{memory.host}/dev/fraud"), "1.2")
    assert lineage(at(f"{memory.host}/dev/fraud:1.2")).source_commit is None


def test_a_user_without_a_name_promotes_under_the_number() -> None:
    code = (
        "from model_images.registry.promote import _user; import os; os.geteuid() or os.setuid(54321); print(_user())"
    )
    environ = {key: value for key, value in os.environ.items() if key not in {"LOGNAME", "USER", "LNAME", "USERNAME"}}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip()
