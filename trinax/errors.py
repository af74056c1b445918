"""Every deliberate failure, as one tree.

TrinaxError
├─ Invalid                      the request is wrong; the same call can never succeed
│  ├─ InvalidRequest            a body, field or query is malformed
│  ├─ UnsupportedParameter      a known parameter that cannot be honoured
│  ├─ ContextLengthExceeded     the prompt is longer than the model's context
│  ├─ FilesRefused              an upload without a file that can be taken
│  ├─ BadArchive                what is imported is no whole, sound archive
│  ├─ BadBackup                 what is restored is no whole, sound backup
│  ├─ AttachmentRefused         a file that came with a request and cannot be read
│  ├─ WebSearchOff              the web is asked for, and the server may not search it
│  └─ NoGenerativeModel         raw completion asked of a server with no GGUF
├─ Unauthorized                 a credential is missing or wrong
├─ Forbidden                    who asks is known, and may not
├─ NotFound
│  ├─ CollectionNotFound
│  ├─ ModelNotFound
│  ├─ SourceNotFound
│  ├─ ChunkNotFound
│  ├─ KeyNotFound
│  └─ RouteNotFound
├─ Conflict                     right in itself, and against what there is
│  ├─ CollectionExists
│  ├─ CollectionConfigured      the configuration names it, and only that can change it
│  ├─ CollectionPaused
│  ├─ CollectionRenewed         its index is being made anew
│  ├─ DataThere                 a backup would be restored over what is there
│  ├─ FileOutside               a file of a folder that is not the collection's own
│  └─ IndexedElsewhere          this server only reads what another one indexes
├─ MethodNotAllowed
├─ TooLarge                     a body over its limit
├─ HeadTooLarge                 address and headers of a request over their limit
├─ InputTooLong                 more text than the plan of the key takes
├─ Busy                         queue full, or waited too long
├─ Limited                      who asks has had their share for now
│  ├─ RateLimited               too many requests in a minute
│  ├─ QuotaExceeded             the plan of the key is used up
│  └─ TooManyAtOnce             too many requests under way
├─ Unavailable
│  ├─ StoreLocked               another process owns the data folder
│  ├─ StorageFull               a disk has no room
│  ├─ FolderFailed              a folder cannot be written
│  ├─ StoreFailed               the engine under a collection failed
│  ├─ KeysFailed                the file of API keys cannot be used
│  ├─ ModelFailed               a model could not be loaded or stopped working
│  ├─ TooManyConnections        as many clients are connected as may be
│  ├─ ServerStopping            it was told to stop, and takes nothing new
│  ├─ DownloadFailed            a model could not be brought here whole
│  ├─ UpstreamFailed            another server did not answer, or not in the expected form
│  ├─ WebSearchFailed           the search provider did not answer, or not as it should
│  └─ TimedOut                  an answer took longer than its limit
├─ UnreadableDocument           one file cannot become text; carries the reason
└─ StartupError                 the server cannot start as configured
   ├─ UnknownSetting
   ├─ BadSetting
   ├─ AddressInUse
   └─ NewerData                 what is to be read was written by a newer trinax

A leaf builds its own message: what happened, to what, what to do. str(error) is safe to show
to a client: no absolute path, no secret.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from math import ceil


class TrinaxError(Exception):
    """The root; only its leaves are raised."""

    code = "error"
    param: str | None = None


class Invalid(TrinaxError):
    code = "invalid_request"


class InvalidRequest(Invalid):
    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class UnsupportedParameter(Invalid):
    code = "unsupported_parameter"

    def __init__(self, param: str, reason: str) -> None:
        super().__init__(f"{param!r} cannot be honoured: {reason}.")
        self.param: str = param
        self.reason = reason


class ContextLengthExceeded(Invalid):
    code = "context_length_exceeded"
    param = "messages"

    def __init__(self, model: str, prompt_tokens: int, limit_tokens: int) -> None:
        """limit_tokens: 0 where it is not known."""
        super().__init__(
            f"The prompt has {prompt_tokens} tokens and {model!r} takes {limit_tokens or 'less'}; "
            "shorten the messages or choose a model with a longer context."
        )


class FilesRefused(Invalid):
    code = "files_refused"
    param = "files"

    def __init__(self, reasons: Iterable[str]) -> None:
        """reasons: of each file."""
        listed = "; ".join(reasons) or "There is none in the request"
        super().__init__(f"No file was taken. {listed}.")


class BadArchive(Invalid):
    code = "bad_archive"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The archive cannot be imported, nothing was changed: {reason}.")


class BadBackup(Invalid):
    code = "bad_backup"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The backup cannot be used, nothing was changed: {reason}.")


class AttachmentRefused(Invalid):
    code = "attachment_refused"

    def __init__(self, name: str, reason: str, param: str) -> None:
        """param: the field that it came in."""
        super().__init__(f"Attachment {name!r} was not taken: {reason}.")
        self.param: str = param


class WebSearchOff(Invalid):
    code = "web_search_off"
    param: str | None = "web_search"

    def __init__(self) -> None:
        super().__init__(
            "This server does not search the web; set web.provider to ddgs, searxng or brave in "
            "its configuration, or ask without web_search."
        )


class NoGenerativeModel(Invalid):
    code = "no_generative_model"
    param = "model"

    def __init__(self) -> None:
        super().__init__(
            "No generative model is installed; put a GGUF file into the models folder "
            "(`trinax doctor` shows where it is) and ask again."
        )


class Unauthorized(TrinaxError):
    code = "unauthorized"

    def __init__(self, message: str) -> None:
        super().__init__(message)


class Forbidden(TrinaxError):
    code = "forbidden"

    def __init__(self, message: str) -> None:
        super().__init__(message)


class NotFound(TrinaxError):
    code = "not_found"


class CollectionNotFound(NotFound):
    code = "collection_not_found"
    param = "collections"

    def __init__(self, name: str) -> None:
        super().__init__(f"No collection named {name!r}; GET /v1/collections lists them.")


class ModelNotFound(NotFound):
    code = "model_not_found"
    param = "model"

    def __init__(self, name: str) -> None:
        super().__init__(f"No model named {name!r}; GET /v1/models lists them.")


class SourceNotFound(NotFound):
    code = "source_not_found"

    def __init__(self, collection: str, file: str) -> None:
        super().__init__(
            f"Collection {collection!r} has no indexed file {file!r}; "
            f"GET /v1/sources?collection={collection} lists them."
        )


class ChunkNotFound(NotFound):
    code = "chunk_not_found"

    def __init__(self, chunk_id: str) -> None:
        super().__init__(f"No chunk with id {chunk_id!r}; it may have been replaced: search again.")


class KeyNotFound(NotFound):
    code = "key_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"No API key {name!r}; `trinax keys list` shows them.")


class RouteNotFound(NotFound):
    code = "route_not_found"

    def __init__(self, method: str, path: str) -> None:
        super().__init__(f"No route {method} {path}; GET /openapi.json lists them.")


class Conflict(TrinaxError):
    code = "conflict"


class CollectionExists(Conflict):
    code = "collection_exists"
    param = "id"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a collection {name!r} already; choose another id.")


class CollectionConfigured(Conflict):
    code = "collection_configured"

    def __init__(self, name: str, verb: str) -> None:
        """verb: what cannot be done, as "renamed"."""
        super().__init__(
            f"Collection {name!r} is named by the configuration and cannot be {verb}; remove the "
            f"line '{name} = …' under [roots] and start the server anew first."
        )


class CollectionPaused(Conflict):
    code = "collection_paused"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Collection {name!r} is paused; POST /v1/collections/{name}/resume goes on with it."
        )


class CollectionRenewed(Conflict):
    code = "collection_renewed"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Collection {name!r} is being indexed anew beside the index that serves, and cannot "
            "be renamed until that is done; its status says how far it is."
        )


class DataThere(Conflict):
    code = "data_there"

    def __init__(self, found: str) -> None:
        """found: one of the things that are there."""
        super().__init__(
            f"The data folder is not empty, it holds {found!r}; restore into another with "
            "--data-dir, or say --force to have all that is in it moved aside."
        )


class FileOutside(Conflict):
    code = "file_outside"

    def __init__(self, collection: str, file: str) -> None:
        super().__init__(
            f"{file!r} of collection {collection!r} lies in a folder outside, which trinax only "
            "reads; delete it there, and it leaves the index by itself."
        )


class IndexedElsewhere(Conflict):
    code = "indexed_elsewhere"

    def __init__(self, what: str) -> None:
        """what: cannot be done here, as "Indexing"."""
        super().__init__(
            f"{what} is for the server that has the files and indexes them; this one only reads "
            "the index (ingest.enabled = false)."
        )


class MethodNotAllowed(TrinaxError):
    code = "method_not_allowed"

    def __init__(self, method: str, path: str, allowed: Iterable[str]) -> None:
        super().__init__(f"{path} does not take {method}; it takes {', '.join(sorted(allowed))}.")


class TooLarge(TrinaxError):
    code = "too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The body is over {limit_bytes} bytes; send less in one request.")


class HeadTooLarge(TrinaxError):
    code = "head_too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"Address and headers of the request are over {limit_bytes} bytes.")


class InputTooLong(TrinaxError):
    code = "input_too_long"

    def __init__(self, characters: int, limit_characters: int) -> None:
        super().__init__(
            f"The request holds {characters} characters of text and the plan of this API key takes "
            f"{limit_characters}; send less in one request."
        )


class Busy(TrinaxError):
    code = "busy"

    def __init__(self, what: str, retry_after_s: float) -> None:
        super().__init__(f"{what} is busy; try again in {retry_after_s:.0f} s.")
        self.retry_after_s = retry_after_s


class Limited(TrinaxError):
    """limit: how much there is of it in all. reset_s: until all of it is there again.
    retry_after_s: until the same request can succeed."""

    code = "limited"

    def __init__(self, message: str, limit: int, reset_s: float, retry_after_s: float) -> None:
        super().__init__(message)
        self.limit = limit
        self.reset_s = reset_s
        self.retry_after_s = retry_after_s


class RateLimited(Limited):
    code = "rate_limited"

    def __init__(self, limit: int, reset_s: float, retry_after_s: float) -> None:
        wait_s = max(1, ceil(retry_after_s))
        message = f"These are more than {limit} requests a minute; try again in {wait_s} s."
        super().__init__(message, limit, reset_s, retry_after_s)


class QuotaExceeded(Limited):
    code = "quota_exceeded"

    def __init__(self, what: str, limit: int, retry_after_s: float) -> None:
        """what: is used up, as "web searches a day"."""
        hours, minutes = divmod(ceil(retry_after_s / 60), 60)
        message = (
            f"The plan of this API key gives {limit} {what}, which are used; "
            f"more come in {hours} h {minutes} min."
        )
        super().__init__(message, limit, retry_after_s, retry_after_s)


class TooManyAtOnce(Limited):
    code = "too_many_at_once"

    def __init__(self, what: str, limit: int) -> None:
        """what: is under way, in the plural."""
        message = f"You have {limit} {what} under way, as many as one client may; end one first."
        super().__init__(message, limit, 1.0, 1.0)


class Unavailable(TrinaxError):
    code = "unavailable"


class StoreLocked(Unavailable):
    code = "store_locked"

    def __init__(self, owner: str) -> None:
        super().__init__(
            f"The data folder is in use by {owner}; stop it, or choose another with --data-dir."
        )


class StorageFull(Unavailable):
    code = "storage_full"

    def __init__(self, what: str) -> None:
        """what: could not be done, as "The upload"."""
        super().__init__(f"{what} failed: no room on the disk; make some and try again.")


class FolderFailed(Unavailable):
    code = "folder_failed"

    def __init__(self, what: str, reason: str) -> None:
        """what: could not be done, as "The upload"."""
        super().__init__(f"{what} failed: the folder cannot be written ({reason}).")


class StoreFailed(Unavailable):
    code = "store_failed"

    def __init__(self, collection: str, reason: str, retry_after_s: float = 0.0) -> None:
        """retry_after_s: until the same may succeed; 0 where that is not known."""
        super().__init__(f"The store of collection {collection!r} failed: {reason}.")
        self.retry_after_s = retry_after_s


class KeysFailed(Unavailable):
    code = "keys_failed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The file of API keys in the data folder cannot be used: {reason}.")


class ModelFailed(Unavailable):
    code = "model_failed"
    param = "model"

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"Model {model!r} failed: {reason}.")


class TooManyConnections(Unavailable):
    code = "too_many_connections"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The server has {limit} open connections, its limit; try again later.")


class ServerStopping(Unavailable):
    code = "server_stopping"

    def __init__(self) -> None:
        super().__init__("The server is stopping; ask again once it is back.")


class DownloadFailed(Unavailable):
    code = "download_failed"

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what!r} was not downloaded: {reason}.")


class UpstreamFailed(Unavailable):
    code = "upstream_failed"
    param = "model"

    def __init__(self, upstream: str, reason: str) -> None:
        super().__init__(f"Upstream {upstream!r} failed: {reason}.")


class WebSearchFailed(Unavailable):
    code = "web_search_failed"

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(f"Web search with {provider!r} failed: {reason}.")


class TimedOut(Unavailable):
    code = "timed_out"

    def __init__(self, model: str, limit_s: float) -> None:
        super().__init__(
            f"Model {model!r} took longer than {limit_s:g} s; ask for less or allow more time."
        )


class UnreadableDocument(TrinaxError):
    """A file that cannot become text; `reason` is one clause for the ledger."""

    code = "unreadable_document"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StartupError(TrinaxError):
    code = "startup"


# Of those that an unknown one may have been meant for.
NAMED_SETTINGS = 8


class UnknownSetting(StartupError):
    code = "unknown_setting"

    def __init__(self, key: str, where: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = sorted(names, key=lambda name: -_likeness(key, name))[:NAMED_SETTINGS]
        told = ", ".join(names if len(names) <= NAMED_SETTINGS else [*near, "…"])
        super().__init__(f"Unknown setting {key!r} in {where}; known: {told}.")


class BadSetting(StartupError):
    code = "bad_setting"

    def __init__(self, key: str, where: str, expected: str) -> None:
        super().__init__(f"Setting {key!r} in {where} must be {expected}.")


class AddressInUse(StartupError):
    code = "address_in_use"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Address {host}:{port} is in use; stop what listens there or choose another --port."
        )


class NewerData(StartupError):
    code = "newer_data"

    def __init__(self, what: str, version: int, known: int) -> None:
        """known: the latest that this trinax can read."""
        super().__init__(
            f"A newer trinax wrote {what}: it has version {version}, and this one knows {known}. "
            "Run that one, or choose another --data-dir and restore a backup of this one there."
        )


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio()
