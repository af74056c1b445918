"""What Ollama's clients ask at start: who is there, and with which models."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax import __version__, errors
from trinax.models.pool import Pool
from trinax.models.ports import ModelInfo
from trinax.settings import Models
from trinax.web.declaring.body import Body
from trinax.web.declaring.operation import Operation, caller
from trinax.web.ollama import models

# Of the Ollama whose routes these are: VS Code asks for 0.6.4 at least, and others for more.
SPOKEN_VERSION = "0.13.0"


class OllamaVersion(TypedDict):
    """version: of the Ollama that these routes are like. trinax: this server's own."""

    version: str
    trinax: str


class OllamaShowBody(Body):
    """name: model's older name."""

    model: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class OllamaCatalogue:
    """since: the date of models that have none."""

    pool: Pool
    settings: Models
    since: datetime = field(default_factory=partial(datetime.now, UTC))

    def operations(self) -> list[Operation]:
        ps, show, unknown = models.OllamaProcesses, models.OllamaShown, (errors.ModelNotFound,)
        return [
            Operation("GET", "/api/version", self.version, OllamaVersion),
            Operation("GET", "/api/tags", self.tags, models.OllamaModels, "chat"),
            Operation("GET", "/api/ps", self.ps, ps, "chat"),
            Operation("POST", "/api/show", self.show, show, "chat", unknown),
        ]

    async def version(self, request: Request) -> Response:
        """The version of Ollama that a client may take this server for."""
        body: OllamaVersion = {"version": SPOKEN_VERSION, "trinax": __version__}
        return JSONResponse(body)

    async def tags(self, request: Request) -> Response:
        """The models that can be named, `auto` first."""

        pool = self.pool.within(caller(request).models)

        def found() -> models.OllamaModels:
            offered = models.offered(pool.infos(), pool.candidates())
            return {
                "models": [models.listed(each, _header(pool, each), self.since) for each in offered]
            }

        return JSONResponse(await anyio.to_thread.run_sync(found))

    async def ps(self, request: Request) -> Response:
        """The models that are in memory, the last used first."""

        def found() -> models.OllamaProcesses:
            held = self.pool.within(caller(request).models).held()
            on_gpu = bool(held) and self.settings.gpu_layers != 0 and _offloads()
            keep_alive_s = self.settings.keep_alive_s
            return {"models": [models.running(each, keep_alive_s, on_gpu) for each in held]}

        return JSONResponse(await anyio.to_thread.run_sync(found))

    async def show(self, request: Request, asked: OllamaShowBody) -> Response:
        """What a model can do, and how long a conversation with it may be."""

        pool = self.pool.within(caller(request).models)

        def found() -> models.OllamaShown:
            infos = pool.infos()
            named = models.named(asked.model or asked.name, infos)
            info = models.found(named, infos, pool.candidates())
            return models.shown(info, _header(pool, info), self.since)

        return JSONResponse(await anyio.to_thread.run_sync(found))


def _header(pool: Pool, info: ModelInfo) -> models.Metadata:
    return pool.metadata(info.id) if models.is_file(info) else {}


def _offloads() -> bool:
    # It is there already wherever a model is in memory; llama_cpp takes 0.8 s to import.
    from trinax.llama.library import offloads

    return offloads()
