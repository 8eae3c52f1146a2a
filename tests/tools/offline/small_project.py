"""A Pulumi project of a few AWS resources in a folder of its own, with the real engine and a small policy pack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from tools.offline.environment import stack_variables

STACK = "demo-aws-eu-west-1"
PROJECT = f"""
name: homeport
runtime: {{name: python, options: {{toolchain: pip, virtualenv: {json.dumps(sys.prefix)}}}}}
stackConfigDir: stacks/config
config:
  pulumi:disable-default-providers: {{value: [aws, gcp, kubernetes]}}
  homeport:jurisdiction: {{type: string}}
"""
ENVIRONMENT = """
domain: demo.example.com
protect_data: false
accounts:
  aws: {id: "123456789012", state: file}
jurisdictions:
  eu: {state: file, regions: [aws-eu-west-1]}
models: []
"""
PROGRAM = """
import pulumi
import pulumi_aws as aws

provider = aws.Provider("aws", region="eu-west-1", allowed_account_ids=["123456789012"])
options = pulumi.ResourceOptions(provider=provider)
print("the program speaks")
for name in ("raw", "clean"):
    aws.s3.Bucket(name, bucket=f"demo-{name}", opts=options)
pulumi.export("jurisdiction", pulumi.Config().require("jurisdiction"))
"""
PACK = """
import pulumi
from pulumi_policy import EnforcementLevel, PolicyConfigSchema, PolicyPack, ResourceValidationPolicy

def validate(args, report):
    wanted = args.get_config().get("jurisdiction") or pulumi.Config("homeport").get("jurisdiction")
    if args.resource_type == "aws:s3/bucket:Bucket" and wanted != "eu":
        report(f"{args.name} of stack {pulumi.get_stack()} would lie outside {wanted}")

schema = PolicyConfigSchema(properties={"jurisdiction": {"type": "string"}})
PolicyPack("small", [ResourceValidationPolicy(
    name="residency", description="Buckets lie in eu.", validate=validate,
    enforcement_level=EnforcementLevel.MANDATORY, config_schema=schema,
)])
"""


@dataclass(frozen=True)
class SmallProject:
    """The project at `root`, its stack already made, and the variables under which `pulumi` works on it."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))

    def pulumi(self, *words: str, fails: bool = False) -> str:
        """What `pulumi` prints on both streams; it must fail where that is expected, and nowhere else."""
        command = [self.executable, *words]
        done = subprocess.run(
            command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """`pulumi` in the background, silent."""
        command = [self.executable, *words]
        return subprocess.Popen(
            command, cwd=self.root, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def resources(self) -> list[str]:
        """Types of what the state holds."""
        exported = json.loads(self.pulumi("stack", "export", "-s", STACK))
        return sorted(resource["type"] for resource in exported["deployment"].get("resources", []))

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.variables}

    @property
    def executable(self) -> str:
        folders = self.variables["PATH"].split(os.pathsep)
        return str(next(Path(folder) / "pulumi" for folder in folders if (Path(folder) / "pulumi").exists()))


def small_project(root: Path, *, program: str = PROGRAM, jurisdiction: str = "eu") -> SmallProject:
    """Writes the files, makes engine and home ready, and creates the stack."""
    files = SmallProject(root)
    files.write("Pulumi.yaml", PROJECT)
    files.write("stacks/environments/demo.yaml", ENVIRONMENT)
    files.write(f"stacks/config/Pulumi.{STACK}.yaml", f"config: {{'homeport:jurisdiction': {jurisdiction}}}\n")
    files.write("__main__.py", program)
    files.write(
        "policies/PulumiPolicy.yaml", f"runtime: {{name: python, options: {{virtualenv: {json.dumps(sys.prefix)}}}}}\n"
    )
    files.write("policies/__main__.py", PACK)
    project = SmallProject(root, stack_variables(root, STACK))
    project.pulumi("stack", "init", STACK)
    return project
