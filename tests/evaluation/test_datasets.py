from dataclasses import replace
from pathlib import Path

import pytest

from trinax.errors import InvalidRequest
from trinax.evaluation.datasets import Document, load, over


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "d1", "title": "Birds", "text": "A swallow."}\n{"_id": "d2", "text": "x"}\n'
    )
    (tmp_path / "queries.jsonl").write_text(
        '{"_id": "q1", "text": "Which bird?"}\n{"_id": "q2", "text": "What else?"}\n'
    )
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td2\t0\n")
    return tmp_path


def test_a_dataset_is_three_files(folder: Path) -> None:
    dataset = load(folder)
    assert dataset.name == folder.name
    assert dataset.corpus == (Document("d1", "Birds", "A swallow."), Document("d2", "", "x"))
    assert dataset.queries == {"q1": "Which bird?", "q2": "What else?"}
    assert dataset.qrels == {"q1": {"d1": 2}, "q2": {"d2": 0}}


def test_only_queries_with_a_relevant_document_are_judged(folder: Path) -> None:
    assert load(folder).judged() == ["q1"]


def test_qrels_may_lack_their_header(folder: Path) -> None:
    (folder / "qrels.tsv").write_text("q1\td1\t1\n")
    assert load(folder).qrels == {"q1": {"d1": 1}}


def test_answers_may_say_which_queries_have_none(folder: Path) -> None:
    (folder / "answers.jsonl").write_text(
        '{"_id": "q1", "is_impossible": false}\n{"_id": "q2", "is_impossible": true}\n'
    )
    assert load(folder).unanswerable == {"q2"}


def test_answers_are_strings_of_which_each_is_one(folder: Path) -> None:
    (folder / "answers.jsonl").write_text('{"_id": "q1", "answers": ["1973", 12]}\n{"_id": "q2"}')
    assert load(folder).answers == {"q1": ("1973", "12"), "q2": ()}


def test_answers_that_are_no_list_are_named(folder: Path) -> None:
    (folder / "answers.jsonl").write_text('{"_id": "q1", "answers": "1973"}')
    with pytest.raises(InvalidRequest, match=r"answers\.jsonl, line 1: 'answers' must be a list"):
        load(folder)


def test_a_line_separator_inside_a_text_is_no_line_end(folder: Path) -> None:
    (folder / "corpus.jsonl").write_text('{"_id": "d1", "text": "one\u2028two"}\n')
    assert load(folder).corpus == (Document("d1", "", "one\u2028two"),)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus.jsonl", '{"_id": "d1", "text": "x"}\n{', "corpus.jsonl, line 2: not JSON"),
        ("corpus.jsonl", '{"_id": "d1"}', "corpus.jsonl, line 1: the field 'text' is missing"),
        ("queries.jsonl", "[]", "queries.jsonl, line 1: a JSON object is expected"),
        ("qrels.tsv", "q1\td1\tgood\n", "qrels.tsv, line 1: query id"),
        ("qrels.tsv", "q1 d1 1\n", "qrels.tsv, line 1: query id"),
    ],
)
def test_a_broken_file_is_named_with_its_line(
    folder: Path, file: str, content: str, message: str
) -> None:
    (folder / file).write_text(content)
    with pytest.raises(InvalidRequest, match=message):
        load(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "qrels.tsv").unlink()
    with pytest.raises(InvalidRequest, match=r"qrels\.tsv cannot be read"):
        load(folder)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    (tmp_path / "birds").mkdir()
    (tmp_path / "birds" / "owls.md").write_text("# Owls\n\nOwls hunt at night.\n")
    (tmp_path / "bread.txt").write_text("Rye needs rest.\n")
    (tmp_path / ".hidden.txt").write_text("Not for search.\n")
    (tmp_path / "questions.jsonl").write_text(
        '{"question": "When do owls hunt?", "files": ["birds/owls.md"]}\n'
        '{"question": "Who sings?", "files": []}\n'
    )
    return tmp_path


def test_a_folder_of_documents_with_questions_is_a_dataset(documents: Path) -> None:
    dataset = load(documents)
    assert {(one.id, one.title, one.kind) for one in dataset.corpus} == {
        ("birds/owls.md", "Owls", "markdown"),
        ("bread.txt", "bread", "text"),
    }
    assert dataset.queries == {"q1": "When do owls hunt?", "q2": "Who sings?"}
    assert dataset.qrels["q1"] == {"birds/owls.md": 1}
    assert dataset.judged() == ["q1"]
    assert dataset.unanswerable == {"q2"}


def test_a_corpus_comes_before_questions(folder: Path) -> None:
    (folder / "questions.jsonl").write_text("no JSON")
    assert load(folder).judged() == ["q1"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"question": "x", "files": ["no.md"]}', "line 1: 'no.md' is no file that can be indexed"),
        ('{"question": "x", "files": ["questions.jsonl"]}', "'questions.jsonl' is no file"),
        ('{"question": "x", "files": "bread.txt"}', "'files' must be a list"),
        ('{"text": "x"}', "the field 'question' is missing"),
    ],
)
def test_a_wrong_question_is_named(documents: Path, line: str, message: str) -> None:
    (documents / "questions.jsonl").write_text(line)
    with pytest.raises(InvalidRequest, match=message):
        load(documents)


def test_questions_may_be_asked_over_another_corpus(folder: Path, birds: Path) -> None:
    other = load(birds)
    asked = replace(load(folder), qrels={"q1": {"owl": 1}})
    assert over(asked, other).corpus == other.corpus
    assert over(asked, other).name == f"{folder.name} over birds"


def test_another_corpus_needs_the_same_ids(folder: Path, birds: Path) -> None:
    with pytest.raises(InvalidRequest, match="the same ids"):
        over(load(folder), load(birds))
