"""Reading types from the SDK, which uses a private module of it: these fail loudly should it move."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.offline.types import library, sdk
from tools.offline.types.library import SdkMissing, resource_shape, sdk_version, tokens
from tools.offline.types.shape import Shape, decode, encode


def test_the_private_functions_of_the_sdk_still_tell_types() -> None:
    shape = sdk.read("pulumi_aws.ec2", "SecurityGroup")
    assert shape.inputs.properties["name"] == Shape(kind="string")
    rule = shape.inputs.properties["ingress"].inner[0]
    assert shape.objects[rule.name].required == {"fromPort", "protocol", "toPort"}
    assert shape.outputs["arn"] == Shape(kind="string")


def test_the_arguments_class_of_a_resource_is_not_a_nested_one_of_the_same_name() -> None:
    assert "versioningConfiguration" in sdk.read("pulumi_aws.s3", "BucketVersioning").inputs.properties


def test_every_token_of_the_sdk_is_known() -> None:
    assert len(tokens("aws")) > 1500
    assert {"pulumi:providers:aws", "aws:ec2/vpc:Vpc"} <= set(tokens("aws"))


def test_a_shape_survives_the_cache_file() -> None:
    for token in ("aws:eks/nodeGroup:NodeGroup", "kubernetes:core/v1:Service"):
        shape = resource_shape(token)
        assert shape is not None
        assert decode(encode(shape)) == shape


def test_a_home_that_cannot_be_written_only_costs_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    library.resource_shape.cache_clear()
    assert resource_shape("aws:ec2/vpc:Vpc") is not None


def test_a_broken_cache_file_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    library.resource_shape.cache_clear()
    assert resource_shape("aws:ec2/vpc:Vpc") is not None
    (kept,) = tmp_path.rglob("*Vpc.json")
    whole = kept.read_text()
    kept.write_text(whole[:100])
    library.resource_shape.cache_clear()
    assert resource_shape("aws:ec2/vpc:Vpc") is not None
    assert kept.read_text() == whole


def test_a_missing_sdk_says_what_to_install() -> None:
    with pytest.raises(SdkMissing, match="install pulumi-nowhere"):
        resource_shape("nowhere:a/b:C")


def test_the_version_is_the_installed_one() -> None:
    assert sdk_version("aws") == "7.51.1"


def test_a_warm_check_imports_no_sdk() -> None:
    resource_shape("aws:ec2/vpc:Vpc")  # so that the cache is warm
    program = (
        "import sys; from tools.offline.types.check import check_inputs; "
        "assert check_inputs('aws:ec2/vpc:Vpc', {'cidrBlock': 5}); "
        "sys.exit(sorted(name for name in sys.modules if name.partition('.')[0].startswith('pulumi')) or 0)"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
