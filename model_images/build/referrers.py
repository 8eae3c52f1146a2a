"""What an image is told apart by, beside its bytes: its SBOM (CycloneDX) and its provenance (in-toto, SLSA).

Both are made from the locks and digests that the image was built from, hold no time, and are artifacts whose `subject`
is the image: registries list them under its digest.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

from model_images.build.debian import Package
from model_images.build.documents import MANIFEST_TYPE, Blob, Descriptor, json_blob
from model_images.build.lock import Locked
from model_images.build.platforms import Platform
from model_images.origin import CHANGED, source_commit

SBOM_TYPE = "application/vnd.cyclonedx+json"
PROVENANCE_TYPE = "application/vnd.in-toto+json"
EMPTY = Blob(content=b"{}", media_type="application/vnd.oci.empty.v1+json")
NAMESPACE = uuid.UUID("6f0d4f52-0f0b-5c6e-9a3e-6d1f3c1a7b10")


@dataclass(frozen=True, kw_only=True)
class Referrer:
    """An artifact about an image: its manifest's descriptor, and the blobs to be stored."""

    descriptor: Descriptor
    blobs: tuple[Blob, ...]


def referrer(subject: Descriptor, document: Blob) -> Referrer:
    """`document` as an artifact about `subject`."""
    plain = {key: subject[key] for key in ("mediaType", "digest", "size")}
    manifest = json_blob(
        {
            "artifactType": document.media_type,
            "config": EMPTY.descriptor(),
            "layers": [document.descriptor()],
            "mediaType": MANIFEST_TYPE,
            "schemaVersion": 2,
            "subject": plain,
        },
        MANIFEST_TYPE,
    )
    return Referrer(descriptor=manifest.descriptor(artifactType=document.media_type), blobs=(EMPTY, document, manifest))


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What the image of one platform is made of, for its SBOM."""

    name: str
    version: str
    model_digest: str
    server_digest: str
    platform: Platform
    packages: Sequence[Package]
    wheels: Sequence[Locked]
    licences: Mapping[str, str]


def sbom(image: Descriptor, contents: Contents) -> Blob:
    """The SBOM of the image of one platform: CycloneDX 1.6, a component a package, with purls and hashes."""
    digest: str = image["digest"]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, digest)}",
        "version": 1,
        "metadata": {
            "component": {
                "bom-ref": "image",
                "type": "container",
                "name": contents.name,
                "version": contents.version,
                "purl": f"pkg:oci/{contents.name}@{quote(digest, safe='')}?arch={contents.platform.architecture}",
            }
        },
        "components": [*_own(contents), *_debs(contents), *_wheels(contents)],
    }
    return json_blob(document, SBOM_TYPE)


def _own(contents: Contents) -> Iterator[dict[str, Any]]:
    yield {
        "bom-ref": "model",
        "type": "machine-learning-model",
        "name": contents.name,
        "version": contents.version,
        "hashes": [_hash(contents.model_digest)],
    }
    yield {
        "bom-ref": "server",
        "type": "application",
        "name": "model_images",
        "hashes": [_hash(contents.server_digest)],
    }


def _debs(contents: Contents) -> Iterator[dict[str, Any]]:
    for package in contents.packages:
        version = quote(package.version, safe="")
        purl = f"pkg:deb/debian/{quote(package.name)}@{version}?arch={contents.platform.architecture}&distro=debian-12"
        yield _library(package.name, package.version, purl, package.sha256)


def _wheels(contents: Contents) -> Iterator[dict[str, Any]]:
    for locked in contents.wheels:
        name, wheel = normalised(locked.name), locked.wheels[str(contents.platform)]
        purl = f"pkg:pypi/{name}@{quote(locked.version, safe='')}?file_name={quote(wheel.file)}"
        component = _library(locked.name, locked.version, purl, wheel.sha256)
        if name in contents.licences:
            component["licenses"] = [{"expression": contents.licences[name]}]
        yield component


def _library(name: str, version: str, purl: str, digest: str) -> dict[str, Any]:
    hashes = [_hash(digest)]
    return {"bom-ref": purl, "type": "library", "name": name, "version": version, "purl": purl, "hashes": hashes}


def _hash(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": _plain(digest)}


def _plain(digest: str) -> str:
    return digest.removeprefix("sha256:")


def normalised(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def text_digest(text: str) -> str:
    """`sha256:` and the digest of a text."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def installed(folder: Path) -> dict[str, str]:
    """The packages in a folder that pip or uv installed into: normalised names, with the licence where it is said."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.dist-info/METADATA")):
        fields = HeaderParser().parsestr(path.read_text(encoding="utf-8", errors="replace"), headersonly=True)
        found[normalised(fields["Name"] or "")] = fields["License-Expression"] or ""
    return found


def provenance(
    image: Descriptor, name: str, parameters: Mapping[str, Any], inputs: Mapping[str, str], builder: str, source: Path
) -> Blob:
    """How the image came about: an in-toto statement with a SLSA 1.0 predicate.

    `inputs` are names and sha256 digests of all that was read; `source` is the model folder, whose git commit is
    noted where the folder's files are those of it.
    """
    dependencies = [{"name": key, "digest": {"sha256": _plain(digest)}} for key, digest in sorted(inputs.items())]
    commit = source_commit(source)
    if commit and not commit.endswith(CHANGED):
        dependencies.append({"name": "source", "digest": {"gitCommit": commit}})
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": _plain(image["digest"])}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:homeport:model-image:1",
                "externalParameters": dict(parameters),
                "resolvedDependencies": dependencies,
            },
            "runDetails": {"builder": {"id": "urn:homeport:builder", "version": {"sources": builder}}},
        },
    }
    return json_blob(document, PROVENANCE_TYPE)
