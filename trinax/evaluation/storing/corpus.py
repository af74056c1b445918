"""Any number of chunks that are distributed as real ones are: in words, in length, in vectors."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from trinax.documents.prose import sentence_starts
from trinax.documents.records import Chunk
from trinax.documents.tokens import count
from trinax.embedding.ports import Embedder
from trinax.evaluation.ingestion import corpora
from trinax.index.analysis import document_terms
from trinax.index.records import Entry, Files, Passage, embedded_text

SEED = 17
COLLECTION = "store"
# Sentences of a chunk, the first of them out of one page and the rest out of others.
OWN, OTHERS = 6, 3
LEAST_SENTENCE, MOST_SENTENCE = 30, 300
FILE_CHUNKS = 40
FOLDER_FILES = 100
# Files written in one go.
BATCH_FILES = 12
QUESTION_WORDS = 6


@dataclass(frozen=True, slots=True)
class Page:
    """title, and sentences of one page of documentation."""

    title: str
    sentences: Sequence[str]


@cache
def pages() -> tuple[Page, ...]:
    """What this Python and the packages installed with it say of themselves."""
    with TemporaryDirectory(prefix="trinax-bench-") as folder:
        corpora.text(Path(folder))
        texts = [path.read_text("utf-8") for path in sorted(Path(folder).iterdir())]
    found = (Page(text[2 : text.index("\n")], _sentences(text)) for text in texts)
    return tuple(page for page in found if len(page.sentences) >= OWN)


def batches(chunks: int, embedder: Embedder, first: int = 0) -> Iterator[Files]:
    """Files of FILE_CHUNKS chunks, a batch at a time, at least so many chunks in all.

    first: number of the first file. A file is the same for the same number.
    """
    files = iter(range(first, first + -(-chunks // FILE_CHUNKS)))
    while numbers := list(islice(files, BATCH_FILES)):
        yield {file_name(number): _entries(number, embedder) for number in numbers}


def rewritten(number: int, revision: int, embedder: Embedder) -> Files:
    """The file of a number as it is after so many changes: all its chunks are others."""
    return {file_name(number): _entries(number, embedder, revision)}


def file_name(number: int) -> str:
    return f"{number // FOLDER_FILES:04}/page-{number:06}.md"


def chunk_id(position: int, revision: int = 0) -> str:
    """Of a chunk, by the number of those before it, from the first file on."""
    name = f"{position // FILE_CHUNKS}/{position % FILE_CHUNKS}" + f"/{revision}" * bool(revision)
    return str(UUID(bytes=blake2b(name.encode(), digest_size=16).digest()))


def questions(number: int) -> list[str]:
    """Some words of one sentence each."""
    chance = random.Random(SEED)
    asked: list[str] = []
    while len(asked) < number:
        words = chance.choice(chance.choice(pages()).sentences).split()
        if len(words) >= QUESTION_WORDS:
            asked.append(" ".join(chance.sample(words, QUESTION_WORDS)))
    return asked


def _entries(number: int, embedder: Embedder, revision: int = 0) -> tuple[Entry, ...]:
    file = file_name(number)
    chance = random.Random(f"{SEED}/{number}" + f"/{revision}" * bool(revision))
    page = chance.choice(pages())
    first = number * FILE_CHUNKS
    chunks = [_chunk(chunk_id(first + at, revision), page, chance) for at in range(FILE_CHUNKS)]
    vectors = embedder.passages(list(map(embedded_text, chunks)))
    return tuple(
        Entry(
            Passage(COLLECTION, file, ordinal, chunk, "markdown", "en", 40_000, 1.7e9),
            vector,
            document_terms(chunk.text, chunk.context, file, "en"),
        )
        for ordinal, (chunk, vector) in enumerate(zip(chunks, vectors, strict=True))
    )


def _chunk(id: str, page: Page, chance: random.Random) -> Chunk:
    sentences = chance.sample(page.sentences, OWN)
    sentences += (chance.choice(chance.choice(pages()).sentences) for _ in range(OTHERS))
    text = " ".join(sentences)
    return Chunk(id, text, page.title, 0, len(text.encode()), 1, 1, None, count(text))


def _sentences(text: str) -> list[str]:
    starts = [0, *sentence_starts(text), len(text)]
    parts = (" ".join(text[a:b].split()) for a, b in pairwise(starts))
    return [part for part in parts if LEAST_SENTENCE <= len(part) <= MOST_SENTENCE]
