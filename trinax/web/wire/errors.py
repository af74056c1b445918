"""The one envelope of every failure, and the one table of their statuses."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Match
from starlette.types import Receive, Scope, Send
from typing_extensions import TypedDict

from trinax import errors
from trinax.errors import TrinaxError
from trinax.web.wire import headers

# Leaf → status and OpenAI's error type; a test proves it complete.
STATUSES: Mapping[type[TrinaxError], tuple[int, str]] = {
    errors.InvalidRequest: (400, "invalid_request_error"),
    errors.UnsupportedParameter: (400, "invalid_request_error"),
    errors.ContextLengthExceeded: (400, "invalid_request_error"),
    errors.FilesRefused: (400, "invalid_request_error"),
    errors.BadArchive: (400, "invalid_request_error"),
    errors.BadBackup: (400, "invalid_request_error"),
    errors.AttachmentRefused: (400, "invalid_request_error"),
    errors.WebSearchOff: (400, "invalid_request_error"),
    errors.NoGenerativeModel: (400, "invalid_request_error"),
    errors.Unauthorized: (401, "authentication_error"),
    errors.Forbidden: (403, "permission_error"),
    errors.CollectionNotFound: (404, "invalid_request_error"),
    errors.ModelNotFound: (404, "invalid_request_error"),
    errors.SourceNotFound: (404, "invalid_request_error"),
    errors.ChunkNotFound: (404, "invalid_request_error"),
    errors.KeyNotFound: (404, "invalid_request_error"),
    errors.RouteNotFound: (404, "invalid_request_error"),
    errors.MethodNotAllowed: (405, "invalid_request_error"),
    errors.CollectionExists: (409, "invalid_request_error"),
    errors.CollectionConfigured: (409, "invalid_request_error"),
    errors.CollectionPaused: (409, "invalid_request_error"),
    errors.CollectionRenewed: (409, "invalid_request_error"),
    errors.DataThere: (409, "invalid_request_error"),
    errors.FileOutside: (409, "invalid_request_error"),
    errors.IndexedElsewhere: (409, "invalid_request_error"),
    errors.TooLarge: (413, "invalid_request_error"),
    errors.HeadTooLarge: (431, "invalid_request_error"),
    errors.InputTooLong: (413, "invalid_request_error"),
    errors.UnreadableDocument: (422, "invalid_request_error"),
    errors.Busy: (429, "rate_limit_error"),
    errors.RateLimited: (429, "rate_limit_error"),
    errors.QuotaExceeded: (429, "rate_limit_error"),
    errors.TooManyAtOnce: (429, "rate_limit_error"),
    errors.StoreLocked: (503, "server_error"),
    errors.StorageFull: (507, "server_error"),
    errors.FolderFailed: (503, "server_error"),
    errors.StoreFailed: (503, "server_error"),
    errors.KeysFailed: (503, "server_error"),
    errors.ModelFailed: (503, "server_error"),
    errors.TooManyConnections: (503, "server_error"),
    errors.ServerStopping: (503, "server_error"),
    errors.DownloadFailed: (502, "server_error"),
    errors.UpstreamFailed: (502, "server_error"),
    errors.WebSearchFailed: (502, "server_error"),
    errors.TimedOut: (504, "server_error"),
    # Raised before there is a server; here so that none can ever lack a status.
    errors.UnknownSetting: (500, "server_error"),
    errors.BadSetting: (500, "server_error"),
    errors.AddressInUse: (500, "server_error"),
    errors.NewerData: (500, "server_error"),
}


# The code of what no leaf foresees.
UNFORESEEN = "internal_error"
# How soon a server that stops is asked again: a restart takes about so long.
STOPPED_S = 5
# scope key → the code of what a request failed with.
FAILED = "trinax.failed"


class Failure(TypedDict):
    message: str
    type: str
    param: str | None
    code: str | None


class ErrorEnvelope(TypedDict):
    error: Failure


class OllamaError(TypedDict):
    """The same for Ollama's clients, which show `error` as a text."""

    error: str
    type: str
    param: str | None
    code: str | None


def is_read_as_ollama(path: str) -> bool:
    """Whether the clients of a path read OllamaError, whatever failed there."""
    return path.startswith("/api/") and not path.startswith("/api/v1/")


class Refusal(JSONResponse):
    """The whole answer to a request that failed, in the form that the clients of its path read."""

    def __init__(self, failure: Exception) -> None:
        status = STATUSES[type(failure)][0] if isinstance(failure, TrinaxError) else 500
        super().__init__(envelope(failure), status, _headers(failure))
        self._failure = failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[FAILED] = code(self._failure)
        if is_read_as_ollama(scope["path"]):
            self.body = self.render(ollama_error(self._failure))
            self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def envelope(failure: Exception) -> ErrorEnvelope:
    """The body of an error; an unforeseen failure shows nothing of itself."""
    return {"error": _failure(failure)}


def ollama_error(failure: Exception) -> OllamaError:
    said = _failure(failure)
    return {
        "error": said["message"],
        "type": said["type"],
        "param": said["param"],
        "code": said["code"],
    }


def code(failure: Exception) -> str:
    """What an envelope calls it."""
    return failure.code if isinstance(failure, TrinaxError) else UNFORESEEN


def response(failure: Exception) -> Refusal:
    return Refusal(failure)


async def from_starlette(request: Request, failure: Exception) -> JSONResponse:
    """What Starlette itself raises: no such route, no such method, a body it cannot parse."""
    # Not request.url, which a query of other bytes than ASCII cannot become.
    method, path = request.method, request.scope["path"]
    status = failure.status_code if isinstance(failure, HTTPException) else 500
    if status == 404:
        return response(errors.RouteNotFound(method, path))
    if status == 405:
        allowed = _methods(request)
        answer = response(errors.MethodNotAllowed(method, path, allowed))
        answer.headers["allow"] = ", ".join(sorted(allowed))
        return answer
    detail = failure.detail if isinstance(failure, HTTPException) else ""
    return response(errors.InvalidRequest(detail or "The request is malformed."))


def _methods(request: Request) -> set[str]:
    matching = (
        route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE
    )
    return {method for route in matching for method in route.methods or ()}


def _headers(failure: Exception) -> dict[str, str]:
    if isinstance(failure, errors.ServerStopping):
        return {"retry-after": str(STOPPED_S), "connection": "close"}
    if isinstance(failure, errors.StoreFailed) and not failure.retry_after_s:
        return {}
    if isinstance(failure, errors.Busy | errors.StoreFailed):
        return {"retry-after": str(max(1, round(failure.retry_after_s)))}
    if isinstance(failure, errors.Limited):
        standing = headers.rate_limit(failure.limit, 0, failure.reset_s)
        return {"retry-after": headers.whole_seconds(failure.retry_after_s), **standing}
    return {"www-authenticate": "Bearer"} if isinstance(failure, errors.Unauthorized) else {}


def _failure(failure: Exception) -> Failure:
    if not isinstance(failure, TrinaxError):
        message = "The server failed on this request; its log says more under the x-request-id."
        return {"message": message, "type": "server_error", "param": None, "code": UNFORESEEN}
    kind = STATUSES[type(failure)][1]
    return {"message": str(failure), "type": kind, "param": failure.param, "code": failure.code}
