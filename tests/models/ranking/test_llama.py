from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gguf
import numpy as np
import pytest

from tests import encoder_files as files
from tests.contracts.ranker import RankerContract
from tests.gguf_files import TOKENS
from trinax.errors import InvalidRequest, ModelFailed
from trinax.models.ranking.llama import LlamaRanker

QUERY = "when is the lamp lit"
TEXTS = (
    "the lamp is lit at dusk",
    "the keeper sleeps",
    "fog horn",
    "the lamp",
    "who sleeps at dusk",
)
# llama.cpp looks GELU up in a table of half precision.
CLOSE = 2e-3
RANK = gguf.PoolingType.RANK

Open = Callable[[Path], LlamaRanker]


@pytest.fixture
def opened() -> Iterator[Open]:
    rankers: list[LlamaRanker] = []

    def open_(file: Path) -> LlamaRanker:
        rankers.append(LlamaRanker("tiny", file, threads=1))
        return rankers[-1]

    yield open_
    for ranker in rankers:
        ranker.close()


@pytest.fixture
def ranker(opened: Open, tmp_path: Path) -> LlamaRanker:
    return opened(files.write_bert(tmp_path / "tiny.gguf", RANK))


class TestLlamaRanker(RankerContract):
    @pytest.fixture
    def ranker(self, opened: Open, tmp_path: Path) -> LlamaRanker:
        return opened(files.write_bert(tmp_path / "tiny.gguf", RANK))


def sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def pair(query: str, text: str) -> list[int]:
    return [files.START, *files.ids(query), files.END, *files.ids(text)]


def test_a_score_is_the_sigmoid_of_the_classifiers_output(ranker: LlamaRanker) -> None:
    tensors = files.bert_tensors(1)
    expected = [sigmoid(files.bert_outputs(pair(QUERY, text), tensors)[0]) for text in TEXTS]
    assert ranker.scores(QUERY, TEXTS) == pytest.approx(expected, abs=CLOSE)


def test_a_vocabulary_that_asks_for_ends_gets_them(opened: Open, tmp_path: Path) -> None:
    ranker = opened(files.write_bert(tmp_path / "ends.gguf", RANK, ends=True))
    end = files.END
    row = [files.START, *files.ids(QUERY), end, end, *files.ids(TEXTS[0]), end]
    expected = sigmoid(files.bert_outputs(row, files.bert_tensors(1))[0])
    assert ranker.scores(QUERY, TEXTS[:1]) == pytest.approx([expected], abs=CLOSE)


def test_of_several_classes_the_relevant_one_counts(opened: Open, tmp_path: Path) -> None:
    classes = ("no", "perhaps", "Yes")
    ranker = opened(files.write_bert(tmp_path / "classes.gguf", RANK, classes))
    outputs = np.exp(files.bert_outputs(pair(QUERY, TEXTS[0]), files.bert_tensors(3)))
    expected = outputs[2] / outputs.sum()
    assert ranker.scores(QUERY, TEXTS[:1]) == pytest.approx([expected], abs=CLOSE)


def test_qwen3_weighs_yes_against_no(opened: Open, tmp_path: Path) -> None:
    template = "<|im_start|>{query}<tool>{document}<|im_end|>"
    ranker = opened(files.write_qwen3(tmp_path / "qwen.gguf", RANK, ("yes", "no"), template))
    row = ["<s>", "<|im_start|>", "▁", "<0x6F>", "<tool>", "▁", "<0x6E>", "<|im_end|>"]
    tensors = files.qwen3_tensors(2)
    last = files.qwen3([TOKENS.index(token) for token in row], tensors)[-1]
    yes, no = np.exp(tensors["cls.output.weight"] @ last)
    assert ranker.scores("o", ["n"]) == pytest.approx([yes / (yes + no)], abs=CLOSE)


def test_a_score_does_not_depend_on_the_texts_beside_it(ranker: LlamaRanker) -> None:
    alone = [ranker.scores(QUERY, [text])[0] for text in TEXTS]
    assert ranker.scores(QUERY, TEXTS) == pytest.approx(alone, abs=1e-5)


def test_scores_come_in_the_order_of_more_texts_than_fit_a_batch(ranker: LlamaRanker) -> None:
    expected = ranker.scores(QUERY, TEXTS)
    assert ranker.scores(QUERY, TEXTS * 60) == pytest.approx(expected * 60, abs=1e-5)


def test_no_text_gets_no_score(ranker: LlamaRanker) -> None:
    assert ranker.scores(QUERY, []) == []


def test_a_text_over_the_limit_is_judged_by_its_beginning(ranker: LlamaRanker) -> None:
    room = files.CONTEXT_TOKENS - len(pair(QUERY, ""))
    inside = " ".join(["lamp"] * room)
    ranking = ranker.ranking(QUERY, ["the lamp", inside, inside + " fog"])
    assert ranking.cut == (2,)
    assert ranking.scores[2] == pytest.approx(ranking.scores[1], abs=1e-5)


def test_a_query_that_leaves_no_room_is_refused(ranker: LlamaRanker) -> None:
    with pytest.raises(InvalidRequest, match=r"46 tokens.*takes 48") as caught:
        ranker.scores("lamp " * (files.CONTEXT_TOKENS - 2), ["the lamp"])
    assert caught.value.param == "query"


@pytest.mark.parametrize("text", ["", " \n", "\x00", "\ud800 lamp", "[SEP]", "🂡🏴‍☠️" * 50])
def test_odd_texts_get_a_score(ranker: LlamaRanker, text: str) -> None:
    assert 0 <= ranker.scores(text, [text])[0] <= 1


def test_many_threads_get_the_same_scores(ranker: LlamaRanker) -> None:
    expected = ranker.scores(QUERY, TEXTS)
    with ThreadPoolExecutor(4) as threads:
        for scores in threads.map(lambda _: ranker.scores(QUERY, TEXTS), range(16)):
            assert scores == pytest.approx(expected, abs=1e-5)


def test_an_embedder_is_refused(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(ModelFailed, match="does not rank"):
        opened(files.write_bert(tmp_path / "mean.gguf", gguf.PoolingType.MEAN))


def test_classes_that_do_not_say_which_is_relevance_are_refused(
    opened: Open, tmp_path: Path
) -> None:
    with pytest.raises(ModelFailed, match="'sports', 'politics'"):
        opened(files.write_bert(tmp_path / "topics.gguf", RANK, ("sports", "politics")))


def test_a_template_without_the_text_is_refused(opened: Open, tmp_path: Path) -> None:
    file = files.write_qwen3(tmp_path / "odd.gguf", RANK, ("yes", "no"), "Query: {query}")
    with pytest.raises(ModelFailed, match=r"lacks.*\{document\}"):
        opened(file)


def test_a_closed_ranker_says_so(ranker: LlamaRanker) -> None:
    ranker.close()
    ranker.close()
    with pytest.raises(ModelFailed, match="closed"):
        ranker.scores(QUERY, TEXTS)
