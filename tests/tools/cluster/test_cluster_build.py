"""What the cluster's programs are built from, and what is said where they cannot be."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tools.cluster import build
from tools.cluster.build import MODULES, PROGRAMS, Program, built, built_already, module_version
from tools.cluster.errors import ClusterError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOMEPORT_CLUSTER", str(tmp_path / "cluster"))
    return tmp_path


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_every_program_s_module_is_pinned_by_its_sum(program: Program) -> None:
    module = {"etcd": "go.etcd.io/etcd/server/v3", "kubernetes": "k8s.io/kubernetes", "kwok": "sigs.k8s.io/kwok"}
    named = module[program.module]
    version = module_version(program.folder, named)
    assert f"{named} {version} h1:" in (program.folder / "go.sum").read_text()


def test_kubernetes_is_told_its_own_version() -> None:
    flags = {program.name: program.linker_flags() for program in PROGRAMS}
    version = module_version(MODULES / "kubernetes", "k8s.io/kubernetes")
    assert f"component-base/version.gitVersion={version}" in flags["kube-apiserver"]
    assert "gitVersion" not in flags["etcd"]


def test_another_pin_makes_another_program(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    etcd = PROGRAMS[0]
    before = etcd.path
    shutil.copytree(MODULES, home / "modules")
    monkeypatch.setattr(build, "MODULES", home / "modules")
    assert etcd.path == before
    with (home / "modules" / "etcd" / "go.sum").open("a") as sums:
        sums.write("example.com/other v1.0.0 h1:AAAA=\n")
    assert etcd.path != before


def test_two_programs_of_one_module_are_two_files() -> None:
    assert len({program.path for program in PROGRAMS}) == len(PROGRAMS)
    assert replace(PROGRAMS[1], package="k8s.io/kubernetes/cmd/kubectl").path != PROGRAMS[1].path


def test_without_go_the_way_out_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home))
    assert not built_already()
    with pytest.raises(ClusterError, match=r"PATH: got no `go`; allowed: Go 1\.26 or newer; install it"):
        built()


def test_a_module_that_is_not_pinned_is_said() -> None:
    with pytest.raises(ClusterError, match=r"go\.mod: names no k8s\.io/kubernetes; restore the file from git"):
        module_version(MODULES / "etcd", "k8s.io/kubernetes")
