"""AWS image registries: ECR repositories, and the two documents that each has."""

from __future__ import annotations

from tools.offline.cloud.kind import Kind


def _document(file: str, *others: str) -> Kind:
    """A document of a repository: its id is the repository's name."""
    return Kind(
        source=f"ecr/{file}",
        replaces=("repository", *others),
        id="{input[repository]}",
        outputs={"registryId": "{account}"},
        identity=("repository",),
    )


KINDS: dict[str, Kind] = {
    "aws:ecr/repository:Repository": Kind(
        source="ecr/repository.go",
        replaces=("encryptionConfigurations", "name"),
        id="{input[name]}",
        arn="arn:{partition}:ecr:{place}:{account}:repository/{input[name]}",
        outputs={"repositoryUrl": "{account}.dkr.ecr.{place}.{dns}/{input[name]}", "registryId": "{account}"},
        identity=("name",),
        named="name",
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": _document("repository_policy.go"),
    # ForceNew: the provider has no update of it. Putting a policy overwrites, so nothing is lost meanwhile.
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _document("lifecycle_policy.go", "policy"),
}
