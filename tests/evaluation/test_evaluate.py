from pathlib import Path

from trinax.evaluation.datasets import Dataset, Document, load
from trinax.evaluation.evaluate import evaluate, word_run
from trinax.evaluation.outcomes import Run, scores
from trinax.evaluation.runner import Parts


def figures(run: Run) -> tuple[float, ...]:
    found = scores(run)
    return (found.ndcg_10, found.recall_10, found.recall_100, found.mrr_10)


def test_each_mode_gets_a_run(birds: Path, parts: Parts) -> None:
    runs = evaluate(load(birds), parts)
    assert [(run.dataset, run.way, len(run.outcomes)) for run in runs] == [
        ("birds", "bm25", 3),
        ("birds", "dense", 3),
        ("birds", "hybrid", 3),
    ]


def test_questions_in_the_words_of_their_documents_score_one(birds: Path, parts: Parts) -> None:
    (run,) = evaluate(load(birds), parts, modes=("hybrid",))
    assert figures(run) == (1.0, 1.0, 1.0, 1.0)


def test_every_search_takes_time(birds: Path, parts: Parts) -> None:
    (run,) = evaluate(load(birds), parts, modes=("bm25",))
    assert all(one.taken_ms > 0 for one in run.outcomes)


def test_a_long_document_counts_once(birds: Path, parts: Parts) -> None:
    long = " ".join(f"Owls hunt mice, night {night}." for night in range(400))
    with (birds / "corpus.jsonl").open("a") as corpus:
        corpus.write(f'\n{{"_id": "long", "title": "", "text": "{long}"}}')
    (run,) = evaluate(load(birds), parts, modes=("bm25",))
    assert figures(run)[1] == 1.0


def test_a_corpus_in_several_collections_ranks_as_one(birds: Path, parts: Parts) -> None:
    (run,) = evaluate(load(birds), parts, modes=("hybrid",), split=3)
    assert run.ndcg_10 == 1.0


def test_the_name_of_a_file_is_searched_and_an_id_is_not(parts: Parts) -> None:
    def found(is_file: bool) -> float:
        documents = (
            Document("zebra.md", "Animals", "They run.", "markdown", is_file),
            Document("other.md", "Plants", "They grow.", "markdown", is_file),
        )
        dataset = Dataset("names", documents, {"q1": "zebra"}, {"q1": {"zebra.md": 1}})
        (run,) = evaluate(dataset, parts, modes=("bm25",))
        return run.ndcg_10

    assert (found(True), found(False)) == (1.0, 0.0)


def test_plain_words_are_a_way_to_rank(birds: Path) -> None:
    run = word_run(load(birds))
    assert (run.way, figures(run)) == ("words", (1.0, 1.0, 1.0, 1.0))
