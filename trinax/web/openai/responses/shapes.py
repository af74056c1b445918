"""The Responses API's answer and its events, as JSON."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from trinax.web.wire import rendering

Status = Literal["in_progress", "completed", "incomplete"]


class ResponseFileCitation(TypedDict):
    """index: of the citation in the text, in characters."""

    type: Literal["file_citation"]
    file_id: str
    filename: str
    index: int


class ResponseUrlCitation(TypedDict):
    type: Literal["url_citation"]
    url: str
    title: str
    start_index: int
    end_index: int


ResponseAnnotation = ResponseFileCitation | ResponseUrlCitation


class ResponseText(TypedDict):
    type: Literal["output_text"]
    text: str
    annotations: list[ResponseAnnotation]
    logprobs: list[rendering.Logprob]


class ResponseMessage(TypedDict):
    id: str
    type: Literal["message"]
    status: Status
    role: Literal["assistant"]
    content: list[ResponseText]


class ResponseReasoningText(TypedDict):
    type: Literal["reasoning_text"]
    text: str


class ResponseSummaryText(TypedDict):
    type: Literal["summary_text"]
    text: str


class ResponseReasoning(TypedDict):
    """summary: empty, for what was thought is shown as it is."""

    id: str
    type: Literal["reasoning"]
    status: Status
    summary: list[ResponseSummaryText]
    content: list[ResponseReasoningText]


class ResponseFunctionCall(TypedDict):
    id: str
    type: Literal["function_call"]
    status: Status
    call_id: str
    name: str
    arguments: str


class ResponseWebAddress(TypedDict):
    type: Literal["url"]
    url: str


class ResponseWebQuery(TypedDict):
    type: Literal["search"]
    query: str
    queries: list[str]
    sources: list[ResponseWebAddress]


class ResponseWebSearch(TypedDict):
    id: str
    type: Literal["web_search_call"]
    status: Literal["in_progress", "completed", "failed"]
    action: ResponseWebQuery


ResponseItem = ResponseMessage | ResponseReasoning | ResponseFunctionCall | ResponseWebSearch
ResponseContent = ResponseText | ResponseReasoningText


class ResponseInputDetails(TypedDict):
    cached_tokens: int
    cache_write_tokens: Literal[0]


class ResponseOutputDetails(TypedDict):
    reasoning_tokens: int


class ResponseUsage(TypedDict):
    input_tokens: int
    input_tokens_details: ResponseInputDetails
    output_tokens: int
    output_tokens_details: ResponseOutputDetails
    total_tokens: int


class ResponseError(TypedDict):
    code: str
    message: str


class ResponseIncomplete(TypedDict):
    reason: Literal["max_output_tokens"]


class ResponseFormat(TypedDict):
    """name, schema, strict: of a "json_schema"."""

    type: Literal["text", "json_object", "json_schema"]
    name: NotRequired[str]
    schema: NotRequired[dict[str, Any]]
    strict: NotRequired[bool]


class ResponseTextConfig(TypedDict):
    format: ResponseFormat


class ResponseReasoningConfig(TypedDict):
    effort: str | None
    summary: None


class ResponseDetails(TypedDict):
    """What trinax says of an answer, as under a chat completion."""

    model: str
    project: None
    route: rendering.Route
    sources: list[rendering.Source]
    grounding: rendering.Grounding
    left_out: rendering.LeftOut
    timing: dict[str, float]


class ResponseObject(TypedDict):
    """temperature, top_p: null for the model's own. trinaxai: once it is complete."""

    id: str
    object: Literal["response"]
    created_at: int
    completed_at: int | None
    status: Literal["in_progress", "completed", "incomplete", "failed"]
    background: Literal[False]
    error: ResponseError | None
    incomplete_details: ResponseIncomplete | None
    instructions: str | None
    max_output_tokens: int | None
    max_tool_calls: None
    metadata: dict[str, str]
    model: str
    output: list[ResponseItem]
    parallel_tool_calls: bool
    previous_response_id: None
    reasoning: ResponseReasoningConfig
    service_tier: Literal["default"]
    store: Literal[False]
    temperature: float | None
    text: ResponseTextConfig
    tool_choice: str | dict[str, Any]
    tools: list[dict[str, Any]]
    top_logprobs: int
    top_p: float | None
    truncation: Literal["auto", "disabled"]
    usage: ResponseUsage | None
    trinaxai: NotRequired[ResponseDetails]


Moment = Literal[
    "response.created",
    "response.in_progress",
    "response.completed",
    "response.incomplete",
    "response.failed",
]


class ResponseLifecycle(TypedDict):
    type: Moment
    sequence_number: int
    response: ResponseObject


class ResponseItemEvent(TypedDict):
    type: Literal["response.output_item.added", "response.output_item.done"]
    sequence_number: int
    output_index: int
    item: ResponseItem


class ResponseSearchEvent(TypedDict):
    type: Literal["response.web_search_call.completed"]
    sequence_number: int
    output_index: int
    item_id: str


class ResponsePartEvent(TypedDict):
    type: Literal["response.content_part.added", "response.content_part.done"]
    sequence_number: int
    output_index: int
    item_id: str
    content_index: int
    part: ResponseContent


class ResponseTextDelta(TypedDict):
    type: Literal["response.output_text.delta"]
    sequence_number: int
    output_index: int
    item_id: str
    content_index: int
    delta: str
    logprobs: list[rendering.Logprob]


class ResponseTextDone(TypedDict):
    type: Literal["response.output_text.done"]
    sequence_number: int
    output_index: int
    item_id: str
    content_index: int
    text: str
    logprobs: list[rendering.Logprob]


class ResponseAnnotationEvent(TypedDict):
    type: Literal["response.output_text.annotation.added"]
    sequence_number: int
    output_index: int
    item_id: str
    content_index: int
    annotation_index: int
    annotation: ResponseAnnotation


class ResponseReasoningDelta(TypedDict):
    type: Literal["response.reasoning_text.delta"]
    sequence_number: int
    output_index: int
    item_id: str
    content_index: int
    delta: str


class ResponseReasoningDone(TypedDict):
    type: Literal["response.reasoning_text.done"]
    sequence_number: int
    output_index: int
    item_id: str
    content_index: int
    text: str


class ResponseArgumentsDelta(TypedDict):
    type: Literal["response.function_call_arguments.delta"]
    sequence_number: int
    output_index: int
    item_id: str
    delta: str


class ResponseArgumentsDone(TypedDict):
    type: Literal["response.function_call_arguments.done"]
    sequence_number: int
    output_index: int
    item_id: str
    name: str
    arguments: str


ResponseEvent = (
    ResponseLifecycle
    | ResponseItemEvent
    | ResponseSearchEvent
    | ResponsePartEvent
    | ResponseTextDelta
    | ResponseTextDone
    | ResponseAnnotationEvent
    | ResponseReasoningDelta
    | ResponseReasoningDone
    | ResponseArgumentsDelta
    | ResponseArgumentsDone
)
