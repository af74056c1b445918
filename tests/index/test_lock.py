from pathlib import Path

import pytest

from trinax.errors import StoreLocked
from trinax.index.lock import FolderLock


def test_a_folder_has_one_owner_until_it_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "store"
    first = FolderLock(folder)
    with pytest.raises(StoreLocked, match="in use by another trinax"):
        FolderLock(folder)
    first.close()
    FolderLock(folder).close()
