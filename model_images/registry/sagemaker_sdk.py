"""What the `sagemaker` package is the right tool for: a region's ready containers, and registering model packages.

It is heavy (model_images/requirements.txt), so it lives in an environment of its own, in which this file and the
command need nothing else: standard library only here, the package imported when it is asked for. Used of 3.27:
`sagemaker.core.image_uris` and `sagemaker.core.model_registry`. Its `ModelPackage.create` is not: it looks for a field
`ModelPackageName` that the service does not answer.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import ModuleType
from typing import Any

from model_images.registry.errors import InputError, NotThere, Refused
from model_images.registry.reference import Reference, region_of

NOT_INSTALLED = (
    "the sagemaker package is not in this environment; next: `uv venv .venv-sagemaker`, `uv pip install --python "
    ".venv-sagemaker -r model_images/requirements.txt`, then `.venv-sagemaker/bin/python -m model_images sagemaker ...`"
)
# What the server's SageMaker contract reads and answers.
CONTENT_TYPES = ("application/json", "application/jsonlines", "text/csv", "application/x-npy")
ANSWER_TYPES = ("application/json", "application/jsonlines", "text/csv")
# A machine for each sort of processor: the SDK asks for one, and answers with the image for its processor.
MACHINES = {
    "cpu": "ml.m5.large",
    "gpu": "ml.g5.xlarge",
    "inf": "ml.inf2.xlarge",
    "neuron": "ml.inf2.xlarge",
    "trn": "ml.trn1.2xlarge",
}
APPROVALS = ("PendingManualApproval", "Approved", "Rejected")


@dataclass(frozen=True, kw_only=True)
class ReadyContainer:
    """One image that AWS keeps in a region; `python` is as the SDK writes it, `py312`."""

    framework: str
    version: str
    scope: str
    python: str
    processor: str
    image: str


@dataclass(frozen=True, kw_only=True)
class Package:
    """One version of a model package: an image of ours, by digest, with the model inside."""

    image: Reference
    group: str
    region: str
    approval: str = "PendingManualApproval"
    instance_types: tuple[str, ...] = ()
    commit: str | None = None
    description: str | None = None


def _sdk(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"sagemaker.core.{name}")
    except ModuleNotFoundError as error:
        raise InputError(NOT_INSTALLED) from error


def ready_containers(framework: str, region: str, scope: str = "inference") -> list[ReadyContainer]:
    """All versions for inference (or another scope) in the region, oldest first; the same image once.

    Raises:
        InputError: no such framework, scope or package. NotThere: nothing in this region.
    """
    sdk: Any = _sdk("image_uris")
    try:
        table: Mapping[str, Any] = sdk.config_for_framework(framework)
    except OSError as error:
        raise InputError(f"--framework: got {framework!r}; allowed: sklearn, xgboost, pytorch, ...") from error
    # Some frameworks have one table for all scopes, others one a scope.
    scoped = table.get(scope, table if scope in table.get("scope", ()) else None)
    if scoped is None:
        allowed = [key for key, value in table.items() if isinstance(value, dict) and "versions" in value]
        raise InputError(
            f"--scope: got {scope!r}; allowed for {framework}: {', '.join([*allowed, *table.get('scope', ())])}"
        )
    rows = list(_containers(sdk, framework, region, scope, scoped))
    found = list({one.image: one for one in reversed(rows)}.values())[::-1]
    if not found:
        raise NotThere(f"{framework}: no container for {scope} in region {region!r}; is the region's name right?")
    return found


def _containers(
    sdk: Any, framework: str, region: str, scope: str, table: Mapping[str, Any]
) -> Iterator[ReadyContainer]:
    rows: Mapping[str, Mapping[str, Any]] = table["versions"]
    for version, row in rows.items():
        if region not in row.get("registries", {}):
            continue
        processors = row.get("processors") or table.get("processors") or ("cpu",)
        for python, processor in product(row.get("py_versions") or ("",), processors):
            asked: dict[str, str] = {"py_version": python} if python else {}
            try:
                image: str = sdk.retrieve(
                    framework, region, version=version, image_scope=scope, instance_type=MACHINES[processor], **asked
                )
            except (ValueError, KeyError):
                continue  # a row of the table that the SDK itself cannot use
            yield ReadyContainer(
                framework=framework, version=version, scope=scope, python=python, processor=processor, image=image
            )


def package_request(package: Package, build: Any) -> dict[str, Any]:
    """The request for a package; `build` is the SDK's `get_create_model_package_request`.

    Raises:
        InputError: an image without digest, or in another region than the package.
    """
    image = package.image
    if image.digest is None:
        raise InputError(f"--image: got {image}; allowed: by digest, HOST/REPOSITORY@sha256:...; `push` prints it")
    if region_of(image.host) != package.region:
        raise InputError(f"--image: got {image.host}; allowed: the ECR registry of region {package.region}")
    return build(
        model_package_group_name=package.group,
        containers=[{"Image": f"{image.place}@{image.digest}"}],
        content_types=list(CONTENT_TYPES),
        response_types=list(ANSWER_TYPES),
        inference_instances=list(package.instance_types) or None,
        approval_status=package.approval,
        description=package.description,
        metadata_properties={"CommitId": package.commit} if package.commit else None,
        customer_metadata_properties={"image_digest": image.digest},
        skip_model_validation="None",
    )


def register(package: Package, *, create_group: bool) -> str:
    """Registers the package; its ARN.

    Raises:
        Refused: the service says no; its words are in the line.
    """
    request = package_request(package, getattr(_sdk("model_registry"), "get_create_model_package_request"))  # noqa: B009
    boto3: Any = importlib.import_module("boto3")
    errors: Any = importlib.import_module("botocore.exceptions")
    client: Any = boto3.Session(region_name=package.region).client("sagemaker")
    caught: Sequence[type[BaseException]] = (errors.ClientError, errors.BotoCoreError)
    try:
        if create_group:
            client.create_model_package_group(ModelPackageGroupName=package.group)
        return client.create_model_package(**request)["ModelPackageArn"]
    except tuple(caught) as error:
        step = "" if create_group else "; --create-group makes the group where it is missing"
        raise Refused(f"sagemaker in {package.region}: {error}{step}") from error
