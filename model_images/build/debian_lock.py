"""Resolves the base's packages anew from a mirror's own indexes.

The indexes are believed only if Debian's key on this machine (Signed by the archive keyring) signed their digests.
"""

from __future__ import annotations

import hashlib
import lzma
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from model_images.build.debian import Package
from model_images.build.debian_versions import compare
from model_images.build.errors import MirrorError
from model_images.build.mirrors import Source, fetch, paragraphs, sources

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# What the server needs by itself; their dependencies follow.
ROOTS = (
    "base-files",
    "ca-certificates",
    "libgomp1",
    "libpython3-stdlib",
    "libstdc++6",
    "netbase",
    "python3-minimal",
    "tzdata",
)
# Dependencies that an image goes without, and why that is no loss.
NOT_TAKEN = {
    "awk": "scripts of base-files are not run",
    "debconf": "nothing is configured by questions",
    "dpkg": "no package is installed later",
    "libdb5.3": "the module dbm.ndbm, which nobody imports",
    "libncursesw6": "the module curses: there is no terminal",
    "libnsl2": "the module nis",
    "libreadline8": "the module readline: there is no terminal",
    "libtinfo6": "the modules curses and readline",
    "libtirpc3": "the module nis",
    "openssl": "the program; the library is libssl3, the bundle of certificates is made by the builder",
}
Index = Mapping[str, dict[str, str]]


def resolve(architecture: str) -> list[Package]:
    """The newest packages of `ROOTS` and all that they depend on, by name.

    Raises:
        MirrorError: if an index cannot be had or is not signed by Debian, or a package is in none of them.
    """
    index = _indexes(architecture)
    wanted: dict[str, dict[str, str]] = {}
    todo: list[str] = list(ROOTS)
    while todo:
        name = todo.pop()
        if name in wanted:
            continue
        if name not in index:
            raise MirrorError(f"{name}: in no index for {architecture}; allowed: a package of Debian 12's main")
        wanted[name] = index[name]
        todo += _dependencies(index[name], index)
    return [_package(wanted[name]) for name in sorted(wanted)]


def _indexes(architecture: str) -> dict[str, dict[str, str]]:
    """The newest of each package in all suites. Each suite must be on one of the mirrors: else fixes are missed."""
    index: dict[str, dict[str, str]] = {}
    refused: dict[str, list[str]] = {}
    held: set[str] = set()
    for source in sources():
        try:
            release = fetch(f"dists/{source.suite}/InRelease", [source.address])
        except MirrorError as error:
            refused.setdefault(source.suite, []).append(str(error))
            continue
        held.add(source.suite)
        for name, fields in _index(source, architecture, release).items():
            if name not in index or compare(fields["Version"], index[name]["Version"]) > 0:
                index[name] = fields
    for suite, said in refused.items():
        if suite not in held:
            raise MirrorError(f"{suite}: {'; '.join(said)}; name a mirror that holds it too in HOMEPORT_DEBIAN_MIRROR")
    return index


def _dependencies(fields: Mapping[str, str], index: Index) -> Iterator[str]:
    for group in f"{fields.get('Pre-Depends', '')},{fields.get('Depends', '')}".split(","):
        names = [choice.split("(")[0].split(":")[0].strip() for choice in group.split("|")]
        if names[0] and not any(name in NOT_TAKEN for name in names):
            yield next((name for name in names if name in index), names[0])


def _package(fields: Mapping[str, str]) -> Package:
    return Package(
        name=fields["Package"],
        version=fields["Version"],
        sha256=fields["SHA256"],
        size=int(fields["Size"]),
        path=fields["Filename"],
    )


def _index(source: Source, architecture: str, release: bytes) -> dict[str, dict[str, str]]:
    inside = f"main/binary-{architecture}/Packages.xz"
    digests = _signed_digests(source, release)
    content = fetch(f"dists/{source.suite}/{inside}", [source.address])
    got = hashlib.sha256(content).hexdigest()
    if digests.get(inside) != got:
        raise MirrorError(f"{source.address} {source.suite} {inside}: got sha256 {got}; signed: {digests.get(inside)}")
    newest: dict[str, dict[str, str]] = {}
    for fields in paragraphs(lzma.decompress(content).decode("utf-8")):
        known = newest.get(fields["Package"])
        if known is None or compare(fields["Version"], known["Version"]) > 0:
            newest[fields["Package"]] = fields
    return newest


def _signed_digests(source: Source, release: bytes) -> dict[str, str]:
    if shutil.which("gpgv") is None or not KEYRING.is_file():
        raise MirrorError(f"lock-base needs gpgv and {KEYRING}: install the packages gpgv and debian-archive-keyring")
    with tempfile.TemporaryDirectory() as work:
        signed, plain = Path(work) / "InRelease", Path(work) / "Release"
        signed.write_bytes(release)
        said = subprocess.run(
            ["gpgv", "--keyring", str(KEYRING), "--output", str(plain), str(signed)],
            capture_output=True,
            check=False,
        )
        if said.returncode:
            lines = said.stderr.decode(errors="replace").strip().splitlines()
            raise MirrorError(f"{source.address} {source.suite}: InRelease is not signed by Debian: {lines[-1:]}")
        fields = next(paragraphs(plain.read_text(encoding="utf-8")))
    if fields.get("Codename") != source.suite:  # signed, and another suite's: a mirror must not choose our release
        raise MirrorError(f"{source.address} {source.suite}: InRelease is that of {fields.get('Codename')}")
    rows = [line.split() for line in fields["SHA256"].split("\n") if line.strip()]
    return {name: digest for digest, _, name in rows}
