import json

from trinax.models.chat.spans import JsonList, JsonObject, Span, Texts, tojson


def test_texts_come_back_into_their_places() -> None:
    texts = Texts()
    rendered = f"<{texts.hidden('a')}|{texts.hidden('b')}>"
    assert texts.spans(rendered) == [
        Span("<", True),
        Span("a", False),
        Span("|", True),
        Span("b", False),
        Span(">", True),
    ]


def test_blank_text_hides_nothing() -> None:
    assert Texts().hidden(" \n") == " \n"


def test_names_are_the_same_where_they_are_the_same() -> None:
    texts = Texts()
    assert texts.name("a") == texts.name("a") != texts.name("b")


def test_text_in_json_is_escaped_as_often_as_it_was_written_into_it() -> None:
    texts, said = Texts(), 'a "b"\n'
    once = tojson([texts.hidden(said)])
    [text] = json.loads("".join(span.text for span in texts.spans(once)))
    assert text == said
    [inner] = json.loads("".join(span.text for span in texts.spans(tojson([once]))))
    assert json.loads(inner) == [said]


def test_a_schemas_own_words_can_be_looked_at() -> None:
    texts = Texts()
    schema = texts.schema({"type": "object", "properties": {"type": {"type": "secret"}}})
    [(key, value)] = schema["properties"].items()
    assert schema["type"] == "object"
    assert key != "type"
    assert value["type"] != "secret"


def test_objects_read_as_json_where_they_are_taken_for_text() -> None:
    assert "a" + JsonObject(b=True) + "c" == 'a{"b": true}c'
    assert f"{JsonList([None, JsonObject()])}" == "[null, {}]"


def test_a_prompt_is_complete_with_all_that_is_wanted_and_nothing_unknown() -> None:
    texts = Texts()
    first, second = texts.hidden("a"), texts.hidden("b")
    assert texts.complete(first + second, [first, second])
    assert not texts.complete(first, [first, second])
    assert not texts.complete("", [])
    assert not texts.complete("@@TRINAX000009-0@@", [])
