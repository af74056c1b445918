"""Documents ranked for a query, in the shape that Jina's and Cohere's clients share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NotRequired
from uuid import uuid4

import anyio.to_thread
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax import errors
from trinax.answering.ranking import Rankers, ranked
from trinax.answering.routing.route import AUTO
from trinax.documents import tokens
from trinax.errors import UnsupportedParameter
from trinax.models.ports import Ranking
from trinax.web.declaring.body import IGNORED, Body, Sought, Whole
from trinax.web.declaring.operation import Operation, caller
from trinax.web.wire.headers import ignored
from trinax.web.wire.sse import collected

# Jina's own limit.
DOCUMENTS_LIMIT = 2048
# Jina and Cohere 1; llama-server; vLLM and Infinity; Cohere 2.
PATHS = ("/v1/rerank", "/v1/reranking", "/rerank", "/v2/rerank")
FAILURES = (errors.UnsupportedParameter, errors.ModelNotFound, errors.Busy, errors.ModelFailed)


class RerankText(Body):
    text: str


class RerankBody(Body):
    """top_n: absent for all of them. return_documents: whether the results repeat the texts."""

    query: Sought
    documents: Annotated[list[str | RerankText], Field(min_length=1, max_length=DOCUMENTS_LIMIT)]
    model: str = AUTO
    top_n: Annotated[Whole, Field(ge=1)] | None = None
    return_documents: bool = False
    rank_fields: list[str] = Field([])
    max_chunks_per_doc: Annotated[Any, IGNORED] = None
    max_tokens_per_doc: Annotated[Any, IGNORED] = None

    @property
    def texts(self) -> list[str]:
        return [each if isinstance(each, str) else each.text for each in self.documents]


class RerankDocument(TypedDict):
    text: str


class RerankResult(TypedDict):
    """index: of the document in the request. relevance_score: in [0, 1]."""

    index: int
    relevance_score: float
    document: NotRequired[RerankDocument]


class RerankScore(TypedDict):
    index: int
    relevance_score: float


class RerankUsage(TypedDict):
    """Tokens by trinax's own tokeniser: the query once for each document."""

    prompt_tokens: int
    total_tokens: int


class RerankTokens(TypedDict):
    input_tokens: int


class RerankMeta(TypedDict):
    """warnings: which documents were judged by their beginning."""

    tokens: RerankTokens
    warnings: NotRequired[list[str]]


class RerankAnswer(TypedDict):
    """results: the best first. data: the same, where Voyage's clients and Continue's openai
    provider look for it."""

    id: str
    object: Literal["list"]
    model: str
    results: list[RerankResult]
    data: list[RerankScore]
    usage: RerankUsage
    meta: RerankMeta


@dataclass(frozen=True, slots=True)
class Rerank:
    rankers: Rankers

    def operations(self) -> list[Operation]:
        gives, headers = RerankAnswer, ("x-trinax-truncated",)
        return [
            Operation("POST", path, self.rank, gives, "chat", FAILURES, headers=headers)
            for path in PATHS
        ]

    async def rank(self, request: Request, asked: RerankBody) -> Response:
        """How well each document answers the query, best first."""
        if set(asked.rank_fields) - {"text"}:
            reason = "a document is ranked by its 'text'"
            raise UnsupportedParameter("rank_fields", reason)
        texts = asked.texts
        rankers = self.rankers.within(caller(request).models)
        ranker = await anyio.to_thread.run_sync(rankers.ranker, asked.model or AUTO)
        try:
            parts = await collected(request, ranked(ranker, asked.query, texts))
        except errors.InvalidRequest as exc:
            exc.param = exc.param or "query"
            raise
        whole = _joined(parts)
        body = await anyio.to_thread.run_sync(_answer, ranker.id, asked, texts, whole)
        cut = {"x-trinax-truncated": str(len(whole.cut))} if whole.cut else {}
        return JSONResponse(body, headers=ignored(asked.ignored) | cut)


def _joined(parts: Sequence[Ranking]) -> Ranking:
    scores: list[float] = []
    cut: list[int] = []
    for part in parts:
        cut += [len(scores) + place for place in part.cut]
        scores += part.scores
    return Ranking(tuple(scores), tuple(cut))


def _answer(model: str, asked: RerankBody, texts: Sequence[str], whole: Ranking) -> RerankAnswer:
    order = sorted(range(len(texts)), key=lambda place: (-whole.scores[place], place))
    scores: list[RerankScore] = [
        {"index": place, "relevance_score": round(whole.scores[place], 6)}
        for place in order[: asked.top_n]
    ]
    read = len(texts) * tokens.count(asked.query) + sum(map(tokens.count, texts))
    return {
        "id": f"rerank-{uuid4().hex}",
        "object": "list",
        "model": model,
        "results": [_result(score, texts, asked.return_documents) for score in scores],
        "data": scores,
        "usage": {"prompt_tokens": read, "total_tokens": read},
        "meta": _meta(read, whole.cut),
    }


def _result(score: RerankScore, texts: Sequence[str], with_text: bool) -> RerankResult:
    index = score["index"]
    shown: RerankResult = {"index": index, "relevance_score": score["relevance_score"]}
    if with_text:
        shown["document"] = {"text": texts[index]}
    return shown


def _meta(read_tokens: int, cut: Sequence[int]) -> RerankMeta:
    meta: RerankMeta = {"tokens": {"input_tokens": read_tokens}}
    if cut:
        places = ", ".join(map(str, cut))
        meta["warnings"] = [f"Judged by their beginning, for they are too long: {places}."]
    return meta
