"""One model folder into one image: the layers of each platform, the documents above them, the layout they lie in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from model_images.build import dependencies, lock, referrers
from model_images.build.cache import builder_digest, cached_layer, file_digest, files_digest, key_of
from model_images.build.documents import Blob, Descriptor, index_blob
from model_images.build.foundation import Foundation, foundation
from model_images.build.image import config_blob, manifest_blob, platform_of
from model_images.build.layers import Layer, Tree, tree_of
from model_images.build.layout import check_output, write_layout
from model_images.build.platforms import Accelerator, Platform
from model_images.build.sources import check_folder, model_tree, server_digest, server_tree
from model_images.model_file import ModelFile, baked_files, model_digest, read_model_file

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be built."""

    folder: Path
    output: Path
    platforms: tuple[Platform, ...]
    accelerator: Accelerator = "cpu"
    base: str = ""
    weights_apart: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """The image of one platform."""

    platform: Platform
    ground: Foundation
    model_digest: str
    layers: tuple[Layer, ...]
    config: Blob
    manifest: Blob

    def descriptor(self) -> Descriptor:
        """How an index names it."""
        return self.manifest.descriptor(platform=platform_of(self.platform))


@dataclass(frozen=True, kw_only=True)
class Built:
    """A built image: its digest is that of the manifest, or of the index where there are several platforms."""

    model: ModelFile
    digest: str
    parts: tuple[Part, ...]


def build(order: Order, say: Say) -> Built:
    """Builds the image and writes its layout; `say` hears what is being done.

    Raises:
        BuildError: with one line and the next step; nothing is written then.
        ModelFileError: if model.yaml is not sound.
    """
    check_output(order.output)
    model, locked, parts = assemble(order, say)
    blobs: list[Blob | Layer] = [blob for part in parts for blob in (*part.layers, part.config, part.manifest)]
    image = parts[0].descriptor()
    if len(parts) > 1:
        index = index_blob([part.descriptor() for part in parts], _annotations(model))
        blobs.append(index)
        image = index.descriptor()
    say("writing the layout")
    write_layout(order.output, image, blobs, _referrers(order, model, locked, image, parts))
    return Built(model=model, digest=image["digest"], parts=parts)


def assemble(order: Order, say: Say) -> tuple[ModelFile, str, tuple[Part, ...]]:
    """The checked model file, the text of its lock, and the parts with their layers in the cache.

    Raises:
        BuildError: as `build`.
    """
    model = read_model_file(order.folder)
    check_folder(order.folder, order.output)
    locked = lock.read_lock(order.folder, model, order.accelerator)
    digest = model_digest(order.folder)
    return model, locked, tuple(_part(order, platform, model, digest, locked, say) for platform in order.platforms)


def _part(order: Order, platform: Platform, model: ModelFile, digest: str, locked: str, say: Say) -> Part:
    say(f"{platform}: base")
    ground = foundation(order.base, platform)
    say(f"{platform}: dependencies")
    what = str(lock.lock_path(order.folder, order.accelerator))

    def wheels() -> Tree:
        folder = dependencies.install(locked, platform, what)
        files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return ground.compiled(tree_of(folder, files, dependencies.PLACE))

    key = key_of("dependencies", locked, str(platform), ground.compiler_key)
    wheel_layer = cached_layer("dependencies", key, wheels)
    say(f"{platform}: server and model")
    key = key_of("server", server_digest(), ground.compiler_key)
    server = cached_layer("server", key, lambda: ground.compiled(server_tree()))
    apart = Path(model.artifact) if order.weights_apart else None
    files = [file for file in baked_files(order.folder) if file != apart]
    key = key_of("model", files_digest(order.folder, files))
    own = cached_layer("model", key, lambda: model_tree(order.folder, files))
    layers = (*ground.layers, wheel_layer, server, own)
    config = config_blob(platform, ground, layers, _labels(model, digest, order, ground))
    return Part(
        platform=platform,
        ground=ground,
        model_digest=digest,
        layers=layers,
        config=config,
        manifest=manifest_blob(config, layers, _annotations(model)),
    )


def _annotations(model: ModelFile) -> dict[str, str]:
    return {"org.opencontainers.image.title": model.name, "org.opencontainers.image.version": model.version}


def _labels(model: ModelFile, digest: str, order: Order, ground: Foundation) -> dict[str, str]:
    weights = {"io.homeport.weights": file_digest(order.folder / model.artifact)} if order.weights_apart else {}
    place = "io.homeport.base" if ground.packages else "org.opencontainers.image.base"
    return (
        _annotations(model)
        | weights
        | {
            "com.amazonaws.sagemaker.capabilities.accept-bind-to-port": "true",
            "io.homeport.accelerator": order.accelerator,
            "io.homeport.framework": model.framework,
            "io.homeport.model.digest": digest,
            f"{place}.digest": ground.digest,
            f"{place}.name": ground.name,
        }
    )


def _referrers(
    order: Order, model: ModelFile, locked: str, image: Descriptor, parts: tuple[Part, ...]
) -> list[referrers.Referrer]:
    """The SBOM of each platform's image, and the provenance of the whole."""
    found = [referrers.referrer(part.descriptor(), _sbom(order, model, locked, part)) for part in parts]
    inputs = {
        "model": parts[0].model_digest,
        "server": server_digest(),
        **{f"file:{file.as_posix()}": digest for file, digest in _evaluation(order.folder, model)},
        **{f"base:{part.platform}": part.ground.digest for part in parts},
        "requirements": referrers.text_digest(locked),
    }
    parameters = {
        "accelerator": order.accelerator,
        "base": parts[0].ground.name,
        "model": f"{model.name} {model.version}",
        "platforms": [str(part.platform) for part in parts],
    }
    statement = referrers.provenance(image, model.name, parameters, inputs, builder_digest(), order.folder)
    return [*found, referrers.referrer(image, statement)]


def _sbom(order: Order, model: ModelFile, locked: str, part: Part) -> Blob:
    folder = dependencies.install(locked, part.platform, str(lock.lock_path(order.folder, order.accelerator)))
    licences = referrers.installed(folder)
    contents = referrers.Contents(
        name=model.name,
        version=model.version,
        model_digest=part.model_digest,
        server_digest=server_digest(),
        platform=part.platform,
        packages=part.ground.packages,
        wheels=[row for row in lock.locked_packages(locked) if str(part.platform) in row.wheels],
        licences={name: licence for name, licence in licences.items() if licence},
    )
    return referrers.sbom(part.descriptor(), contents)


def _evaluation(folder: Path, model: ModelFile) -> list[tuple[Path, str]]:
    """The evaluation data by path and digest: what a release was judged by, though it is not in the image."""
    if model.evaluation is None or not (folder / model.evaluation.data).is_file():
        return []
    return [(Path(model.evaluation.data), file_digest(folder / model.evaluation.data))]
