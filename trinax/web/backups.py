"""The data folder as one file."""

from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import dataclass

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from trinax import errors
from trinax.backup.sources import InUse
from trinax.backup.writing import backup
from trinax.errors import Forbidden
from trinax.settings import Settings
from trinax.web.collections import receiving
from trinax.web.declaring.body import Query
from trinax.web.declaring.operation import Operation, caller
from trinax.web.wire.archives import TAR, sent


class Wanted(Query):
    """documents: whether those in the collections' own folders are put in."""

    documents: bool = True


@dataclass(frozen=True, slots=True)
class Backups:
    source: InUse
    settings: Settings

    def operations(self) -> list[Operation]:
        raises = (errors.StorageFull, errors.FolderFailed, errors.KeysFailed)
        return [Operation("GET", "/v1/backup", self.backup, TAR, "admin", raises)]

    async def backup(self, request: Request, asked: Wanted) -> Response:
        """All that is in the data folder but models and caches, and the documents of the
        collections' own folders, as a tar archive for `trinax restore`; searches and indexing go on
        meanwhile."""
        if caller(request).collections is not None:
            raise Forbidden("An API key that is limited to collections makes no backups.")
        return await sent(self._parts(asked.documents), "trinax-backup.tar")

    async def _parts(self, documents: bool) -> AsyncGenerator[bytes]:
        async with receiving.apart(self.settings.data_dir) as folder:
            with closing(backup(self.settings, self.source, folder, documents)) as parts:
                while (part := await to_thread.run_sync(next, parts, None)) is not None:
                    yield part
