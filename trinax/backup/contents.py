"""What may stand in a backup, and which version of it this trinax can read."""

import re
from collections.abc import Mapping

from trinax.access.database import SCHEMA as ACCESS
from trinax.errors import NewerData
from trinax.index.identity import FORMAT as INDEX_FORMAT
from trinax.index.ledger import SCHEMA as LEDGER
from trinax.ingest.ingest import PAUSED

# Names in the archive; those of databases and other files are those of the data folder.
INDEX = "index"
DOCUMENTS = "documents"
AUDIT = re.compile(r"audit(\.[1-9][0-9]*)?\.jsonl")
DATABASES = (LEDGER, ACCESS)
VERSIONS: Mapping[str, int] = {
    INDEX: INDEX_FORMAT,
    **{schema.file: schema.version for schema in DATABASES},
}

_INDEX = re.compile(r"index/[a-z0-9_-]{1,48}/(store\.json|next\.json|shard(-\d+)?(/.+)?)")
_FILES = frozenset({PAUSED, *(schema.file for schema in DATABASES)})
LONGEST_NAME = 4096


def has_place(name: str) -> bool:
    """Whether a part of that name belongs into a backup; it then leads nowhere else."""
    if len(name) > LONGEST_NAME or "\0" in name:
        return False
    if any(part in ("", ".", "..") for part in name.split("/")):
        return False
    if name in _FILES or AUDIT.fullmatch(name):
        return True
    if name.startswith(f"{DOCUMENTS}/"):
        return name.count("/") > 1
    return _INDEX.fullmatch(name) is not None


def check_versions(found: Mapping[str, int]) -> None:
    """Raises NewerData."""
    for name, version in found.items():
        if version > VERSIONS.get(name, 0):
            raise NewerData(f"{name} in the backup", version, VERSIONS.get(name, 0))
