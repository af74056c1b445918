"""What the clients' own parsers insist on; fields that they can do without are left out."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict


class Named(TypedDict):
    id: str


class ModelNames(TypedDict):
    data: list[Named]


class Delta(TypedDict):
    role: NotRequired[Literal["assistant"] | None]
    content: NotRequired[str | None]
    tool_calls: NotRequired[list[dict[str, Any]] | None]


class DeltaChoice(TypedDict):
    index: int
    delta: Delta
    finish_reason: str | None


class Counts(TypedDict):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Frame(TypedDict):
    created: int
    model: str
    choices: list[DeltaChoice]


class Chunk(Frame):
    """As Zed has it, the strictest: a list of choices and whole numbers in every frame."""

    usage: NotRequired[Counts | None]


class LastChunk(Frame):
    """gptel looks for the usage on the last frame before [DONE], and nowhere else."""

    usage: Counts


class Said(TypedDict):
    role: Literal["assistant"]
    content: str


class SaidChoice(TypedDict):
    index: int
    message: Said
    finish_reason: str


class Answer(TypedDict):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[SaidChoice]
    usage: Counts


class TextChoice(TypedDict):
    index: int
    text: str
    finish_reason: str | None


class TextChunk(TypedDict):
    choices: list[TextChoice]


class Text(TypedDict):
    """As Zed reads a prediction."""

    id: str
    object: str
    created: int
    model: str
    choices: list[TextChoice]
    usage: Counts


class Vector(TypedDict):
    index: int
    embedding: list[float]


class Vectors(TypedDict):
    data: list[Vector]


class PackedVector(TypedDict):
    embedding: str


class PackedVectors(TypedDict):
    """base64, as Roo asks for them."""

    data: list[PackedVector]
    usage: dict[str, int]


class Score(TypedDict):
    index: int
    relevance_score: float


class Scores(TypedDict):
    """data: of Continue's openai provider. results: of its cohere provider."""

    data: list[Score]
    results: list[Score]


class Envelope(TypedDict):
    message: str
    type: str
    param: str | None
    code: str


class Failure(TypedDict):
    error: Envelope


class Version(TypedDict):
    """At least 0.6.4, or VS Code turns away."""

    version: Annotated[str, Field(pattern=r"^(0\.(6\.([4-9]|\d\d)|([7-9]|\d\d)\.)|[1-9])")]


class Details(TypedDict):
    format: str
    family: str
    families: list[str] | None
    parameter_size: str
    quantization_level: str


class Tag(TypedDict):
    name: str
    model: str
    modified_at: str
    size: int
    digest: str
    details: Details


class Tags(TypedDict):
    models: list[Tag]


class Shown(TypedDict):
    modelfile: str
    parameters: str
    template: str
    details: Details
    model_info: dict[str, Any]
    capabilities: list[str]


class ShownToFillIn(Shown):
    template: Annotated[str, Field(pattern=r"\.Suffix\b")]


class Line(TypedDict):
    """Of /api/chat; Zed cannot do without any of these."""

    model: str
    created_at: str
    message: Said
    done: bool
    prompt_eval_count: NotRequired[int]
    eval_count: NotRequired[int]


class Written(TypedDict):
    """Of /api/generate."""

    response: str
    done: bool


class Embedded(TypedDict):
    embeddings: list[list[float]]
