"""The digest of a model's stable image in a models stack's file: only its digits are replaced."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import yaml

from fleet.errors import FolderUnusable
from fleet.model import Fleet, FleetStack
from stacks.settings import StackKind

RELEASES = "homeport:releases"


def stack_file(root: Path, stack: FleetStack) -> Path:
    return root / "stacks" / "config" / f"Pulumi.{stack.name}.yaml"


def released(root: Path, stacks: Sequence[FleetStack]) -> tuple[str, ...]:
    """The models with a stable image in these stacks' files, each once. A file that cannot be read names none."""
    found: dict[str, None] = {}
    for stack in stacks:
        if stack.kind is StackKind.MODELS:
            found |= {model: None for model, _ in _stable_images(_text(stack_file(root, stack)))}
    return tuple(found)


def pin(fleet: Fleet, stacks: Sequence[FleetStack], digests: Mapping[str, str]) -> tuple[str, ...]:
    """Writes each model's digest into the files of these stacks where it differs; a line for each file it changed.

    A file is replaced as a whole or not at all. Raises FolderUnusable if one cannot be written.
    """
    said: list[str] = []
    for stack in stacks:
        path = stack_file(fleet.root, stack).resolve()
        if stack.kind is not StackKind.MODELS or not path.is_file():
            continue
        text = _text(path)
        pinned = with_digests(text, digests)
        if pinned != text:
            _replace(path, pinned, fleet.folder)
            models = [model for model, node in _stable_images(text) if digests.get(model, node.value) != node.value]
            said.append(f"{stack_file(Path(), stack)}: pinned to the image just built: {', '.join(models)}")
    return tuple(said)


def with_digests(text: str, digests: Mapping[str, str]) -> str:
    """A stack file's text with the stable digests of `digests`; nothing but the digits changes."""
    for model, node in sorted(_stable_images(text), key=lambda found: found[1].start_mark.index, reverse=True):
        if model in digests:
            begin, end = node.start_mark.index, node.end_mark.index
            text = text[:begin] + text[begin:end].replace(node.value, digests[model]) + text[end:]
    return text


def _stable_images(text: str) -> Iterator[tuple[str, yaml.ScalarNode]]:
    try:
        top = cast("yaml.Node | None", yaml.compose(text, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType]
    except yaml.YAMLError:
        return  # told with the file's other mistakes when its stack is brought up
    releases = _below(_below(top, "config"), RELEASES)
    if isinstance(releases, yaml.MappingNode):
        for key, release in releases.value:
            image = _below(_below(release, "stable"), "image")
            if isinstance(image, yaml.ScalarNode) and image.value:
                yield str(key.value), image


def _below(node: yaml.Node | None, wanted: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if key.value == wanted), None)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return ""


def _replace(path: Path, text: str, folder: Path) -> None:
    """By way of the environment's own folder: a kill in between leaves nothing in the project's tree."""
    written, beside = folder / f"{path.name}.new", path.with_name(f".{path.name}.new")
    try:
        written.write_bytes(text.encode())
        shutil.copymode(path, written)
        try:
            written.replace(path)
        except OSError:  # that folder is on another file system
            shutil.copy(written, beside)
            beside.replace(path)
            written.unlink()
    except OSError as error:
        raise FolderUnusable(
            f"{path}: cannot be written ({error.strerror}); nothing was deployed",
            "make room or mend its permissions, then run the command again",
        ) from error
