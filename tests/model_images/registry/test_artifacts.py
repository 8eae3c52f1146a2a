"""An artifact's manifest and its line in a list of referrers say the same."""

from __future__ import annotations

from model_images.registry.artifacts import artifact
from model_images.registry.descriptors import Descriptor, Manifest, digest_of, read
from model_images.registry.push import listed

SUBJECT = Descriptor(media_type="application/vnd.oci.image.manifest.v1+json", digest="sha256:" + "a" * 64, size=7)


def test_its_line_is_the_one_that_a_registry_would_make_of_its_manifest() -> None:
    made = artifact(SUBJECT, "application/vnd.test+json", b"{}", {"key": "value"})
    assert made.descriptor == listed(made.descriptor, read(made.manifest, Manifest, "made"))
    assert all(digest_of(content) == digest for digest, content in made.blobs.items())
