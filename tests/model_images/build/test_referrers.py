"""SBOM and provenance: made from locks and digests, the same every time."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from model_images.build.debian import read_lock
from model_images.build.lock import locked_packages
from model_images.build.referrers import Contents, installed, provenance, referrer, sbom
from tests.model_images.build.layouts import AMD64

IMAGE = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": f"sha256:{'a' * 64}", "size": 1}
LOCK = Path(__file__).parents[3] / "model_images/samples/fraud/requirements.lock"


def contents() -> Contents:
    return Contents(
        name="fraud",
        version="1.0",
        model_digest="sha256:1",
        server_digest="2",
        platform=AMD64,
        packages=read_lock("amd64"),
        wheels=locked_packages(LOCK.read_text()),
        licences={"numpy": "BSD-3-Clause"},
    )


def components() -> dict[str, dict[str, Any]]:
    return {part["name"]: part for part in json.loads(sbom(IMAGE, contents()).content)["components"]}


def test_every_package_has_a_purl_and_a_hash() -> None:
    named = [part for name, part in components().items() if name not in {"fraud", "model_images"}]
    assert len(named) == len(read_lock("amd64")) + len(locked_packages(LOCK.read_text()))
    assert all(part["purl"].startswith(("pkg:deb/debian/", "pkg:pypi/")) for part in named)
    assert all(len(part["hashes"][0]["content"]) == 64 for part in named)


def test_versions_are_escaped_in_purls() -> None:
    assert "+" not in components()["libc6"]["purl"]
    assert components()["libc6"]["purl"].endswith("?arch=amd64&distro=debian-12")


def test_licences_are_told_where_the_wheel_tells_them() -> None:
    assert components()["numpy"]["licenses"] == [{"expression": "BSD-3-Clause"}]


def test_the_same_image_has_the_same_sbom() -> None:
    assert sbom(IMAGE, contents()).digest == sbom(IMAGE, contents()).digest


def test_an_artifact_names_its_subject_and_its_kind() -> None:
    found = referrer(IMAGE | {"platform": {}}, sbom(IMAGE, contents()))
    manifest = json.loads(found.blobs[-1].content)
    assert manifest["subject"] == IMAGE
    assert manifest["artifactType"] == found.descriptor["artifactType"] == "application/vnd.cyclonedx+json"


def test_the_provenance_names_what_was_read_and_no_time(tmp_path: Path) -> None:
    statement = json.loads(
        provenance(IMAGE, "fraud", {"accelerator": "cpu"}, {"model": "sha256:1"}, "b", tmp_path).content
    )
    assert statement["subject"] == [{"name": "fraud", "digest": {"sha256": "a" * 64}}]
    definition = statement["predicate"]["buildDefinition"]
    assert definition["resolvedDependencies"] == [{"name": "model", "digest": {"sha256": "1"}}]
    assert "metadata" not in statement["predicate"]["runDetails"]


def git(folder: Path, *words: str) -> str:
    named = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *named, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commits(folder: Path) -> list[str]:
    statement = json.loads(provenance(IMAGE, "fraud", {}, {}, "b", folder).content)
    return [one["digest"]["gitCommit"] for one in statement["predicate"]["buildDefinition"]["resolvedDependencies"]]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_commit_is_told_only_where_the_folder_stands_at_it(tmp_path: Path) -> None:
    assert commits(tmp_path) == []
    git(tmp_path, "init", "--quiet")
    (tmp_path / "model.yaml").write_text("name: x")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "x")
    assert commits(tmp_path) == [git(tmp_path, "rev-parse", "HEAD")]
    (tmp_path / "model.yaml").write_text("name: y")
    assert commits(tmp_path) == []


def test_installed_packages_are_read_from_their_metadata(tmp_path: Path) -> None:
    (tmp_path / "a_b-1.dist-info").mkdir()
    (tmp_path / "a_b-1.dist-info/METADATA").write_text("Name: A_b\nVersion: 1\nLicense-Expression: MIT\n\nLong text")
    assert installed(tmp_path) == {"a-b": "MIT"}
