"""Where a tested model came from, as it goes into its lineage."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from model_images.gates.every import as_object
from model_images.origin import folder_digest, source_commit
from model_images.registry.records import read_gates
from tests.model_images.gates.subjects import subject


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_a_changed_or_renamed_file_changes_the_digest(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1")
    found = {folder_digest(tmp_path)}
    (tmp_path / "data.csv").rename(tmp_path / "more.csv")
    found.add(folder_digest(tmp_path))
    (tmp_path / "more.csv").write_text("2")
    found.add(folder_digest(tmp_path))
    assert len(found) == 3


def test_a_folder_that_is_not_there_has_no_digest(tmp_path: Path) -> None:
    assert folder_digest(tmp_path / "training") is None


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_commit_says_whether_files_differ_from_it(tmp_path: Path) -> None:
    assert source_commit(tmp_path) is None
    folder = subject(tmp_path).folder
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "model"]):
        git(folder, *words)
    commit = source_commit(folder)
    assert commit is not None
    assert len(commit) == 40
    (folder / "model.py").write_text("")
    assert source_commit(folder) == f"{commit}-dirty"


def test_promotion_reads_what_the_gates_write(tmp_path: Path) -> None:
    one = subject(tmp_path)
    path = tmp_path / "gates.json"
    path.write_text(json.dumps(as_object(one, {})))
    record = read_gates(path).record
    assert (record.model_digest, record.passed) == (one.digest, True)
    assert record.evaluation_digest == folder_digest(tmp_path / "evaluation")
