"""What an image stands on: the Debian base made here, or an image that is given by digest.

A given image is a layout (`--base FOLDER`, its digest ends up in the image) or stands in a registry
(`--base HOST/REPOSITORY@sha256:...`). It must hold Python 3.11. Bytecode goes into images on the Debian base alone,
whose Python is known to the bit; on a given base every start compiles what it imports.
"""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from model_images.build.bytecode import with_bytecode
from model_images.build.cache import cache_folder, cached_layer, file_digest, key_of
from model_images.build.debian import Package, base_tree, lock_path, read_lock
from model_images.build.errors import BuildError, LayoutError
from model_images.build.layers import LAYER_TYPE, Layer, Tree
from model_images.build.platforms import PYTHON, Platform, machine_architecture
from model_images.build.reading import blob_path, manifests, read_config, read_image
from model_images.build.unpack import DAMAGED, Hashed

PYTHON_PLACES = (f"usr/local/bin/python{PYTHON}", f"usr/bin/python{PYTHON}")
MOST_BYTES = 64 << 30  # of one layer of a given base, unpacked
DOCKER_LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """The lowest layers of one platform's image, the config that comes with them, and where Python is in them."""

    name: str
    digest: str
    layers: tuple[Layer, ...]
    python: str = "/usr/bin/python3"
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    packages: Sequence[Package] = ()
    compiler: Sequence[Package] = ()

    def compiled(self, tree: Tree) -> Tree:
        """`tree` with the bytecode of its Python files, where this foundation's Python is known."""
        return with_bytecode(tree, self.compiler, machine_architecture()) if self.compiler else tree

    @property
    def compiler_key(self) -> str:
        """What `compiled` depends on beside the tree."""
        return " ".join(package.sha256 for package in self.compiler)


def foundation(base: str, platform: Platform) -> Foundation:
    """The foundation for `--base`: the Debian base where it is empty.

    Raises:
        BuildError: if the given image cannot be had, is not for this platform, or holds no Python 3.11.
    """
    return _given(base, platform) if base else _debian(platform)


def _debian(platform: Platform) -> Foundation:
    packages, own = read_lock(platform.architecture), machine_architecture()
    compiler = read_lock(own)
    key = key_of("base", *(package.sha256 for package in (*packages, *compiler)))
    layer = cached_layer("base", key, lambda: with_bytecode(base_tree(packages, platform.architecture), compiler, own))
    return Foundation(
        name="debian-12",
        digest=file_digest(lock_path(platform.architecture)),
        layers=(layer,),
        packages=packages,
        compiler=compiler,
    )


def _given(base: str, platform: Platform) -> Foundation:
    layout = Path(base) if (Path(base) / "oci-layout").is_file() else _pulled(base)
    found = ((one, manifest, read_config(layout, manifest)) for one, manifest in manifests(layout))
    wanted = ("linux", platform.architecture)
    fitting = next((row for row in found if (row[2].get("os"), row[2].get("architecture")) == wanted), None)
    if fitting is None:
        raise BuildError(f"--base: {base} is not for {platform}; give one that is, or another --platform")
    descriptor, manifest, config = fitting
    diff_ids = config["rootfs"]["diff_ids"]
    layers = tuple(
        _layer(layout, described, diff_id) for described, diff_id in zip(manifest["layers"], diff_ids, strict=True)
    )
    return Foundation(
        name=base.partition("@")[0] if "@sha256:" in base else "layout",
        digest=descriptor["digest"],
        layers=layers,
        python=_python(base, layers),
        config=config,
    )


def _layer(layout: Path, described: Mapping[str, Any], diff_id: str) -> Layer:
    path = blob_path(layout, described["digest"])
    if not path.is_file() or file_digest(path) != described["digest"]:
        raise LayoutError(f"{path}: missing or damaged; fetch the base image again")
    kind = described["mediaType"]
    return Layer(
        role="given",
        path=path,
        digest=described["digest"],
        diff_id=diff_id,
        size=described["size"],
        media_type=LAYER_TYPE if kind == DOCKER_LAYER_TYPE else kind,
    )


def _python(base: str, layers: Sequence[Layer]) -> str:
    found: set[str] = set()
    for layer in layers:
        try:
            # Not tarfile's own decompression: read as a stream it ends at the first of several gzip members.
            with gzip.open(layer.path) as file:
                stream = Hashed(cast("IO[bytes]", file), most=MOST_BYTES)
                with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as archive:
                    found.update(member.name.removeprefix("./") for member in archive)
                while stream.read(1 << 20):
                    pass
        except DAMAGED as error:
            raise LayoutError(
                f"--base: {base}: layer {layer.digest}: {error}; allowed: layers compressed by gzip"
            ) from error
        if stream.digest() != layer.diff_id:
            raise LayoutError(
                f"--base: {base}: layer {layer.digest}: its tar has the digest {stream.digest()}; "
                f"the image's config names {layer.diff_id}"
            )
    place = next((place for place in PYTHON_PLACES if place in found), None)
    if place is None:
        raise BuildError(f"--base: {base} holds no Python {PYTHON}; looked for {' and '.join(PYTHON_PLACES)}")
    return f"/{place}"


def _pulled(base: str) -> Path:
    from model_images.registry.errors import RegistryError  # the network client, needed for such a base alone
    from model_images.registry.pull import pull
    from model_images.registry.reference import parse_reference
    from model_images.registry.repository import Repository

    _, at, digest = base.partition("@")
    if not at:
        raise BuildError(f"--base: got {base!r}; allowed: the folder of an image layout, or HOST/REPOSITORY@sha256:...")
    folder = cache_folder() / "bases" / digest.replace(":", "-")
    try:
        if not (folder / "index.json").is_file():
            pull(Repository(parse_reference(base)), digest, folder)
    except RegistryError as error:
        raise BuildError(f"--base: {error}") from error
    if read_image(folder)["digest"] != digest:
        raise LayoutError(f"{folder}: holds another image than {digest}; delete the folder and build again")
    return folder
