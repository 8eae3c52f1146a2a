"""Weights that are not in the image: an object of the region's model store that is named by its digest.

`WEIGHTS=s3://BUCKET/sha256/HEX` is fetched before the model is loaded, into a folder of its own beside links to the
image's files, as the file that `model.yaml` names as artifact. Bytes of another digest are never loaded. Imported only
if the variable is set.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
import time
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from model_images.model_file import baked_files, read_model_file
from model_images.serve.aws.errors import AwsError
from model_images.serve.aws.s3 import BLOCK_BYTES, Bucket, parse

VARIABLE = "WEIGHTS"
ALLOWED = "s3://BUCKET/sha256/HEX"
# Parts that are fetched at the same time.
TOGETHER = 8
_KEY = re.compile(r"sha256/([0-9a-f]{64})")
LOG = logging.getLogger("model_images.serve")


class WeightsError(ValueError):
    """The weights cannot be had: one line that says why."""


@contextmanager
def completed(folder: Path, environ: Mapping[str, str]) -> Generator[Path]:
    """A folder with the files of `folder` and the weights that `environ` names; it is gone afterwards.

    Raises:
        WeightsError: if they cannot be had; ModelFileError for a model.yaml that is not sound.
    """
    uri = environ.get(VARIABLE, "")
    model = read_model_file(folder, artifact_apart=True)
    with tempfile.TemporaryDirectory(prefix="model-") as scratch:
        whole = Path(scratch)
        artifact = whole / model.artifact
        try:
            for inside in baked_files(folder):
                if inside != Path(model.artifact):
                    (whole / inside).parent.mkdir(parents=True, exist_ok=True)
                    (whole / inside).symlink_to((folder / inside).resolve())
            artifact.parent.mkdir(parents=True, exist_ok=True)
            fetch(uri, artifact, environ)
        except AwsError as error:
            words = "is it there, and may the role read it (s3:GetObject, kms:Decrypt)?"
            raise WeightsError(f"{VARIABLE}: got {uri!r:.200}: {error}; {words}") from error
        except OSError as error:
            raise WeightsError(f"{VARIABLE}: {artifact} cannot be written: {error.strerror or error}") from error
        yield whole


def fetch(uri: str, path: Path, environ: Mapping[str, str]) -> None:
    """Writes the object of `uri` to `path` and checks it.

    Raises:
        WeightsError: for an address without a digest, or bytes of another one.
        OSError: AwsError among them.
    """
    found = parse(uri)
    digest = _KEY.fullmatch(found[1]) if found else None
    if found is None or digest is None:
        raise WeightsError(f"{VARIABLE}: got {uri!r:.200}; allowed: {ALLOWED}, or empty: the image's own")
    began = time.monotonic()
    bucket = Bucket(found[0], environ)
    entry = bucket.entry(found[1])
    with path.open("wb") as file:
        file.truncate(entry.size)

        def write(begin: int) -> None:
            block = bucket.part(entry, begin, min(begin + BLOCK_BYTES, entry.size))
            if os.pwrite(file.fileno(), block, begin) != len(block):
                raise OSError("no space left")

        threads = ThreadPoolExecutor(TOGETHER, "weights")
        try:
            for _ in threads.map(write, range(0, entry.size, BLOCK_BYTES)):
                pass
        finally:
            threads.shutdown(wait=True, cancel_futures=True)
    with path.open("rb") as file:
        got = hashlib.file_digest(file, "sha256").hexdigest()
    if got != digest[1]:
        raise WeightsError(f"{VARIABLE}: got {uri!r}: its bytes have the digest sha256:{got}; they are not loaded")
    LOG.info("weights: %d bytes in %.1f s, sha256:%s", entry.size, time.monotonic() - began, got)
