from threading import Thread

import pytest

from tests.retrieval.test_copies import passage
from trinax.index.reading import Reading, joined
from trinax.retrieval import reading


def terms(*read: Reading) -> list[int]:
    return [int(id) for id in joined(*read)]


def test_headings_stand_before_the_text_and_words_before_other_scripts() -> None:
    (read,) = reading.of([passage("owl 猫", context="Birds 鳥", language="zh")])
    birds, bird_gram = terms(read.context)
    owl, cat_gram = terms(read.text)
    assert terms(read.context, read.text) == [birds, owl, bird_gram, cat_gram]


def test_passages_of_several_languages_keep_their_order() -> None:
    passages = [
        passage(text, language=one) for one in ("en", "es", "en") for text in ("a", "cazan")
    ]
    found = [terms(read.text) for read in reading.of(passages)]
    assert found == [terms(reading.of([one])[0].text) for one in passages]
    assert found[1] == found[5] != found[3]


def test_what_was_read_is_remembered_until_others_were(monkeypatch: pytest.MonkeyPatch) -> None:
    held = reading._Remembered(2)
    first = held.of([("owl", "en"), ("fox", "en")])
    assert held.of([("owl", "en"), ("owl", "en")])[1] is first[0]
    held.of([("bat", "en")])  # the fox was asked for longest ago
    assert held.of([("owl", "en")])[0] is first[0]
    assert held.of([("fox", "en")])[0] is not first[1]


def test_many_threads_may_read() -> None:
    texts = [(f"word{number} owl", "en") for number in range(300)]
    wanted = reading._Remembered(300).of(texts)
    held, failed = reading._Remembered(50), []

    def read() -> None:
        for _ in range(5):
            if [*map(terms, held.of(texts))] != [*map(terms, wanted)]:
                failed.append(True)

    threads = [Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
