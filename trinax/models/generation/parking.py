"""Computed prompts on disk, so that a restarted server need not compute them again."""

import logging
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from trinax.models.catalogue.catalogue import Installed
from trinax.models.generation.slots import Kept

logger = logging.getLogger(__name__)

FORMAT = "1"  # another one reads nothing that this one wrote
# Shorter ones are computed as fast as they are read.
LEAST_TOKENS = 64
DAMAGE = (OSError, ValueError, KeyError, EOFError, BadZipFile)


@dataclass(frozen=True, slots=True)
class Parking:
    """folder: of one model; what another file of the same name left behind is not read."""

    folder: Path

    def save(self, kept: Sequence[Kept]) -> None:
        """Replace what is there. Failures are logged: nothing is lost but time."""
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self.folder.mkdir(parents=True, mode=0o700)
            for number, each in enumerate(kept):
                if len(each.tokens) >= LEAST_TOKENS:
                    np.savez(self.folder / f"{number:04}.npz", tokens=each.tokens, state=each.state)
        except OSError as exc:
            logger.warning("computed prompts could not be written to disk: %s", exc.strerror)

    def load(self) -> Iterator[Kept]:
        """What was saved, in its order; a file that cannot be read is left out."""
        if not self.folder.is_dir():
            return
        for file in sorted(self.folder.glob("*.npz")):
            try:
                # np.load would leave a damaged file open.
                with file.open("rb") as content, np.load(content) as arrays:
                    yield Kept(arrays["tokens"], arrays["state"])
            except DAMAGE:
                logger.warning("a computed prompt on disk cannot be read and is left out")


def parking(folder: Path, model: Installed) -> Parking:
    """folder: of all models."""
    files = [(path.name, size, changed_ns) for path, size, changed_ns in model.parts]
    made_by = f"{FORMAT} {version('llama-cpp-python')} {files}"
    digest = blake2b(made_by.encode(), digest_size=8).hexdigest()
    return Parking(folder / f"{model.info.id}-{digest}")
