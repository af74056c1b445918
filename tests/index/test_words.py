import random

import pytest

from trinax.index.words import COMPOUND, compound, folded, normalised, runs


@pytest.mark.parametrize(
    ("word", "whole", "parts"),
    [
        ("getUserName", "getusername", ("get", "user", "name")),
        ("HTTPServer", "httpserver", ("http", "server")),
        ("max_chunk_tokens", "maxchunktokens", ("max", "chunk", "tokens")),
        ("__init__", "", ("init",)),
        ("os.path.join", "os.path.join", ("os", "path", "join")),
        ("3.11.7", "3.11.7", ("3", "11", "7")),
        ("E1234", "", ("e1234",)),
        ("IL-6", "il6", ("il", "6")),
        ("well-known", "", ("well", "known")),
        ("C++", "c++", ("c",)),
        ("c#", "c#", ("c",)),
        (".net", ".net", ("net",)),
        ("Straße", "", ("strasse",)),
        ("plain", "", ("plain",)),
        ("___", "", ()),
    ],
)
def test_a_word_is_kept_and_taken_apart(word: str, whole: str, parts: tuple[str, ...]) -> None:
    assert compound(word) == (whole, parts)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Call getUserName(), then stop.", ["Call", "getUserName", "then", "stop"]),
        ("C++ and c#, but a+b", ["C++", "and", "c#", "but", "a", "b"]),
        (".NET or ASP.NET", [".NET", "or", "ASP.NET"]),
        ("src/web/app.py:12", ["src", "web", "app.py", "12"]),
        ("--data-dir=var", ["data-dir", "var"]),
        ("l'homme d’État", ["l", "homme", "d", "État"]),
        ("End.", ["End"]),
        ("मानक हिन्दी", ["मानक", "हिन्दी"]),
        ("naïve _ __ --", ["naïve", "_", "__"]),
    ],
)
def test_words_are_found_in_text(text: str, words: list[str]) -> None:
    assert COMPOUND.findall(text) == words


@pytest.mark.parametrize("letters", ["aB1._-+#() \n\t\x1c,/", "aB1._-+#() \n’éＡß̈नि—\u2028"])
def test_no_word_goes_on_from_one_run_to_the_next(letters: str) -> None:
    chance = random.Random(7)
    for _ in range(3000):
        text = "".join(chance.choices(letters, k=20))
        found = [word for run in runs(text) for word in COMPOUND.findall(run)]
        assert found == COMPOUND.findall(text)


def test_forms_of_one_character_become_one() -> None:
    assert normalised("ﬁle Ａ e\u0301 co\u00adoperate") == "file A é cooperate"


def test_accents_fold_but_signs_of_other_scripts_stay() -> None:
    assert folded("résumé") == "resume"
    assert folded("ёлка") == "елка"
    assert folded("हिन्दी") == "हिन्दी"
