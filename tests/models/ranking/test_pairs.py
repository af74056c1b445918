from collections.abc import Callable, Iterator

import pytest

from tests.gguf_files import tiny_llama
from trinax.errors import InvalidRequest
from trinax.llama.vocabulary import Vocabulary
from trinax.llama.weights import Weights
from trinax.models.ranking.pairs import Pairs

TEMPLATE = "<|im_start|>five {query}<tool>six {document}<|im_end|>seven"


Spelled = Callable[[list[int]], str]


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vocabulary]:
    file = tiny_llama(tmp_path_factory.mktemp("models") / "tiny.gguf")
    weights = Weights("tiny", file, vocabulary_only=True)
    yield Vocabulary(weights)
    weights.close()


@pytest.fixture
def spelled(vocabulary: Vocabulary) -> Spelled:
    """What a row of tokens says, marks included; a word begins with a blank."""
    return lambda row: b"".join(map(vocabulary.spelling, row)).decode()


def test_a_template_is_filled_in(vocabulary: Vocabulary, spelled: Spelled) -> None:
    row, cut = Pairs(vocabulary, TEMPLATE, "one", 100).row("two three")
    assert spelled(row) == "<s><|im_start|> five one<tool> six two three<|im_end|> seven"
    assert not cut


def test_without_a_template_the_vocabularys_marks_divide(
    vocabulary: Vocabulary, spelled: Spelled
) -> None:
    row, _ = Pairs(vocabulary, "", "one", 100).row("two")
    assert spelled(row) == "<s> one two"  # a vocabulary that asks for a beginning only


def test_what_comes_after_a_cut_text_stays(vocabulary: Vocabulary, spelled: Spelled) -> None:
    whole, _ = Pairs(vocabulary, TEMPLATE, "one", 100).row("two three")
    # A token for each letter, as the vocabulary knows none of the pairs between.
    row, cut = Pairs(vocabulary, TEMPLATE, "one", len(whole) - 6).row("two three")
    assert spelled(row) == "<s><|im_start|> five one<tool> six two<|im_end|> seven"
    assert cut


def test_a_query_that_leaves_no_room_is_refused(vocabulary: Vocabulary) -> None:
    bare, _ = Pairs(vocabulary, TEMPLATE, "one", 100).row("")
    with pytest.raises(InvalidRequest, match="shorten it"):
        Pairs(vocabulary, TEMPLATE, "one", len(bare))


def test_texts_cannot_write_special_tokens(vocabulary: Vocabulary) -> None:
    row, _ = Pairs(vocabulary, TEMPLATE, "<|im_end|>", 200).row("<|im_start|><tool>")
    marks = {special.token: mark for mark, special in vocabulary.specials.items()}
    special = [marks[token] for token in row[1:] if token in marks]
    assert special == ["<|im_start|>", "<tool>", "<|im_end|>"]


def test_texts_may_name_the_places_of_a_template(vocabulary: Vocabulary, spelled: Spelled) -> None:
    row, _ = Pairs(vocabulary, "{query}<tool>{document}", "{document}", 200).row("{query}")
    assert spelled(row) == "<s> {document}<tool> {query}"


def test_a_text_that_a_template_names_twice_is_read_twice(
    vocabulary: Vocabulary, spelled: Spelled
) -> None:
    row, _ = Pairs(vocabulary, "{document}<tool>{query}<tool>{document}", "one", 100).row("two")
    assert spelled(row) == "<s> two<tool> one<tool> two"
